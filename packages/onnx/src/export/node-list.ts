import { sizeOf } from '@lacuna/models';
import type { OnnxAttribute, OnnxNode, OnnxTensor } from '../proto/model.js';
import { dataTypes, floatTensor, halfTensor, intTensor } from '../proto/tensors.js';

/** What an ONNX attribute may be given as: whole numbers are ints, `{ float }` is a float, text is a string. */
export type AttributeValue = number | string | readonly number[] | { readonly float: number };

/** Prefix of numbers that belong to the graph and not to the weights. */
export const CONSTANT = 'constant/';

/** Nodes and numbers of an ONNX graph while it grows. Equal constants are stored once. */
export class NodeList {
  readonly nodes: OnnxNode[] = [];
  readonly initializers: OnnxTensor[] = [];
  private readonly known = new Map<string, string>();
  private readonly labels = new Map<string, number>();
  private readonly precision: 'float32' | 'float16';

  constructor(precision: 'float32' | 'float16') {
    this.precision = precision;
  }

  /** Adds a node with one output and gives the output's name. */
  node(
    opType: string,
    input: readonly string[],
    attributes: Readonly<Record<string, AttributeValue>> = {},
    options: { name?: string; docString?: string } = {},
  ): string {
    const label = this.freshLabel(options.name ?? `${opType}_${this.nodes.length}`);
    const output = `${label}/out`;
    this.nodes.push({
      input,
      output: [output],
      name: label,
      opType,
      attribute: Object.entries(attributes).map(([name, value]) => attribute(name, value)),
      ...(options.docString === undefined ? {} : { docString: options.docString }),
    });
    return output;
  }

  /** Gives the graph's result its public name. */
  renameOutput(from: string, to: string): void {
    const at = this.nodes.findIndex((node) => node.output[0] === from);
    if (at < 0) this.nodes.push({ input: [from], output: [to], name: to, opType: 'Identity', attribute: [] });
    else this.nodes[at] = { ...this.nodes[at], output: [to] };
  }

  /** A name that no node has: the same layer may be called more than once. */
  private freshLabel(wanted: string): string {
    const count = this.labels.get(wanted) ?? 0;
    this.labels.set(wanted, count + 1);
    return count === 0 ? wanted : `${wanted}#${count + 1}`;
  }

  /** A weight under its own name; float16 ones are widened again when the model is loaded. */
  weight(name: string, dims: readonly number[], values: Float32Array): string {
    const key = `${name} ${dims.join('x')}`;
    const earlier = this.known.get(key);
    if (earlier !== undefined) return earlier;
    const half = this.precision === 'float16';
    this.initializers.push((half ? halfTensor : floatTensor)(name, dims, values));
    const read = half ? this.node('Cast', [name], { to: dataTypes.float }, { name: `${name}/widened` }) : name;
    this.known.set(key, read);
    return read;
  }

  /** Fixed numbers of the graph, always float32. */
  constant(dims: readonly number[], values: Float32Array | readonly number[]): string {
    const array = Float32Array.from(values);
    const written = sizeOf(dims) <= 64 ? `float ${dims.join('x')}: ${[...array].join(',')}` : null;
    return this.stored(written, (name) => floatTensor(name, dims, array));
  }

  /** Axes, paddings and the like, int64. */
  ints(values: readonly number[]): string {
    return this.stored(`int ${values.join(',')}`, (name) => intTensor(name, [values.length], values));
  }

  private stored(key: string | null, make: (name: string) => OnnxTensor): string {
    const earlier = key === null ? undefined : this.known.get(key);
    if (earlier !== undefined) return earlier;
    const name = `${CONSTANT}${this.initializers.length}`;
    this.initializers.push(make(name));
    if (key !== null) this.known.set(key, name);
    return name;
  }
}

/** AttributeProto's numbers of its types. */
const kinds = { float: 1, int: 2, string: 3, ints: 7 } as const;

function attribute(name: string, value: AttributeValue): OnnxAttribute {
  if (typeof value === 'number') return { name, type: kinds.int, i: value };
  if (typeof value === 'string') return { name, type: kinds.string, s: new TextEncoder().encode(value) };
  if ('float' in value) return { name, type: kinds.float, f: value.float };
  return { name, type: kinds.ints, ints: value };
}

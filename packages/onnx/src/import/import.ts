import { InputError, nearestName } from '@lacuna/core';
import { Graph, type Tensor } from '@lacuna/models';
import { channelsFirst, channelsLast, isImageRank } from '../axes.js';
import { CONSTANT } from '../export/node-list.js';
import { metadataOf, parseMetadata, type OnnxMetadata } from '../metadata.js';
import { decodeModel } from '../proto/codec.js';
import type { OnnxNode } from '../proto/model.js';
import { damaged } from '../proto/wire.js';
import { layoutOf, portOf } from '../signature.js';
import { readComposite } from './composites.js';
import { readers } from './operations.js';
import { Reading, numbersOf, type Value } from './reading.js';
import { sizeReaders } from './sizes.js';

/** An ONNX file as a model of ours. */
export interface ImportedModel {
  /**
   * Adds the model to a graph: an image [n,h,w,c], to what the file's output is. Its weights are made under the names
   * that the file gives them.
   */
  readonly build: (g: Graph, lr: Tensor) => Tensor;
  /** The same, to all outputs in the order of the file: the network of a model of ours with a head comes second. */
  readonly buildAll: (g: Graph, lr: Tensor) => readonly Tensor[];
  /** Weights by name in the shapes of our graph: filters HWIO. */
  readonly weights: Readonly<Record<string, { readonly shape: readonly number[]; readonly values: Float32Array }>>;
  /** What a file of ours says of itself; null for another maker's. */
  readonly metadata: OnnxMetadata | null;
}

/**
 * Reads the graph out of an ONNX file: what {@link exportOnnx} wrote comes back op for op, and so does a convolutional
 * model of another maker whose ops our graph has. Numbers are read once; `build` may be called for any size.
 * @throws {InputError} if the file is damaged, or has an op or an option that our graph lacks.
 */
export function importOnnx(bytes: Uint8Array): ImportedModel {
  const model = decodeModel(bytes);
  const { graph } = model;
  const numbers = new Map<string, Value>(
    graph.initializer.map((tensor) => [tensor.name ?? '', numbersOf(tensor.name ?? '', tensor)]),
  );
  const inputs = graph.input.filter(({ name }) => !numbers.has(name));
  const metadata = parseMetadata(metadataOf(model));
  if (inputs.length !== 1 || graph.output.length !== (metadata?.networkHead ? 2 : 1))
    throw new InputError({
      who: 'ONNX file',
      got: `${inputs.length} inputs and ${graph.output.length} outputs`,
      wanted: 'one image in, one image out',
    });
  const layout = metadata?.layout ?? layoutOf(portOf(inputs[0])) ?? 'nchw';
  const weights = new Map<string, { shape: readonly number[]; values: Float32Array }>();
  const buildAll = (g: Graph, lr: Tensor): Tensor[] => {
    const values = new Map(numbers);
    values.set(inputs[0].name, { kind: 'tensor', tensor: lr, layout: layout === 'nchw' ? 'image' : 'plain' });
    const unread = new Map<string, OnnxNode>();
    for (const node of graph.node) {
      const { opType, output, input } = node;
      // Constant nodes are numbers as initializers are.
      const stored = opType === 'Constant' ? node.attribute?.find(({ name }) => name === 'value')?.t : undefined;
      if (stored) {
        values.set(output[0], numbersOf(output[0], stored));
        continue;
      }
      // Nodes of a composite are read together, at its last: what those before it make is never asked for.
      const behind = input.map((name) => unread.get(name)).find((op) => op !== undefined);
      const value = readNode(new Reading(g, node, values, weights), values, behind !== undefined);
      if (value === null) {
        unread.set(output[0], behind ?? node);
        continue;
      }
      // Widened weights keep their own name.
      const isWidened = opType === 'Cast' && value.kind === 'numbers' && !value.name.startsWith(CONSTANT);
      values.set(output[0] ?? '', isWidened ? { ...value, name: input[0] } : value);
    }
    return graph.output.map(({ name }) => {
      const op = unread.get(name);
      if (op !== undefined) throw unknownOp(op.opType, op.domain);
      const result = values.get(name);
      if (result?.kind !== 'tensor') throw damaged(`an output ${name} that no node makes`);
      const rank = result.tensor.shape.length;
      if (!isImageRank(rank)) throw damaged(`an output of ${rank} axes`);
      if (layout === 'nhwc' ? result.layout === 'plain' : result.layout === 'image') return result.tensor;
      return g.transpose(result.tensor, layout === 'nhwc' ? channelsFirst(rank) : channelsLast(rank));
    });
  };
  // Built once at a size of its own: what cannot be read is said here, and the weights are known.
  const { dims } = portOf(inputs[0]);
  const channels = metadata?.slices ? channelsOf(dims, layout) : (metadata?.channels ?? channelsOf(dims, layout));
  const multiples =
    (metadata?.volume ?? metadata?.slices)?.multiple ?? new Array<number>(2).fill(metadata?.multiple ?? 1);
  const sizes = multiples.length === dims.length - 2 ? multiples : dims.slice(2).map(() => metadata?.multiple ?? 1);
  const g = new Graph();
  buildAll(g, g.input('lr', [1, ...sizes.map((multiple) => Math.ceil(16 / multiple) * multiple), channels]));
  return { build: (g, lr) => buildAll(g, lr)[0], buildAll, weights: Object.fromEntries(weights), metadata };
}

/**
 * What a node makes; null where nothing here reads it, or what it needs was not read.
 * @param lacks an input that was not read.
 */
function readNode(reading: Reading, values: ReadonlyMap<string, Value>, lacks: boolean): Value | null {
  const { opType, domain } = reading.node;
  if (domain && domain !== 'ai.onnx') return null;
  const composite = readComposite(reading, values);
  if (composite !== null || lacks) return composite;
  return sizeReaders[opType]?.(reading) ?? readers[opType]?.(reading) ?? null;
}

function channelsOf(dims: readonly (number | string | null)[], layout: 'nchw' | 'nhwc'): number {
  const channels = layout === 'nchw' ? dims[1] : dims.at(-1);
  if (!isImageRank(dims.length) || typeof channels !== 'number')
    throw new InputError({
      who: 'ONNX file',
      got: `an input of size ${dims.map((length) => length ?? '?').join(' x ') || 'unknown'}`,
      wanted: 'an image with a fixed number of channels',
    });
  return channels;
}

function unknownOp(opType: string, domain = ''): InputError {
  const near = nearestName(opType, Object.keys(readers));
  return new InputError({
    who: 'ONNX file',
    got: `op ${domain ? `${domain}.` : ''}${opType}`,
    wanted: `ops that our graph has${near ? ` (such as ${near})` : ''}`,
    remedy: 'the file may still run as it is; only its graph cannot be read',
  });
}

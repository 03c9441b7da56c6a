import { InputError, ShapeError } from '@lacuna/core';
import { Graph, formatShape, planesIn, type Tensor } from '@lacuna/models';
import { writeMetadata, type OnnxMetadata } from '../metadata.js';
import { encodeModel } from '../proto/codec.js';
import type { OnnxValue } from '../proto/model.js';
import { dataTypes } from '../proto/tensors.js';
import { lowerGraph } from './lower.js';
import type { Weights } from './lowering.js';
import type { NodeList } from './node-list.js';

/** What {@link exportOnnx} is told. */
export interface ExportOptions {
  /**
   * Adds the generator to a graph: LR [n, spatial, c] to SR [n, spatial·factor, c], and beside it to the probability of
   * network [n, spatial·factor, 1] where it has a head. Called with several sizes.
   */
  readonly generator: (g: Graph, lr: Tensor) => Tensor | { readonly sr: Tensor; readonly network: Tensor | null };
  readonly weights: Weights;
  readonly metadata: OnnxMetadata;
  /** How weights are stored; all is computed in float32. */
  readonly precision?: 'float32' | 'float16';
  /** Version of what wrote the file. */
  readonly producerVersion?: string;
}

/** Operator set and file format of what is written: ONNX 1.13 (2022) and all since read them. */
const OPSET = 18;
const IR_VERSION = 8;

/** Spatial axes as the file names them. */
const axisNames: Readonly<Record<number, readonly string[]>> = {
  2: ['height', 'width'],
  3: ['depth', 'height', 'width'],
};

/** What each spatial axis of the model asks for. */
function axesOf({ factor, multiple, volume, slices }: OnnxMetadata) {
  return volume ?? slices ?? { factor: [factor, factor], multiple: [multiple, multiple] };
}

/**
 * Writes a generator as an ONNX model.
 *
 * Input `lr` [batch, channels, height, width], output `sr` [batch, channels, sr_height, sr_width], float32, and of a
 * model with a head a second one, `network` [batch, 1, sr_height, sr_width]; for volumes a depth comes before the
 * height, and of planes with their neighbours the input has the channels of each. Batch and spatial sizes are free,
 * the latter multiples of `metadata.multiple` (or of `metadata.volume`'s). That nothing depends on the size is checked:
 * the graph is written for two sizes, which must come out the same.
 * @throws {InputError} for a graph that ONNX has no ops for, or in which a number depends on the image's size.
 */
export function exportOnnx(options: ExportOptions): Uint8Array {
  const { metadata, precision = 'float32' } = options;
  const { channels } = metadata;
  const channelsIn = channels * (metadata.slices ? planesIn(metadata.slices.slicing) : 1);
  const { multiple } = axesOf(metadata);
  const names = axisNames[multiple.length];
  const fit = (least: number, axis: number) => Math.ceil(least / multiple[axis]) * multiple[axis];
  const small = multiple.map((_, axis) => fit(axis === multiple.length - 1 ? 24 : 16, axis));
  const large = multiple.map((each, axis) => (axis === multiple.length - 1 ? fit(16, axis) : fit(24, axis) + each));
  const written = write(options, [1, ...small, channelsIn], precision);
  requireSame(metadata.name, written, write(options, [2, ...large, channelsIn], precision));
  const image = (name: string, prefix: string, count: number): OnnxValue => ({
    name,
    type: {
      tensorType: {
        elemType: dataTypes.float,
        shape: {
          dim: [{ dimParam: 'batch' }, { dimValue: count }, ...names.map((axis) => ({ dimParam: `${prefix}${axis}` }))],
        },
      },
    },
  });
  const { factor } = axesOf(metadata);
  const times = metadata.volume ? `${factor.join(' x ')} (z, y, x)` : [...new Set(factor)].join(' x ');
  return encodeModel({
    irVersion: IR_VERSION,
    producerName: 'lacuna',
    ...(options.producerVersion === undefined ? {} : { producerVersion: options.producerVersion }),
    opsetImport: [{ domain: '', version: OPSET }],
    docString: `${metadata.name}: enlarges images ${times} times`,
    graph: {
      name: metadata.name,
      node: written.nodes,
      initializer: written.initializers,
      input: [image('lr', '', channelsIn)],
      output: [image('sr', 'sr_', channels), ...(metadata.networkHead ? [image('network', 'sr_', 1)] : [])],
    },
    metadata: writeMetadata(metadata),
  });
}

function write(
  { generator, weights, metadata }: ExportOptions,
  shape: readonly number[],
  precision: 'float32' | 'float16',
): NodeList {
  const { name, layout, channels } = metadata;
  if (layout !== 'nchw') throw new InputError({ who: `export of ${name}`, got: `layout ${layout}`, wanted: 'nchw' });
  const g = new Graph();
  const lr = g.input('lr', shape);
  const made = generator(g, lr);
  const { sr, network } = 'op' in made ? { sr: made, network: null } : made;
  const { factor } = axesOf(metadata);
  const sizes = shape.slice(1, -1).map((length, axis) => length * factor[axis]);
  const wanted = [shape[0], ...sizes, channels];
  if (formatShape(sr.shape) !== formatShape(wanted))
    throw new ShapeError({
      who: `export of ${name}`,
      got: `SR of ${formatShape(sr.shape)}`,
      wanted: `${formatShape(wanted)} for LR of ${formatShape(shape)}`,
    });
  if ((network !== null) !== (metadata.networkHead === true))
    throw new InputError({
      who: `export of ${name}`,
      got: network === null ? 'no network' : 'a network that the metadata do not name',
      wanted: 'a second output where metadata.networkHead says so',
    });
  return lowerGraph(lr, network === null ? { sr } : { sr, network }, weights, precision);
}

/** Nodes and the graph's own numbers at two sizes; weights are the same arrays. */
function requireSame(name: string, a: NodeList, b: NodeList): void {
  const depends = (what: string) =>
    new InputError({
      who: `export of ${name}`,
      got: `${what} that depends on the image's size`,
      wanted: 'a model that is the same at every size',
    });
  a.nodes.forEach((node, i) => {
    if (JSON.stringify(node) !== JSON.stringify(b.nodes[i])) throw depends(`a node ${node.opType} (${node.name})`);
  });
  a.initializers.forEach((tensor, i) => {
    const other = b.initializers[i];
    const x = tensor.rawData!;
    const y = other?.rawData;
    if (!y || tensor.name !== other.name || x.length !== y.length || Buffer.compare(x, y) !== 0)
      throw depends(`a constant (${tensor.name})`);
  });
  if (a.nodes.length !== b.nodes.length || a.initializers.length !== b.initializers.length)
    throw depends('a number of nodes');
}

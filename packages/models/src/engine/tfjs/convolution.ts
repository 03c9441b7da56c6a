import type { Tensor as Values } from '@tensorflow/tfjs-core';
import {
  channelsOf,
  sizeOf,
  spatialRank,
  spatialSizes,
  type Node,
  type Shape,
  type WindowAttributes,
} from '../../graph/index.js';
import { runKernel, shapeOf, type TfCore } from './run-kernel.js';

/** tfjs's name of an op for planes, or of the one for volumes. */
const conv = (node: { readonly shape: readonly number[] }): 'Conv2D' | 'Conv3D' =>
  spatialRank(node.shape) === 3 ? 'Conv3D' : 'Conv2D';

const attributesOf = ({ stride, padding }: WindowAttributes) => ({
  strides: [...stride],
  pad: padding,
  dataFormat: stride.length === 3 ? 'NDHWC' : 'NHWC',
  dilations: stride.map(() => 1),
});

/** conv: image [n, spatial, c], filter [kernel.., c, o]. */
export const convolution = (tf: TfCore, [x, filter]: readonly Values[], node: Node<'conv'>): Values =>
  runKernel(tf, conv(node), { x, filter }, attributesOf(node.attributes));

/**
 * dL/dimage; forward it is the transposed convolution. WASM's kernel for volumes gives other values than every other
 * backend (the contract test shows it): there, planes go back through each plane of the filter.
 */
export function inputGradient(tf: TfCore, [dy, filter]: readonly Values[], node: Node<'convInputGradient'>): Values {
  if (conv(node) === 'Conv2D') return planeInputGradient(tf, [dy, filter], node.attributes, node.shape);
  if (tf.getBackend() === 'wasm') return volumeInputGradient(tf, [dy, filter], node);
  const attributes = { ...attributesOf(node.attributes), inputShape: node.shape };
  return runKernel(tf, 'Conv3DBackpropInputV2', { dy, filter }, attributes);
}

const planeInputGradient = (
  tf: TfCore,
  [dy, filter]: readonly Values[],
  attributes: WindowAttributes,
  inputShape: Shape,
): Values => runKernel(tf, 'Conv2DBackpropInput', { dy, filter }, { ...attributesOf(attributes), inputShape });

/** Each plane of dL/dout goes back through each plane of the filter, and is added where that plane took it from. */
function volumeInputGradient(
  tf: TfCore,
  [dy, filter]: readonly Values[],
  { shape, attributes: { stride, padding } }: Node<'convInputGradient'>,
): Values {
  const [batch, depth, height, width, channels] = shape;
  const [taps] = filter.shape;
  const planes = dy.shape[1]!;
  const [step, ...inPlane] = stride;
  const window = { stride: inPlane, padding };
  const flat = tf.reshape(dy, [batch * planes, ...dy.shape.slice(2)]);
  // With zeros between planes, plane p of dL/dout begins at p · step of the padded image.
  const length = Math.max((planes + Math.ceil(taps / step)) * step, depth + taps);
  const parts = Array.from({ length: taps }, (_, tap) => {
    const plane = tf.reshape(tf.slice(filter, [tap, 0, 0, 0, 0], [1, ...filter.shape.slice(1)]), filter.shape.slice(1));
    const back = planeInputGradient(tf, [flat, plane], window, [batch * planes, height, width, channels]);
    const values = height * width * channels;
    const spread = tf.pad(tf.reshape(back, [batch, planes, 1, values]), [
      [0, 0],
      [0, 0],
      [0, step - 1],
      [0, 0],
    ]);
    const sides: [number, number][] = [
      [0, 0],
      [tap, length - tap - planes * step],
      [0, 0],
    ];
    return tf.pad(tf.reshape(spread, [batch, planes * step, values]), sides);
  });
  const before = padding === 'same' ? Math.floor(Math.max(0, (planes - 1) * step + taps - depth) / 2) : 0;
  const sum = parts.reduce((total, part) => tf.add(total, part));
  return tf.reshape(tf.slice(sum, [0, before, 0], [batch, depth, height * width * channels]), [...shape]);
}

/**
 * dL/dfilter: for each tap of the window, inᵀ · out over all places that it covers. Other backends have a kernel; WASM
 * has none for planes, and one for volumes whose values are wrong (the contract test shows it).
 */
export function filterGradient(tf: TfCore, [x, dy]: readonly Values[], node: Node<'convFilterGradient'>): Values {
  const name = conv(node) === 'Conv3D' ? 'Conv3DBackpropFilterV2' : 'Conv2DBackpropFilter';
  const backend = tf.getBackend();
  if (backend !== 'wasm' && tf.getKernel(name, backend)) {
    const { strides, pad, dataFormat } = attributesOf(node.attributes);
    return runKernel(
      tf,
      name,
      { x, dy },
      { strides, pad, dataFormat, dimRoundingMode: undefined, filterShape: node.shape },
    );
  }
  const { stride, padding } = node.attributes;
  const kernel = node.shape.slice(0, -2);
  const outs = spatialSizes(dy.shape);
  const channels = channelsOf(x.shape);
  const span = (axis: number, window: number) => (outs[axis] - 1) * stride[axis] + window;
  const sides = spatialSizes(x.shape).map((length, axis): [number, number] => {
    const total = Math.max(0, span(axis, kernel[axis]) - length);
    return padding === 'same' ? [Math.floor(total / 2), total - Math.floor(total / 2)] : [0, 0];
  });
  const padded = tf.pad(x, [[0, 0], ...sides, [0, 0]]);
  const places = dy.shape[0] * sizeOf(outs);
  const flat = tf.reshape(dy, [places, channelsOf(dy.shape)]);
  const taps = tapsOf(kernel).map((tap) => {
    const begin = [0, ...tap, 0];
    const end = [dy.shape[0], ...tap.map((at, axis) => at + span(axis, 1)), channels];
    const seen = stride.every((step) => step === 1)
      ? tf.slice(padded, begin, [dy.shape[0], ...outs, channels])
      : tf.stridedSlice(padded, begin, end, [1, ...stride, 1]);
    return tf.matMul(tf.reshape(seen, [places, channels]), flat, true, false);
  });
  return tf.reshape(tf.concat(taps, 0), shapeOf(node));
}

/** Every place of a window, row-major. */
function tapsOf(kernel: readonly number[]): number[][] {
  return kernel.reduce<number[][]>(
    (taps, length) => taps.flatMap((tap) => Array.from({ length }, (_, i) => [...tap, i])),
    [[]],
  );
}

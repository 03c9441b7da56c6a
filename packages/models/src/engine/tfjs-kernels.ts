import type { NamedAttrMap, Tensor as Values } from '@tensorflow/tfjs-core';
import type { Attributes, Tensor } from '../graph/index.js';
import { avgPoolSlope, maxPoolSlope } from './pool-gradients.js';

/** The core of tfjs, handed in so that importing this file loads nothing. */
export type TfCore = typeof import('@tensorflow/tfjs-core');

type Kernel = (tf: TfCore, inputs: readonly Values[], node: Tensor) => Values;
type Image = import('@tensorflow/tfjs-core').Tensor4D;

/** Calls a kernel of the backend at hand by its name: what the public functions of tfjs do after their checks. */
function kernel(
  tf: TfCore,
  name: string,
  inputs: Record<string, Values>,
  attributes: Record<string, unknown> = {},
): Values {
  return tf.engine().runKernel(name, inputs, attributes as unknown as NamedAttrMap) as Values;
}

const unary =
  (op: string): Kernel =>
  (tf, [x]) =>
    kernel(tf, op, { x: x });
const binary =
  (op: string): Kernel =>
  (tf, [a, b]) =>
    kernel(tf, op, { a: a, b: b });
/** A comparison gives bool in tfjs; ours gives 1 and 0. */
const compare =
  (op: string): Kernel =>
  (tf, [a, b]) =>
    tf.cast(kernel(tf, op, { a: a, b: b }), 'float32');
const paddingsOf = ({ attributes }: Tensor) => attributes['paddings'] as unknown as [number, number][];
const shapeOf = (node: Tensor) => node.shape as number[];

const convolution = ({ stride, padding }: Attributes) => ({
  strides: [stride, stride],
  pad: padding,
  dataFormat: 'NHWC',
  dilations: [1, 1],
});
const pooling = ({ window, stride, padding }: Attributes) => ({
  filterSize: [window, window],
  strides: [stride, stride],
  pad: padding,
});

/**
 * dL/dfilter: for each tap of the window, inᵀ · out over all places that it covers. Where a backend has the kernel,
 * that one is used; WASM has none.
 */
const filterGradient: Kernel = (tf, [x, dy], node) => {
  const at = node.attributes;
  if (tf.getKernel('Conv2DBackpropFilter', tf.getBackend())) {
    const { strides, pad, dataFormat } = convolution(at);
    return kernel(
      tf,
      'Conv2DBackpropFilter',
      { x: x, dy: dy },
      { strides, pad, dataFormat, dimRoundingMode: undefined, filterShape: node.shape },
    );
  }
  const [kernelH, kernelW, channels, filters] = node.shape as [number, number, number, number];
  const [batch, outH, outW] = dy.shape as [number, number, number];
  const stride = at['stride'] as number;
  const span = (out: number, window: number) => (out - 1) * stride + window;
  const sides = (length: number, out: number, window: number): [number, number] => {
    const total = Math.max(0, span(out, window) - length);
    return at['padding'] === 'same' ? [Math.floor(total / 2), total - Math.floor(total / 2)] : [0, 0];
  };
  const padded = tf.pad(x as Image, [
    [0, 0],
    sides(x.shape[1]!, outH, kernelH),
    sides(x.shape[2]!, outW, kernelW),
    [0, 0],
  ]);
  const flat = tf.reshape(dy, [batch * outH * outW, filters]);
  const taps: Values[] = [];
  for (let i = 0; i < kernelH; i++) {
    for (let j = 0; j < kernelW; j++) {
      const seen =
        stride === 1
          ? tf.slice(padded, [0, i, j, 0], [batch, outH, outW, channels])
          : tf.stridedSlice(
              padded,
              [0, i, j, 0],
              [batch, i + span(outH, 1), j + span(outW, 1), channels],
              [1, stride, stride, 1],
            );
      taps.push(tf.matMul(tf.reshape(seen, [batch * outH * outW, channels]), flat, true, false));
    }
  }
  return tf.reshape(tf.concat(taps, 0), shapeOf(node));
};

/** Folds what was mirrored back onto the pixels that it came from, one axis after the other. */
const mirrorPadGradient: Kernel = (tf, [dy], node) =>
  paddingsOf(node).reduce((folded, [before, after], axis) => {
    if (before === 0 && after === 0) return folded;
    const length = node.shape[axis];
    const part = (start: number, size: number) =>
      tf.slice(
        folded,
        folded.shape.map((_, i) => (i === axis ? start : 0)),
        folded.shape.map((all, i) => (i === axis ? size : all)),
      );
    const placed = (edge: Values, start: number) =>
      tf.pad(
        tf.reverse(edge, axis),
        folded.shape.map((_, i): [number, number] =>
          i === axis ? [start, length - start - edge.shape[axis]] : [0, 0],
        ),
      );
    let sum: Values = part(before, length);
    if (before > 0) sum = tf.add(sum, placed(part(0, before), 1));
    if (after > 0) sum = tf.add(sum, placed(part(before + length, after), length - 1 - after));
    return sum;
  }, dy);

/**
 * tfjs's kernel divides by the whole window at the borders too, its forward pass by the pixels inside: the slopes are
 * scaled to that. The kernel takes the image's shape from a tensor of that shape; its values are not read.
 */
const avgPoolGradient: Kernel = (tf, [dy], node) => {
  if (tf.getBackend() === 'wasm')
    return tf.tensor(avgPoolSlope(dy.dataSync(), node.shape, dy.shape, node.attributes), shapeOf(node), 'float32');
  const shares =
    node.attributes['padding'] === 'same' ? tf.mul(dy, windowShares(tf, node.shape, dy.shape, node.attributes)) : dy;
  return kernel(tf, 'AvgPoolGrad', { dy: shares, input: tf.zeros(shapeOf(node)) }, pooling(node.attributes));
};

/** Size of the window over the pixels of it that lie inside, [1, h', w', 1]. */
function windowShares(
  tf: TfCore,
  input: readonly number[],
  output: readonly number[],
  { window, stride }: Attributes,
): Values {
  const size = window as number;
  const step = stride as number;
  const inside = (length: number, out: number) =>
    Array.from({ length: out }, (_, i) => {
      const start = i * step - Math.floor(Math.max(0, (out - 1) * step + size - length) / 2);
      return size / (Math.min(length, start + size) - Math.max(0, start));
    });
  return tf.mul(
    tf.tensor(inside(input[1], output[1]), [1, output[1], 1, 1]),
    tf.tensor(inside(input[2], output[2]), [1, 1, output[2], 1]),
  );
}

/** How each op of the graph runs on tfjs. Inputs, constants and variables are the executable's own. */
export const tfjsKernels: Readonly<Record<string, Kernel>> = {
  stopGradient: (tf, [x]) => tf.clone(x),
  conv2d: (tf, [x, filter], node) => kernel(tf, 'Conv2D', { x: x, filter: filter }, convolution(node.attributes)),
  conv2dInputGradient: (tf, [dy, filter], node) =>
    kernel(
      tf,
      'Conv2DBackpropInput',
      { dy: dy, filter: filter },
      { ...convolution(node.attributes), inputShape: node.shape },
    ),
  conv2dFilterGradient: filterGradient,
  biasAdd: binary('Add'),
  biasAddGradient: (tf, [dy]) => tf.sum(tf.reshape(dy, [-1, dy.shape.at(-1)!]), 0),
  add: binary('Add'),
  sub: binary('Sub'),
  mul: binary('Multiply'),
  div: binary('RealDiv'),
  maximum: binary('Maximum'),
  minimum: binary('Minimum'),
  greater: compare('Greater'),
  greaterEqual: compare('GreaterEqual'),
  select: (tf, [condition, a, b]) => tf.where(tf.notEqual(condition, 0), a, b),
  neg: unary('Neg'),
  abs: unary('Abs'),
  sign: unary('Sign'),
  square: unary('Square'),
  sqrt: unary('Sqrt'),
  rsqrt: unary('Rsqrt'),
  exp: unary('Exp'),
  log: unary('Log'),
  tanh: unary('Tanh'),
  tanhGradient: (tf, [y, dy]) => tf.mul(dy, tf.sub(1, tf.square(y))),
  sigmoid: unary('Sigmoid'),
  sigmoidGradient: (tf, [y, dy]) => tf.mul(dy, tf.mul(y, tf.sub(1, y))),
  softplus: unary('Softplus'),
  erf: unary('Erf'),
  relu: unary('Relu'),
  reluGradient: (tf, [dy, y]) => tf.mul(dy, tf.step(y)),
  leakyRelu: (tf, [x], node) => kernel(tf, 'LeakyRelu', { x: x }, { alpha: node.attributes['slope'] }),
  prelu: (tf, [x, slope]) => tf.where(tf.greater(x, 0), x, tf.mul(x, slope)),
  preluGradient: (tf, [dy, x, slope]) => tf.where(tf.greater(x, 0), dy, tf.mul(dy, slope)),
  leakyReluGradient: (tf, [dy, x], node) => tf.mul(dy, tf.step(x, node.attributes['slope'] as number)),
  sum: (tf, [x], { attributes }) => tf.sum(x, attributes['axes'] as number[], attributes['keepDims'] as boolean),
  mean: (tf, [x], { attributes }) => tf.mean(x, attributes['axes'] as number[], attributes['keepDims'] as boolean),
  max: (tf, [x], { attributes }) => tf.max(x, attributes['axes'] as number[], attributes['keepDims'] as boolean),
  matmul: (tf, [a, b], { attributes }) =>
    tf.matMul(a, b, attributes['transposeA'] as boolean, attributes['transposeB'] as boolean),
  reshape: (tf, [x], node) => tf.reshape(x, shapeOf(node)),
  transpose: (tf, [x], { attributes }) => tf.transpose(x, attributes['order'] as number[]),
  concat: (tf, inputs, { attributes }) => tf.concat([...inputs], attributes['axis'] as number),
  slice: (tf, [x], node) => tf.slice(x, node.attributes['begin'] as number[], shapeOf(node)),
  pad: (tf, [x], node) => tf.pad(x, paddingsOf(node)),
  mirrorPad: (tf, [x], node) => tf.mirrorPad(x, paddingsOf(node), 'reflect'),
  mirrorPadGradient,
  depthToSpace: (tf, [x], { attributes }) => tf.depthToSpace(x as Image, attributes['block'] as number),
  spaceToDepth: (tf, [x], node) => {
    const [n, h, w, c] = x.shape as [number, number, number, number];
    const block = node.attributes['block'] as number;
    return tf.reshape(
      tf.transpose(tf.reshape(x, [n, h / block, block, w / block, block, c]), [0, 1, 3, 2, 4, 5]),
      shapeOf(node),
    );
  },
  maxPool: (tf, [x], node) => kernel(tf, 'MaxPool', { x: x }, pooling(node.attributes)),
  maxPoolGradient: (tf, [input, output, dy], node) =>
    tf.getBackend() === 'wasm'
      ? tf.tensor(
          maxPoolSlope(input.dataSync(), dy.dataSync(), node.shape, dy.shape, node.attributes),
          shapeOf(node),
          'float32',
        )
      : kernel(tf, 'MaxPoolGrad', { input: input, output: output, dy: dy }, pooling(node.attributes)),
  avgPool: (tf, [x], node) => kernel(tf, 'AvgPool', { x: x }, pooling(node.attributes)),
  avgPoolGradient,
};

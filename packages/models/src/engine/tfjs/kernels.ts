import type { Tensor as Values } from '@tensorflow/tfjs-core';
import { type ComputedOp, type Node, type Sides } from '../../graph/index.js';
import { convolution, filterGradient, inputGradient } from './convolution.js';
import { depthToSpace, spaceToDepth } from './depth-to-space.js';
import { avgPool, avgPoolGradient, maxPool, maxPoolGradient } from './pooling.js';
import { runKernel, shapeOf, type TfCore } from './run-kernel.js';

type Kernel<Op extends ComputedOp> = (tf: TfCore, inputs: readonly Values[], node: Node<Op>) => Values;
type AnyKernel = (tf: TfCore, inputs: readonly Values[]) => Values;

const unary =
  (op: string): AnyKernel =>
  (tf, [x]) =>
    runKernel(tf, op, { x });
const binary =
  (op: string): AnyKernel =>
  (tf, [a, b]) =>
    runKernel(tf, op, { a, b });
/** A comparison gives bool in tfjs; ours gives 1 and 0. */
const compare =
  (op: string): AnyKernel =>
  (tf, [a, b]) =>
    tf.cast(runKernel(tf, op, { a, b }), 'float32');
const paddingsOf = ({ attributes }: { readonly attributes: { readonly paddings: readonly Sides[] } }) =>
  attributes.paddings.map(([before, after]): [number, number] => [before, after]);

/** Folds what was mirrored back onto the pixels that it came from, one axis after the other. */
const mirrorPadGradient: Kernel<'mirrorPadGradient'> = (tf, [dy], node) =>
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

/** How each op of the graph runs on tfjs. Inputs, constants and variables are the executable's own. */
export const tfjsKernels: { readonly [Op in ComputedOp]: Kernel<Op> } = {
  stopGradient: (tf, [x]) => tf.clone(x),
  conv: convolution,
  convInputGradient: inputGradient,
  convFilterGradient: filterGradient,
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
  leakyRelu: (tf, [x], node) => runKernel(tf, 'LeakyRelu', { x }, { alpha: node.attributes.slope }),
  prelu: (tf, [x, slope]) => tf.where(tf.greater(x, 0), x, tf.mul(x, slope)),
  preluGradient: (tf, [dy, x, slope]) => tf.where(tf.greater(x, 0), dy, tf.mul(dy, slope)),
  leakyReluGradient: (tf, [dy, x], node) => tf.mul(dy, tf.step(x, node.attributes.slope)),
  sum: (tf, [x], { attributes: { axes, keepDims } }) => tf.sum(x, [...axes], keepDims),
  mean: (tf, [x], { attributes: { axes, keepDims } }) => tf.mean(x, [...axes], keepDims),
  max: (tf, [x], { attributes: { axes, keepDims } }) => tf.max(x, [...axes], keepDims),
  matmul: (tf, [a, b], { attributes: { transposeA, transposeB } }) => tf.matMul(a, b, transposeA, transposeB),
  reshape: (tf, [x], node) => tf.reshape(x, shapeOf(node)),
  transpose: (tf, [x], { attributes: { order } }) => tf.transpose(x, [...order]),
  concat: (tf, inputs, { attributes: { axis } }) => tf.concat([...inputs], axis),
  slice: (tf, [x], node) => tf.slice(x, [...node.attributes.begin], shapeOf(node)),
  take: (tf, [x], node) =>
    tf.reshape(tf.gather(tf.reshape(x, [-1]), tf.tensor1d([...node.attributes.indices], 'int32')), shapeOf(node)),
  pad: (tf, [x], node) => tf.pad(x, paddingsOf(node)),
  mirrorPad: (tf, [x], node) => tf.mirrorPad(x, paddingsOf(node), 'reflect'),
  mirrorPadGradient,
  depthToSpace,
  spaceToDepth,
  maxPool,
  maxPoolGradient,
  avgPool,
  avgPoolGradient,
};

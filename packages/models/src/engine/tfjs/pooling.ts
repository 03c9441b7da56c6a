import type { Tensor as Values } from '@tensorflow/tfjs-core';
import { spatialRank, spatialSizes, type Node, type PoolAttributes, type Shape } from '../../graph/index.js';
import { avgPoolSlope, maxPoolSlope } from './pool-gradients.js';
import { runKernel, shapeOf, type TfCore } from './run-kernel.js';

const attributesOf = ({ window, stride, padding }: PoolAttributes) => ({
  filterSize: [...window],
  strides: [...stride],
  pad: padding,
  ...(window.length === 3 ? { dataFormat: 'NDHWC' } : {}),
});
/** tfjs's name of an op for planes, or of the one for volumes. */
const ofRank = (op: string, image: Shape): string => (spatialRank(image) === 3 ? op.replace('Pool', 'Pool3D') : op);

export const maxPool = (tf: TfCore, [x]: readonly Values[], node: Node<'maxPool'>): Values =>
  pool(tf, 'MaxPool', x, node);

export const avgPool = (tf: TfCore, [x]: readonly Values[], node: Node<'avgPool'>): Values =>
  pool(tf, 'AvgPool', x, node);

/**
 * WASM's kernels for volumes mix up windows of unequal sides (the contract test shows it). Both poolings are separable:
 * there, every plane is pooled, and then the planes along z.
 */
function pool(tf: TfCore, op: string, x: Values, { shape, attributes }: Node<'maxPool' | 'avgPool'>): Values {
  if (spatialRank(shape) === 2 || tf.getBackend() !== 'wasm')
    return runKernel(tf, ofRank(op, shape), { x }, attributesOf(attributes));
  const { window, stride, padding } = attributes;
  const [batch, depth, height, width, channels] = x.shape as number[];
  const [, outDepth, outHeight, outWidth] = shape;
  const planes = tf.reshape(x, [batch * depth, height, width, channels]);
  const inPlane = { window: window.slice(1), stride: stride.slice(1), padding };
  const pooled = runKernel(tf, op, { x: planes }, attributesOf(inPlane));
  const columns = tf.reshape(pooled, [batch, depth, outHeight * outWidth, channels]);
  const alongZ = { window: [window[0], 1], stride: [stride[0], 1], padding };
  const out = runKernel(tf, op, { x: columns }, attributesOf(alongZ));
  return tf.reshape(out, [batch, outDepth, outHeight, outWidth, channels]);
}

/** Plain loops where tfjs's kernels give other values than every other backend: WASM's, and the CPU's for volumes. */
const hasOwnMaxPoolGradient = (backend: string, image: Shape): boolean =>
  backend === 'wasm' || (backend === 'cpu' && spatialRank(image) === 3);

export function maxPoolGradient(
  tf: TfCore,
  [input, output, dy]: readonly Values[],
  node: Node<'maxPoolGradient'>,
): Values {
  const { attributes, shape } = node;
  if (!hasOwnMaxPoolGradient(tf.getBackend(), shape))
    return runKernel(tf, ofRank('MaxPoolGrad', shape), { input, output, dy }, attributesOf(attributes));
  const slope = maxPoolSlope(input.dataSync(), dy.dataSync(), { input: shape, output: dy.shape, attributes });
  return tf.tensor(slope, shapeOf(node), 'float32');
}

/**
 * tfjs's kernel divides by the whole window at the borders too, its forward pass by the pixels inside: the slopes are
 * scaled to that. The kernel takes the image's shape from a tensor of that shape; its values are not read.
 */
export function avgPoolGradient(tf: TfCore, [dy]: readonly Values[], node: Node<'avgPoolGradient'>): Values {
  const { attributes, shape } = node;
  if (tf.getBackend() === 'wasm') {
    const slope = avgPoolSlope(dy.dataSync(), { input: shape, output: dy.shape, attributes });
    return tf.tensor(slope, shapeOf(node), 'float32');
  }
  const shares = attributes.padding === 'same' ? tf.mul(dy, windowShares(tf, shape, dy.shape, attributes)) : dy;
  return runKernel(
    tf,
    ofRank('AvgPoolGrad', shape),
    { dy: shares, input: tf.zeros(shapeOf(node)) },
    attributesOf(attributes),
  );
}

/** Size of the window over the pixels of it that lie inside, [1, spatial, 1]. */
function windowShares(tf: TfCore, input: Shape, output: Shape, { window, stride }: PoolAttributes): Values {
  const outs = spatialSizes(output);
  const along = spatialSizes(input).map((length, axis) => {
    const shares = Array.from({ length: outs[axis] }, (_, i) => {
      const before = Math.floor(Math.max(0, (outs[axis] - 1) * stride[axis] + window[axis] - length) / 2);
      const start = i * stride[axis] - before;
      return window[axis] / (Math.min(length, start + window[axis]) - Math.max(0, start));
    });
    const shape = output.map((_, i) => (i === axis + 1 ? outs[axis] : 1));
    return tf.tensor(shares, shape);
  });
  return along.reduce((product, shares) => tf.mul(product, shares));
}

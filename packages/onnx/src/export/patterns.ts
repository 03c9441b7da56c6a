import {
  channelsOf,
  interpolationMatrix,
  fourierMatrix,
  matchAlongAxes,
  resizeMatrix,
  sizeOf,
  spatialAxes,
  spatialSizes,
  type Interpolation,
  type Tensor,
} from '@lacuna/models';
import { isImageRank } from '../axes.js';

/** Enlargement by whole factors, which our graph spells as copies and shuffles or as banded matrices. */
export interface ResizePattern {
  readonly x: Tensor;
  /** Along each spatial axis. */
  readonly factor: readonly number[];
  readonly kind: Interpolation;
}

/** Interpolation to the spatial sizes of the model's input, whatever they are. */
export interface StretchPattern {
  readonly x: Tensor;
  readonly to: Tensor;
}

/** One part of a Fourier transform along one axis of an image. */
export interface FourierPattern {
  readonly x: Tensor;
  readonly part: 'cosine' | 'sine';
  /** The spatial axis, from 0. */
  readonly axis: number;
}

/** Normalisation by an image's own mean and variance, with an affine part where the model has one. */
export interface NormPattern {
  readonly x: Tensor;
  readonly epsilon: number;
  /** The statistics span the batch too: the same for the one image that inference takes at a time. */
  readonly acrossBatch: boolean;
  readonly affine: { readonly scale: Tensor; readonly shift: Tensor } | null;
}

/** `upsampleNearest`: a depth-to-space of copies. */
function matchNearest(node: Tensor): ResizePattern | null {
  if (node.op !== 'depthToSpace') return null;
  const [copies] = node.inputs;
  if (copies.op !== 'concat' || copies.attributes.axis !== copies.shape.length - 1) return null;
  const { block } = node.attributes;
  const [x] = copies.inputs;
  return copies.inputs.length === sizeOf(block) && copies.inputs.every((input) => input === x)
    ? { x, factor: block, kind: 'nearest' }
    : null;
}

/** `alongAxes` with matrices that interpolate. */
function matchInterpolation(node: Tensor): ResizePattern | null {
  const found = node.op === 'reshape' && isImageRank(node.shape.length) ? matchAlongAxes(node) : null;
  if (!found || channelsOf(found.x.shape) !== channelsOf(node.shape)) return null;
  const { x, matrices } = found;
  const sizes = spatialSizes(x.shape);
  const factor = spatialSizes(node.shape).map((length, axis) => length / sizes[axis]);
  const interpolates = (kind: 'bilinear' | 'bicubic') =>
    matrices.every((matrix, axis) =>
      matrix === null
        ? factor[axis] === 1
        : Number.isInteger(factor[axis]) && isMatrix(matrix, interpolationMatrix(sizes[axis], factor[axis], kind)),
    );
  const kind = (['bilinear', 'bicubic'] as const).find(interpolates);
  return kind ? { x, factor, kind } : null;
}

/** `resizeTo` the size of the model's input. */
export function matchStretch(node: Tensor, lr: Tensor): StretchPattern | null {
  const found = node.op === 'reshape' && isImageRank(node.shape.length) ? matchAlongAxes(node) : null;
  if (!found || channelsOf(found.x.shape) !== channelsOf(node.shape)) return null;
  const [from, to] = [spatialSizes(found.x.shape), spatialSizes(node.shape)];
  const isStretched = found.matrices.every((matrix, axis) =>
    matrix === null ? from[axis] === to[axis] : isMatrix(matrix, resizeMatrix(from[axis], to[axis], 'bilinear')),
  );
  return isStretched && to.join() === spatialSizes(lr.shape).join() ? { x: found.x, to: lr } : null;
}

/** One of the products of `powerSpectrum`. */
export function matchFourier(node: Tensor): FourierPattern | null {
  const found = node.op === 'reshape' && isImageRank(node.shape.length) ? matchAlongAxes(node) : null;
  if (!found || channelsOf(found.x.shape) !== channelsOf(node.shape)) return null;
  const used = found.matrices.flatMap((matrix, axis) => (matrix === null ? [] : [{ matrix, axis }]));
  const [{ matrix, axis }] = used;
  const [rows, columns] = matrix.shape;
  if (used.length > 1 || rows !== columns) return null;
  const part = (['cosine', 'sine'] as const).find((each) => isMatrix(matrix, fourierMatrix(each, rows)));
  return part === undefined ? null : { x: found.x, part, axis };
}

function isMatrix({ attributes: { values } }: Tensor<'constant'>, wanted: Float32Array): boolean {
  return values.length === wanted.length && values.every((value, i) => value === wanted[i]);
}

export function matchResize(node: Tensor): ResizePattern | null {
  return matchNearest(node) ?? matchInterpolation(node);
}

/** (x - mean) · rsqrt(variance + epsilon), and `· scale + shift` around it. */
export function matchNorm(node: Tensor): NormPattern | null {
  if (node.op === 'add') {
    const [scaled, shift] = node.inputs;
    if (scaled?.op !== 'mul' || !isChannelWeight(shift, node) || !isChannelWeight(scaled.inputs[1], node)) return null;
    const plain = matchPlainNorm(scaled.inputs[0]);
    return plain && { ...plain, affine: { scale: scaled.inputs[1], shift } };
  }
  return matchPlainNorm(node);
}

function matchPlainNorm(node: Tensor): NormPattern | null {
  if (node.op !== 'mul') return null;
  const [centred, inverse] = node.inputs;
  if (centred.op !== 'sub' || inverse.op !== 'rsqrt') return null;
  const [x, mean] = centred.inputs;
  const [shifted] = inverse.inputs;
  const over = meanAxes(mean, x);
  if (!over || shifted.op !== 'add') return null;
  const [variance, epsilon] = shifted.inputs;
  const [square] = variance.inputs;
  if (square?.op !== 'square' || square.inputs[0] !== centred || meanAxes(variance, square) !== over) return null;
  if (epsilon.op !== 'constant' || epsilon.shape.length > 0) return null;
  return { x, epsilon: epsilon.attributes.values[0], acrossBatch: over === 'batch', affine: null };
}

/** Whether `mean` is x's mean over the spatial axes, or over the batch as well, kept as size 1. */
function meanAxes(mean: Tensor, x: Tensor): 'image' | 'batch' | null {
  if (mean.op !== 'mean' || mean.inputs[0] !== x || !mean.attributes.keepDims || !isImageRank(x.shape.length))
    return null;
  const axes = [...mean.attributes.axes].sort().join(',');
  const spatial = spatialAxes(x.shape);
  if (axes === spatial.join(',')) return 'image';
  return axes === [0, ...spatial].join(',') ? 'batch' : null;
}

function isChannelWeight(tensor: Tensor, image: Tensor): boolean {
  return tensor.op === 'variable' && tensor.shape.length === 1 && tensor.shape[0] === channelsOf(image.shape);
}

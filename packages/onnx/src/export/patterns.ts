import { interpolationMatrix, type Tensor } from '@lacuna/models';

/** Enlargement by a whole factor, which our graph spells as copies and shuffles or as two banded matrices. */
export interface ResizePattern {
  readonly x: Tensor;
  readonly factor: number;
  readonly kind: 'nearest' | 'bilinear' | 'bicubic';
}

/** Normalisation by an image's own mean and variance, with an affine part where the model has one. */
export interface NormPattern {
  readonly x: Tensor;
  readonly epsilon: number;
  /** The statistics span the batch too: the same for the one image that inference takes at a time. */
  readonly acrossBatch: boolean;
  readonly affine: { readonly scale: Tensor; readonly shift: Tensor } | null;
}

/** `upsampleNearest`: a depth-to-space of factor² copies. */
function matchNearest(node: Tensor): ResizePattern | null {
  const [copies] = node.inputs;
  if (node.op !== 'depthToSpace' || copies?.op !== 'concat' || copies.attributes['axis'] !== 3) return null;
  const factor = node.attributes['block'] as number;
  const [x] = copies.inputs;
  return copies.inputs.length === factor * factor && copies.inputs.every((input) => input === x)
    ? { x: x, factor, kind: 'nearest' }
    : null;
}

/** `separable` with matrices that interpolate: reshape, rows, reshape, columns, reshape. */
function matchInterpolation(node: Tensor): ResizePattern | null {
  const columns = operands(node, 'reshape', 'matmul');
  const rows = columns && operands(columns[1], 'reshape', 'matmul');
  const flat = rows?.[1];
  const x = flat?.op === 'reshape' ? flat.inputs[0] : undefined;
  if (!columns || !rows || !x || x.shape.length !== 4 || node.shape.length !== 4) return null;
  const factor = node.shape[1] / x.shape[1];
  if (!Number.isInteger(factor) || node.shape[2] !== x.shape[2] * factor || node.shape[3] !== x.shape[3]) return null;
  for (const kind of ['bilinear', 'bicubic'] as const) {
    if (
      isMatrix(rows[0], interpolationMatrix(x.shape[1], factor, kind)) &&
      isMatrix(columns[0], interpolationMatrix(x.shape[2], factor, kind))
    )
      return { x, factor, kind };
  }
  return null;
}

/** The two operands of `inner` below `outer`, if that is what `node` is. */
function operands(node: Tensor, outer: string, inner: string): readonly [Tensor, Tensor] | null {
  const below = node.op === outer ? node.inputs[0] : undefined;
  return below?.op === inner ? [below.inputs[0], below.inputs[1]] : null;
}

function isMatrix(tensor: Tensor, wanted: Float32Array): boolean {
  const values = tensor.attributes['values'];
  return (
    tensor.op === 'constant' &&
    values instanceof Float32Array &&
    values.length === wanted.length &&
    values.every((value, i) => value === wanted[i])
  );
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
    return plain && { ...plain, affine: { scale: scaled.inputs[1], shift: shift } };
  }
  return matchPlainNorm(node);
}

function matchPlainNorm(node: Tensor): NormPattern | null {
  const [centred, inverse] = node.inputs;
  if (node.op !== 'mul' || centred?.op !== 'sub' || inverse?.op !== 'rsqrt') return null;
  const [x, mean] = centred.inputs;
  const [shifted] = inverse.inputs;
  const axes = x && mean ? meanAxes(mean, x) : null;
  if (!axes || shifted?.op !== 'add') return null;
  const [variance, epsilon] = shifted.inputs;
  const square = variance?.inputs[0];
  if (square?.op !== 'square' || square.inputs[0] !== centred || meanAxes(variance, square) !== axes) return null;
  const value =
    epsilon.op === 'constant' && epsilon.shape.length === 0 ? (epsilon.attributes['values'] as Float32Array)[0] : null;
  return value === null ? null : { x: x, epsilon: value, acrossBatch: axes === '0,1,2', affine: null };
}

/** "1,2" or "0,1,2" where `mean` is x's mean over those axes, kept as size 1. */
function meanAxes(mean: Tensor, x: Tensor): string | null {
  if (mean.op !== 'mean' || mean.inputs[0] !== x || mean.attributes['keepDims'] !== true || x.shape.length !== 4)
    return null;
  const axes = [...(mean.attributes['axes'] as readonly number[])].sort().join(',');
  return axes === '1,2' || axes === '0,1,2' ? axes : null;
}

function isChannelWeight(tensor: Tensor, image: Tensor): boolean {
  return tensor.op === 'variable' && tensor.shape.length === 1 && tensor.shape[0] === image.shape[3];
}

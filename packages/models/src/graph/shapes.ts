import { ShapeError } from '@lacuna/core';
import { formatShape, type Shape } from './tensor.js';

/** NumPy's broadcasting rule: aligned at the last axis, sizes equal or 1. */
export function broadcastShape(op: string, a: Shape, b: Shape): Shape {
  const rank = Math.max(a.length, b.length);
  const out: number[] = [];
  for (let i = 0; i < rank; i++) {
    const p = a[a.length - rank + i] ?? 1;
    const q = b[b.length - rank + i] ?? 1;
    if (p !== q && p !== 1 && q !== 1) {
      throw new ShapeError({
        who: op,
        got: `${formatShape(a)} and ${formatShape(b)}, which differ at axis ${i} (${p}, ${q})`,
        wanted: 'sizes equal or 1, aligned at the last axis',
      });
    }
    out.push(Math.max(p, q));
  }
  return out;
}

/** Axes of `out` over which a gradient is summed to come back to `input`, and whether the rank changes. */
export function broadcastAxes(input: Shape, out: Shape): number[] {
  const missing = out.length - input.length;
  return out
    .map((_, axis) => axis)
    .filter((axis) => axis < missing || (input[axis - missing] === 1 && out[axis] !== 1));
}

/** Output length of a convolution or pooling along one axis, as TensorFlow defines SAME and VALID. */
export function windowLength(op: string, length: number, window: number, stride: number, padding: string): number {
  if (padding === 'same') return Math.ceil(length / stride);
  if (length < window)
    throw new ShapeError({
      who: op,
      got: `length ${length}`,
      wanted: `at least the window's ${window} with padding valid`,
    });
  return Math.floor((length - window) / stride) + 1;
}

/** Refuses a rank other than the one an op is defined for. */
export function requireRank(op: string, what: string, shape: Shape, rank: number): void {
  if (shape.length !== rank)
    throw new ShapeError({ who: op, got: `${what} of shape ${formatShape(shape)}`, wanted: `${rank} axes` });
}

/** Refuses two sizes that must agree. */
export function requireEqual(op: string, what: string, got: number, wanted: number): void {
  if (got !== wanted) throw new ShapeError({ who: op, got: `${what} ${got}`, wanted: String(wanted) });
}

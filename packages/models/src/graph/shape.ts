import { ShapeError } from '@lacuna/core';

/**
 * Sizes along each axis; images are [n, spatial axes, channels]: NHWC for planes, NDHWC for volumes. Every size is
 * known when a graph is built.
 */
export type Shape = readonly number[];

/** One number for all spatial axes, or one for each: z, y, x of a volume, y, x of a plane. */
export type PerAxis = number | readonly number[];

/** "[8,32,32,1]". */
export function formatShape(shape: Shape): string {
  return `[${shape.join(',')}]`;
}

/** Number of values. */
export function sizeOf(shape: Shape): number {
  let size = 1;
  for (const length of shape) size *= length;
  return size;
}

/** Spatial axes of an image: 2 for planes, 3 for volumes. */
export const spatialRank = (image: Shape): number => image.length - 2;

/** Sizes of an image along its spatial axes. */
export const spatialSizes = (image: Shape): number[] => image.slice(1, -1);

/** Where the spatial axes of an image stand in its shape. */
export const spatialAxes = (image: Shape): number[] => spatialSizes(image).map((_, axis) => axis + 1);

/** Channels of an image, its last axis. */
export const channelsOf = (image: Shape): number => image[image.length - 1];

/**
 * One number for each of `rank` spatial axes.
 * @throws {ShapeError} for a list of another length.
 */
export function perAxis(who: string, value: PerAxis, rank: number): readonly number[] {
  if (typeof value === 'number') return new Array<number>(rank).fill(value);
  if (value.length !== rank)
    throw new ShapeError({ who, got: `${value.length} numbers (${value.join(', ')})`, wanted: `${rank}, one an axis` });
  return value;
}

/** Refuses a rank other than the one an op is defined for. */
export function requireRank(op: string, what: string, shape: Shape, rank: number): void {
  if (shape.length !== rank)
    throw new ShapeError({ who: op, got: `${what} of shape ${formatShape(shape)}`, wanted: `${rank} axes` });
}

/** Refuses what is neither a plane nor a volume; gives its number of spatial axes. */
export function requireImage(op: string, shape: Shape): number {
  if (shape.length !== 4 && shape.length !== 5)
    throw new ShapeError({
      who: op,
      got: `an image of shape ${formatShape(shape)}`,
      wanted: '4 axes (a plane) or 5 (a volume)',
    });
  return spatialRank(shape);
}

/** Refuses two sizes that must agree. */
export function requireEqual(op: string, what: string, got: number, wanted: number): void {
  if (got !== wanted) throw new ShapeError({ who: op, got: `${what} ${got}`, wanted: String(wanted) });
}

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

/** A factor by axis: one number is a plane's, a list has one for each axis of a plane or a volume. */
export const factorOf = (factor: PerAxis): readonly number[] =>
  typeof factor === 'number' ? [factor, factor] : factor;

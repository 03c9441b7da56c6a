import { InputError, ShapeError } from '@lacuna/core';

/** A binary image or volume: one byte a pixel, 0 or 1, [z][y][x]. A plane has depth 1. */
export interface Mask {
  readonly data: Uint8Array;
  readonly width: number;
  readonly height: number;
  readonly depth: number;
}

/** Distance between pixel centres along each axis, in whatever unit the caller speaks. */
export interface Spacing {
  readonly x: number;
  readonly y: number;
  readonly z?: number;
}

/**
 * Which neighbours hang together: `full` is 8 in planes and 26 in volumes, `face` is 4 and 6. Background takes the
 * other.
 */
export type Connectivity = 'full' | 'face';

/**
 * Makes a mask; every value that is not zero counts as foreground.
 * @throws {ShapeError} if sizes and data disagree.
 */
export function createMask(data: ArrayLike<number | boolean>, width: number, height: number, depth = 1): Mask {
  for (const size of [width, height, depth]) {
    if (!Number.isInteger(size) || size < 1)
      throw new ShapeError({ who: 'mask', got: `a size of ${size}`, wanted: 'a whole number of at least 1' });
  }
  if (data.length !== width * height * depth) {
    throw new ShapeError({
      who: 'mask',
      got: `${data.length} values`,
      wanted: `${width * height * depth} (${width} x ${height} x ${depth})`,
    });
  }
  const bytes = new Uint8Array(data.length);
  for (let i = 0; i < bytes.length; i++) bytes[i] = data[i] ? 1 : 0;
  return { data: bytes, width, height, depth };
}

/** Number of foreground pixels. */
export function countForeground(mask: Mask): number {
  const { data } = mask;
  let count = 0;
  for (let i = 0; i < data.length; i++) count += data[i];
  return count;
}

/** Refuses two masks of different sizes. @throws {ShapeError} naming both. */
export function requireSameMaskSize(who: string, reference: Mask, estimate: Mask): void {
  if (
    reference.width !== estimate.width ||
    reference.height !== estimate.height ||
    reference.depth !== estimate.depth
  ) {
    throw new ShapeError({
      who,
      got: `an estimate of ${estimate.width} x ${estimate.height} x ${estimate.depth}`,
      wanted: `the reference's ${reference.width} x ${reference.height} x ${reference.depth}`,
    });
  }
}

/** Refuses a volume where only planes are defined. */
export function requirePlane(who: string, mask: Mask): void {
  if (mask.depth !== 1)
    throw new InputError({
      who,
      got: `a volume of ${mask.depth} planes`,
      wanted: 'a plane',
      remedy: 'use the method for volumes',
    });
}

/** Copies the mask with `margin` background pixels on every side (z only for volumes). */
export function padMask(mask: Mask, margin = 1): Mask {
  const { data, width, height, depth } = mask;
  const marginZ = depth > 1 ? margin : 0;
  const w = width + 2 * margin;
  const h = height + 2 * margin;
  const d = depth + 2 * marginZ;
  const out = new Uint8Array(w * h * d);
  for (let z = 0; z < depth; z++) {
    for (let y = 0; y < height; y++) {
      const from = (z * height + y) * width;
      out.set(data.subarray(from, from + width), ((z + marginZ) * h + y + margin) * w + margin);
    }
  }
  return { data: out, width: w, height: h, depth: d };
}

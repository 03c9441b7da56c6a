import { z } from 'zod';

/** Ratio of the pixel sizes along each axis. */
export interface Factors {
  readonly x: number;
  readonly y: number;
  readonly z: number;
}

/** A ratio of pixel sizes: a number is that of x and y and leaves z, as a confocal scan is coarse in its plane. */
export type Factor = number | Factors;

/** The factor along each axis. */
export function byAxis(factor: Factor): Factors {
  return typeof factor === 'number' ? { x: factor, y: factor, z: 1 } : factor;
}

/** "4", "4 x 4 x 2" (x, y, z): as people read it. */
export function describeFactor(factor: Factor): string {
  const { x, y, z: axial } = byAxis(factor);
  return x === y && axial === 1 ? `${x}` : `${x} x ${y} x ${axial}`;
}

const wholeFactor = z.int().min(1).max(16).describe('ratio of the pixel sizes along this axis');

/** A factor in a spec. */
export const factorField = z
  .union(
    [
      z.int().min(2).max(16),
      z
        .strictObject({ x: wholeFactor.default(1), y: wholeFactor.default(1), z: wholeFactor.default(1) })
        .refine(({ x, y, z: axial }) => Math.max(x, y, axial) > 1, 'at least one axis must become coarser'),
    ],
    'wanted a whole number from 2 to 16, or {x: , y: , z: } of whole numbers from 1 to 16',
  )
  .describe('ratio of the pixel sizes: a number for x and y, or {x, y, z}; 1 where an axis is left out');

import type { Mask } from '../mask.js';

/** An axis of the image. */
export type Axis = 'x' | 'y' | 'z';

/** Pixels along an axis, and the step from one to the next: pixel i lies at floor(i / step) mod size. */
export function alongAxis({ width, height, depth }: Mask, axis: Axis): { size: number; step: number } {
  if (axis === 'x') return { size: width, step: 1 };
  if (axis === 'y') return { size: height, step: width };
  return { size: depth, step: width * height };
}

import { InputError } from '@lacuna/core';
import type { Mask, Spacing } from '../mask.js';
import { alongAxis, type Axis } from './axis.js';

/** What becomes of chords that end at the image's edge: they are longer than what is seen of them. */
export type EdgeChords = 'exclude' | 'include';

/**
 * Chord lengths: straight runs of foreground along an axis, on every line of pixels (PoreSpy's `apply_chords` takes
 * every second one).
 * @param options.edges chords that touch the image's edge along the axis are left out by default.
 * @returns lengths in the unit of the spacing, in raster order; empty where there is none. Their mean is the mean
 * intercept length.
 * @throws {InputError} for z in a plane.
 */
export function chordLengths(
  mask: Mask,
  axis: Axis,
  { spacing = { x: 1, y: 1 }, edges = 'exclude' }: { spacing?: Spacing; edges?: EdgeChords } = {},
): Float64Array {
  const { data } = mask;
  if (axis === 'z' && mask.depth === 1)
    throw new InputError({ who: 'chordLengths', got: 'axis z of a plane', wanted: 'x or y' });
  const { size, step } = alongAxis(mask, axis);
  const unit = spacing[axis] ?? 1;
  const out: number[] = [];
  for (let start = 0; start < data.length; start++) {
    // A line starts where its own coordinate is 0.
    if (Math.floor(start / step) % size !== 0) continue;
    let run = 0;
    for (let k = 0, i = start; k <= size; k++, i += step) {
      if (k < size && data[i]) {
        run++;
        continue;
      }
      if (run > 0 && (edges === 'include' || (k - run > 0 && k < size))) out.push(run * unit);
      run = 0;
    }
  }
  return Float64Array.from(out);
}

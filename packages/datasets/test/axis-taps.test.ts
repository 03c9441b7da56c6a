import { clampIndex, createRng } from '@lacuna/core';
import { describe, expect, it } from 'vitest';
import { cubicTaps, gaussianTaps, sampleAxis, sampleAxisBy } from '../src/align/volume/axis-taps.js';
import { axes, sizes, type Axis, type Grid } from '../src/align/volume/grid.js';
import type { AxisTaps } from '../src/align/volume/tap-lines.js';

const rng = createRng(5);

function noise(width: number, height: number, depth: number): Grid {
  return { data: Float32Array.from({ length: width * height * depth }, () => rng.normal()), width, height, depth };
}

/** The sums as they are defined, voxel by voxel, one tap after the other. */
function plainly(grid: Grid, axis: Axis, { from, weights, count }: AxisTaps): Float32Array {
  const { width, height } = grid;
  const size = { ...sizes(grid), [axis]: from.length };
  const values: number[] = [];
  const at = { x: 0, y: 0, z: 0 };
  for (at.z = 0; at.z < size.z; at.z++)
    for (at.y = 0; at.y < size.y; at.y++)
      for (at.x = 0; at.x < size.x; at.x++) {
        const read = { ...at };
        let sum = 0;
        for (let k = 0; k < count; k++) {
          read[axis] = clampIndex(from[at[axis]] + k, sizes(grid)[axis]);
          sum += weights[at[axis] * count + k] * grid.data[(read.z * height + read.y) * width + read.x];
        }
        values.push(sum);
      }
  return Float32Array.from(values);
}

/** Places from beyond one end to beyond the other, some of them voxels, not evenly apart. */
const placesOf = (length: number): Float64Array =>
  Float64Array.from({ length: 9 }, (_, i) => -2 + ((length + 3) * i * (1 + 0.01 * i)) / 8);

describe.each(axes)('taps along %s', (axis) => {
  // One column, less than one block of columns, and more than one.
  it.each([
    [1, 1, 1],
    [7, 5, 6],
    [23, 17, 19],
  ])('are the plain sums, bit for bit: %i x %i x %i voxels', (...size) => {
    const grid = noise(...size);
    const places = placesOf(sizes(grid)[axis]);
    const { value, slope, spread } = gaussianTaps(places, 1.3);
    for (const taps of [value, slope, spread, cubicTaps(places)]) {
      const sampled = sampleAxis(grid, axis, taps);
      expect(sizes(sampled)).toEqual({ ...sizes(grid), [axis]: places.length });
      expect(sampled.data).toEqual(plainly(grid, axis, taps));
    }
  });

  it('are the same for several taps at once', () => {
    const grid = noise(12, 11, 13);
    const { value, slope, spread } = gaussianTaps(placesOf(12), 0.8);
    const together = sampleAxisBy(grid, axis, [value, slope, spread]);
    expect(together).toEqual([value, slope, spread].map((taps) => sampleAxis(grid, axis, taps)));
  });
});

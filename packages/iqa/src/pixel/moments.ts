import { Layout } from '@lacuna/core/wasm';
import { STEP, filterKernel } from './kernels/filter-kernel.js';
import type { Float64Plane } from './planes.js';

/** One row of the windows' means of x, y, x², y² and xy; the arrays are used again for the next row. */
export interface LocalMeans {
  readonly x: Float64Array;
  readonly y: Float64Array;
  readonly xx: Float64Array;
  readonly yy: Float64Array;
  readonly xy: Float64Array;
}

/**
 * Means under symmetric `weights` (an odd number) of two planes, their squares and their product, row by row, only
 * where the window lies inside. Rows filtered across wait in a ring: memory goes with the width of the planes, not with
 * their size.
 */
export function visitMoments(
  a: Float64Plane,
  b: Float64Plane,
  weights: Float64Array,
  visit: (means: LocalMeans) => void,
): void {
  const { width, height } = a;
  const size = weights.length;
  const radius = (size - 1) / 2;
  const w = width - size + 1;
  const padded = Math.ceil(w / STEP) * STEP;
  const layout = new Layout();
  const weightsAt = layout.take(8 * size);
  const pointersAt = layout.take(4 * size);
  const five = [0, 1, 2, 3, 4].map(() => ({
    row: layout.take(8 * (padded + size)),
    out: layout.take(8 * padded),
    ring: layout.take(8 * padded * size),
  }));
  const { functions, buffer } = filterKernel().reserve(layout.bytes);
  const numbers = new Float64Array(buffer);
  const pointers = new Int32Array(buffer, pointersAt, size);
  numbers.set(weights.subarray(radius), weightsAt / 8);
  const [x, y, xx, yy, xy] = five.map(({ row }) => numbers.subarray(row / 8, row / 8 + width));
  const [ux, uy, uxx, uyy, uxy] = five.map(({ out }) => numbers.subarray(out / 8, out / 8 + w));
  const means: LocalMeans = { x: ux, y: uy, xx: uxx, yy: uyy, xy: uxy };
  for (let row = 0; row < height; row++) {
    x.set(a.data.subarray(row * width, (row + 1) * width));
    y.set(b.data.subarray(row * width, (row + 1) * width));
    for (let i = 0; i < width; i++) {
      xx[i] = x[i] * x[i];
      yy[i] = y[i] * y[i];
      xy[i] = x[i] * y[i];
    }
    for (const { row: from, ring } of five)
      functions.across(from, ring + 8 * padded * (row % size), w, weightsAt, radius);
    const top = row - size + 1;
    if (top < 0) continue;
    for (const { out, ring } of five) {
      for (let k = 0; k < size; k++) pointers[k] = ring + 8 * padded * ((top + k) % size);
      functions.down(pointersAt, out, w, weightsAt, radius);
    }
    visit(means);
  }
}

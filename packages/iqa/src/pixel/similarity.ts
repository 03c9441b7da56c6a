import type { Intensities } from '../intensities.js';
import { Layout, type Kernel } from '@lacuna/core/wasm';
import { RowLoader } from './row-loader.js';
import { gaussianWeights } from './gaussian.js';
import { SIZE, makeWindowKernel, type WindowKernel } from './kernels/window-kernel.js';

/** Half the side of the window of SSIM, 11 pixels of a Gaussian of σ 1.5. */
export const RADIUS = 5;

let kernel: Kernel<WindowKernel> | undefined;

/** One channel of one plane inside an image: its first value, and the step from one to the next. */
export interface Channel {
  readonly data: Intensities['data'];
  readonly width: number;
  readonly height: number;
  readonly first?: number;
  readonly step?: number;
}

/**
 * Sum of SSIM, or of its contrast-structure term, over all windows that lie wholly inside; C1 = (.01 L)², C2 = (.03
 * L)².
 *
 * Rows are filtered across first into a ring of the last 11, then down, two pixels at once: the working set (55 rows)
 * stays in the cache, and memory is not a multiple of the image.
 * @param map takes the value at each window, if given.
 */
export function sumOverWindows(
  which: 'similarity' | 'contrast',
  x: Channel,
  y: Channel,
  dataRange: number,
  map?: Float64Array,
): number {
  const { width, height } = x;
  const inner = width - 2 * RADIUS;
  const padded = Math.ceil((width + 2) / 8) * 8;
  const section = 8 * padded;
  const layout = new Layout();
  const constants = layout.take(16);
  const weights = layout.take(8 * (RADIUS + 1));
  const rowsAt = layout.take(4 * SIZE);
  const scratch = layout.take(4 * padded);
  const out = layout.take(section);
  // x, y, xy, x² + y² of one row; a window may begin at the last pixel of an odd row's last pair.
  const [xAt, yAt, productAt, squaresAt] = Array.from({ length: 4 }, () => layout.take(section + 8 * SIZE));
  const ring = layout.take(4 * section * SIZE);
  kernel ??= makeWindowKernel();
  const { functions, buffer } = kernel.reserve(layout.bytes);
  const loader = new RowLoader(buffer, scratch, functions.promote);
  new Float64Array(buffer, constants, 2).set([(0.01 * dataRange) ** 2, (0.03 * dataRange) ** 2]);
  new Float64Array(buffer, weights, RADIUS + 1).set(gaussianWeights(1.5, RADIUS).subarray(0, RADIUS + 1));
  const rows = new Int32Array(buffer, rowsAt, SIZE);
  const values = new Float64Array(buffer, out, inner);
  const finish = functions[which];
  let sum = 0;
  for (let row = 0; row < height; row++) {
    for (const [channel, at] of [
      [x, xAt],
      [y, yAt],
    ] as const) {
      const { data, first = 0, step = 1 } = channel;
      loader.load(data, first + row * width * step, step, width, at);
    }
    functions.multiply(xAt, yAt, productAt, squaresAt, width);
    const slot = ring + 4 * section * (row % SIZE);
    functions.across(xAt, slot, inner, weights);
    functions.across(yAt, slot + section, inner, weights);
    functions.across(productAt, slot + 2 * section, inner, weights);
    functions.across(squaresAt, slot + 3 * section, inner, weights);
    const top = row - 2 * RADIUS;
    if (top < 0) continue;
    for (let k = 0; k < SIZE; k++) rows[k] = ring + 4 * section * ((top + k) % SIZE);
    sum += finish(rowsAt, out, inner, section, constants, weights);
    map?.set(values, top * inner);
  }
  return sum;
}

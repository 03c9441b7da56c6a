import { InputError, ShapeError, describeShape } from '@lacuna/core';
import { sumSquares } from './pixel/kernels/sum-kernel.js';

/** What metrics of intensities read: an `Image` of `@lacuna/core`, or any typed array with its sizes; [z][y][x][c]. */
export interface Intensities {
  readonly data: Float32Array | Float64Array | Uint8Array | Uint16Array;
  readonly width: number;
  readonly height: number;
  readonly depth: number;
  readonly channels: number;
}

/** Refuses two grids of different sizes. @throws {ShapeError} naming both. */
export function requireSameSize(who: string, reference: Intensities, estimate: Intensities): void {
  if (
    reference.width !== estimate.width ||
    reference.height !== estimate.height ||
    reference.depth !== estimate.depth ||
    reference.channels !== estimate.channels
  ) {
    throw new ShapeError({
      who,
      got: `an estimate of ${describeShape(estimate)}`,
      wanted: `the reference's ${describeShape(reference)}`,
      remedy: 'crop or resample one of them first',
    });
  }
}

/** Refuses NaN and infinities. @throws {InputError} with the first index. */
export function requireFinite(who: string, role: string, grid: Intensities): void {
  const { data, width, height, channels } = grid;
  if (!(data instanceof Float32Array) && !(data instanceof Float64Array)) return;
  // Squares of float32 cannot overflow float64, so their sum is finite if and only if all of them are.
  if (data instanceof Float32Array && Number.isFinite(sumSquares(data))) return;
  for (let i = 0; i < data.length; i++) {
    // A finite number minus itself is 0; NaN and infinities give NaN.
    if (data[i] - data[i] !== 0) {
      const pixel = Math.floor(i / channels);
      const row = Math.floor(pixel / width);
      const at = `x ${pixel % width}, y ${row % height}, z ${Math.floor(row / height)}`;
      throw new InputError({
        who,
        got: `${data[i]} in the ${role} at index ${i} (${at})`,
        wanted: 'finite values',
        remedy: 'replace or crop such pixels first',
      });
    }
  }
}

/** Refuses a pair that no metric can compare: other sizes, or values that are not finite. */
export function requirePair(who: string, reference: Intensities, estimate: Intensities): void {
  requireSameSize(who, reference, estimate);
  requireFinite(who, 'reference', reference);
  requireFinite(who, 'estimate', estimate);
}

/** Refuses a missing or empty data range. @throws {InputError}; nothing here guesses 1 or 255. */
export function requireDataRange(who: string, dataRange: number): void {
  if (!(dataRange > 0) || !Number.isFinite(dataRange)) {
    throw new InputError({
      who,
      got: `data range ${dataRange}`,
      wanted: 'a positive number',
      remedy: 'give the span of intensities that the images are held to, for example 1 or 4095',
    });
  }
}

/** Refuses more than one channel. */
export function requireOneChannel(who: string, grid: Intensities): void {
  if (grid.channels !== 1) {
    throw new ShapeError({ who, got: `${grid.channels} channels`, wanted: 'one', remedy: 'select a channel first' });
  }
}

/** Cuts `border` pixels from each side in x and y (not z). @throws {InputError} if nothing would be left. */
export function cropBorder(grid: Intensities, border: number): Intensities {
  if (border === 0) return grid;
  const { data, width, height, depth, channels } = grid;
  const w = width - 2 * border;
  const h = height - 2 * border;
  if (!Number.isInteger(border) || border < 0 || w < 1 || h < 1) {
    throw new InputError({
      who: 'border',
      got: `${border} px on ${describeShape(grid)}`,
      wanted: 'a whole number >= 0 that leaves pixels',
    });
  }
  const out = new Float64Array(w * h * depth * channels);
  let to = 0;
  for (let z = 0; z < depth; z++) {
    for (let y = border; y < height - border; y++) {
      const from = ((z * height + y) * width + border) * channels;
      for (let i = 0; i < w * channels; i++) out[to++] = data[from + i];
    }
  }
  return { data: out, width: w, height: h, depth, channels };
}

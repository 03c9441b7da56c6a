import { InputError, median, type Image } from '@lacuna/core';
import { gaussianBlur } from '../filters/separable.js';
import { LeastSquares } from './least-squares.js';
import { phaseCorrelation, type Plane } from './phase-correlation.js';
import { resamplePlane } from './resample.js';
import { aligned, corrected, lrPlacement, type PairTransform, type Placement } from './transform.js';

/** What was found of a pair. */
export interface Alignment {
  readonly transform: PairTransform;
  /** Median distance between places of the LR image and of the aligned HR image, LR pixels. */
  readonly residual: number;
  /** Correlation of the intensities after alignment, -1 to 1. */
  readonly correlation: number;
}

/** Side of the places whose shifts are compared, LR pixels, and the fewest that the fit rests on. */
const TILE = 64;
const LEAST_TILE = 24;
/** Side of the middle that gives the first shift. */
const MIDDLE = 512;
const SAMPLES = 60_000;

/**
 * Estimates shift, scale and linear drift of a coarse scan against a fine image: phase correlation of the whole, then
 * of tiles with a robust fit of the five numbers, then Gauss-Newton on the intensities (gain and offset free). Volumes
 * are judged by the mean of their planes.
 * @throws {InputError} for images without structure.
 */
export function estimateAlignment(lr: Image, hr: Image, factor: number): Alignment {
  const coarse = softened(lr, 0.7);
  const fine = softened(hr, 0.9 * factor);
  const sample = (transform: PairTransform) => ({
    ...coarse,
    data: resamplePlane(fine.data, fine, lrPlacement(transform, coarse, factor), coarse),
  });
  if (spreadOf(coarse.data) === 0 || spreadOf(fine.data) === 0)
    throw new InputError({
      who: `alignment of ${lr.name}`,
      got: 'constant intensities',
      wanted: 'structure in both images',
      remedy: 'leave the pair out',
    });
  const seen = (transform: PairTransform) => sharedPixels(coarse, fine, lrPlacement(transform, coarse, factor));
  let transform = wholeShift(coarse, sample);
  for (let round = 0; round < 3; round++) {
    const tiles = tileShifts(coarse, sample(transform), 10);
    const fit = tiles.length >= 5 ? fitTiles(tiles, coarse.height) : null;
    if (!fit) break;
    transform = corrected(transform, fit);
  }
  transform = refine(coarse, sample, seen, transform);
  const pixels = seen(transform);
  const at = ({ data }: Raster) => Float32Array.from(pixels, (i) => data[i]);
  const found = sample(transform);
  const tiles = tileShifts(coarse, found, 100);
  const left = tiles.length > 0 ? tiles : [{ u: 0, v: 0, ...localShift(coarse, found, 100) }];
  return {
    transform,
    residual: median(left.map(({ x, y }) => Math.hypot(x, y))),
    correlation: correlationOf(at(coarse), at(found)),
  };
}

interface Raster {
  readonly data: Float32Array;
  readonly width: number;
  readonly height: number;
}
interface TileShift {
  readonly u: number;
  readonly v: number;
  readonly x: number;
  readonly y: number;
}

/** The mean plane, smoothed: noise and detail below the LR pixel say nothing about where things are. */
function softened(image: Image, sigma: number): Raster {
  const { width, height, depth } = image;
  const plane = new Float32Array(width * height);
  for (let z = 0; z < depth; z++)
    for (let i = 0; i < plane.length; i++) plane[i] += image.data[z * plane.length + i] / depth;
  return gaussianBlur({ ...image, data: plane, depth: 1 }, sigma);
}

/**
 * The better of two first guesses: phase correlation, which ignores illumination, and plain correlation, which ignores
 * noise.
 */
function wholeShift(coarse: Raster, sample: (transform: PairTransform) => Raster): PairTransform {
  const still = sample(aligned);
  const side = (length: number) => Math.min(length, MIDDLE);
  const width = side(coarse.width);
  const height = side(coarse.height);
  const middle = (raster: Raster) =>
    windowed(raster, Math.floor((raster.width - width) / 2), Math.floor((raster.height - height) / 2), width, height);
  const guesses = (['phase', 'none'] as const).map((normalisation) => {
    const { x, y } = phaseCorrelation(middle(coarse), middle(still), { upsample: 10, normalisation });
    return { ...aligned, shiftX: -x, shiftY: -y };
  });
  const score = (transform: PairTransform) => correlationOf(coarse.data, sample(transform).data);
  return [aligned, ...guesses]
    .map((guess) => ({ guess, score: score(guess) }))
    .reduce((best, one) => (one.score > best.score ? one : best)).guess;
}

/** How far the LR image lies from the HR image in each tile: LR(p) = HR(p + shift). */
function tileShifts(coarse: Raster, found: Raster, upsample: number): TileShift[] {
  const side = Math.min(TILE, Math.floor(Math.min(coarse.width, coarse.height) / 2));
  if (side < LEAST_TILE) return [];
  const starts = (length: number) => {
    const count = Math.min(8, Math.max(2, Math.round((2 * length) / side) - 1));
    return Array.from({ length: count }, (_, i) => Math.round((i * (length - side)) / (count - 1)));
  };
  const tiles: TileShift[] = [];
  for (const top of starts(coarse.height)) {
    for (const left of starts(coarse.width)) {
      const shift = localShift(coarse, found, upsample, { left, top, side });
      // A tile whose peak lies far away has found something else.
      if (Math.max(Math.abs(shift.x), Math.abs(shift.y)) < side / 4)
        tiles.push({
          u: left + (side - 1) / 2 - (coarse.width - 1) / 2,
          v: top + (side - 1) / 2 - (coarse.height - 1) / 2,
          ...shift,
        });
    }
  }
  return tiles;
}

/** The shift of one square tile; of the largest one at the upper left where none is named. */
function localShift(
  coarse: Raster,
  found: Raster,
  upsample: number,
  { left, top, side } = { left: 0, top: 0, side: Math.min(coarse.width, coarse.height) },
): { x: number; y: number } {
  const { x, y } = phaseCorrelation(windowed(coarse, left, top, side, side), windowed(found, left, top, side, side), {
    upsample,
    normalisation: 'none',
  });
  return { x: -x, y: -y };
}

/** A part without its mean, under a Hann window: its edges would correlate with themselves. */
function windowed(raster: Raster, left: number, top: number, width: number, height: number): Plane {
  const data = new Float64Array(width * height);
  let mean = 0;
  for (let y = 0; y < height; y++)
    for (let x = 0; x < width; x++) mean += raster.data[(top + y) * raster.width + left + x] / data.length;
  const hann = (i: number, length: number) => 0.5 - 0.5 * Math.cos((2 * Math.PI * (i + 0.5)) / length);
  for (let y = 0; y < height; y++)
    for (let x = 0; x < width; x++)
      data[y * width + x] =
        (raster.data[(top + y) * raster.width + left + x] - mean) * hann(x, width) * hann(y, height);
  return { data, width, height };
}

/**
 * Shift, scale and drift through the tiles' shifts, by least squares with Cauchy weights, so that stray tiles do not
 * count.
 */
function fitTiles(tiles: readonly TileShift[], height: number): Float64Array | null {
  const weights = new Float64Array(tiles.length).fill(1);
  let fit: Float64Array | null = null;
  for (let round = 0; round < 8; round++) {
    const squares = new LeastSquares(5);
    tiles.forEach(({ u, v, x, y }, i) => {
      squares.add([1, 0, u, v / height, 0], x, weights[i]);
      squares.add([0, 1, v, 0, v / height], y, weights[i]);
    });
    const next = squares.solve();
    if (!next) return fit;
    fit = next;
    const distances = tiles.map(({ u, v, x, y }) =>
      Math.hypot(
        x - (next[0] + next[2] * u + (next[3] * v) / height),
        y - (next[1] + next[2] * v + (next[4] * v) / height),
      ),
    );
    const scale = Math.max(0.02, 1.5 * median(distances));
    distances.forEach((distance, i) => {
      weights[i] = 1 / (1 + (distance / scale) ** 2);
    });
  }
  return fit;
}

/** LR pixels that lie on the HR image, two LR pixels from either rim: smoothing has changed those nearer. */
function sharedPixels({ width, height }: Raster, fine: Raster, at: Placement): Int32Array {
  const found = new Int32Array(width * height);
  const rim = (2 * fine.width) / width;
  let count = 0;
  for (let y = 2; y < height - 2; y++) {
    const v = at.originY + at.stepY * y;
    if (v < rim || v > fine.height - 1 - rim) continue;
    for (let x = 2; x < width - 2; x++) {
      const u = at.originX + at.stepX * x + at.shearX * y;
      if (u >= rim && u <= fine.width - 1 - rim) found[count++] = y * width + x;
    }
  }
  return found.subarray(0, count);
}

/** Gauss-Newton: LR = gain · HR(p) + offset, over the five numbers of the transform, the gain and the offset. */
function refine(
  coarse: Raster,
  sample: (transform: PairTransform) => Raster,
  seen: (transform: PairTransform) => Int32Array,
  start: PairTransform,
): PairTransform {
  const { width, height } = coarse;
  const half = 0.25;
  const every = Math.max(1, Math.floor((width * height) / SAMPLES));
  let transform = start;
  let best = start;
  let least = Infinity;
  for (let round = 0; round < 12; round++) {
    const at = (x: number, y: number) =>
      sample({ ...transform, shiftX: transform.shiftX + x, shiftY: transform.shiftY + y }).data;
    const here = at(0, 0);
    const pixels = seen(transform);
    const right = at(half, 0);
    const left = at(-half, 0);
    const down = at(0, half);
    const up = at(0, -half);
    const { gain, offset, error } = matchIntensities(coarse.data, here, pixels);
    if (error < least) [best, least] = [transform, error];
    const squares = new LeastSquares(7);
    const row = new Float64Array(7);
    for (let k = 0; k < pixels.length; k += every) {
      const i = pixels[k];
      const u = (i % width) - (width - 1) / 2;
      const v = Math.floor(i / width) - (height - 1) / 2;
      const gx = (gain * (right[i] - left[i])) / (2 * half);
      const gy = (gain * (down[i] - up[i])) / (2 * half);
      row[0] = gx;
      row[1] = gy;
      row[2] = gx * u + gy * v;
      row[3] = (gx * v) / height;
      row[4] = (gy * v) / height;
      row[5] = here[i];
      row[6] = 1;
      squares.add(row, coarse.data[i] - gain * here[i] - offset);
    }
    const step = squares.solve();
    if (!step) return best;
    transform = corrected(transform, step);
    if (
      Math.abs(step[0]) + Math.abs(step[1]) < 1e-4 &&
      Math.abs(step[2]) * width + Math.abs(step[3]) + Math.abs(step[4]) < 1e-3
    )
      break;
  }
  return matchIntensities(coarse.data, sample(transform).data, seen(transform)).error <= least ? transform : best;
}

/** LR = gain · HR + offset over some pixels, and the mean square of what is left. */
function matchIntensities(
  lr: Float32Array,
  hr: Float32Array,
  pixels: Int32Array,
): { gain: number; offset: number; error: number } {
  const squares = new LeastSquares(2);
  const row = Float64Array.of(0, 1);
  for (const i of pixels) {
    row[0] = hr[i];
    squares.add(row, lr[i]);
  }
  const [gain = 1, offset = 0] = squares.solve() ?? [];
  return {
    gain,
    offset,
    error:
      pixels.length === 0
        ? Infinity
        : pixels.reduce((sum, i) => sum + (lr[i] - gain * hr[i] - offset) ** 2, 0) / pixels.length,
  };
}

function correlationOf(a: Float32Array, b: Float32Array): number {
  const mean = (values: Float32Array) => values.reduce((sum, value) => sum + value, 0) / values.length;
  const meanA = mean(a);
  const meanB = mean(b);
  let both = 0;
  let squareA = 0;
  let squareB = 0;
  for (let i = 0; i < a.length; i++) {
    const p = a[i] - meanA;
    const q = b[i] - meanB;
    both += p * q;
    squareA += p * p;
    squareB += q * q;
  }
  return squareA > 0 && squareB > 0 ? both / Math.sqrt(squareA * squareB) : 0;
}

function spreadOf(values: Float32Array): number {
  return (
    values.reduce((high, value) => Math.max(high, value), -Infinity) -
    values.reduce((low, value) => Math.min(low, value), Infinity)
  );
}

import { InputError, describeShape } from '@lacuna/core';
import { requireDataRange, requirePair, type Grid } from '../grid.js';

const SIGMA = 1.5;
const RADIUS = 5;
const K1 = 0.01;
const K2 = 0.03;

/** The 11 weights of the window, exp(-x² / 2σ²) normalised to a sum of 1. */
const WEIGHTS = gaussianWeights(SIGMA, RADIUS);

/** Weights of a sampled, normalised Gaussian at -radius..radius. */
export function gaussianWeights(sigma: number, radius: number): Float64Array {
  const weights = new Float64Array(2 * radius + 1);
  let sum = 0;
  for (let i = -radius; i <= radius; i++) sum += weights[i + radius] = Math.exp((-0.5 * i * i) / (sigma * sigma));
  return weights.map((w) => w / sum);
}

/**
 * Structural similarity (Wang et al. 2004, doi 10.1109/TIP.2003.819861): the mean over pixels at least 5 px from the edge of
 * (2 μx μy + C1)(2 σxy + C2) / ((μx² + μy² + C1)(σx² + σy² + C2)), C1 = (.01 L)², C2 = (.03 L)², Gaussian 11 x 11 window of σ 1.5.
 *
 * Equals scikit-image with `gaussian_weights=True, sigma=1.5, use_sample_covariance=False`. Channels, and the planes of a
 * volume, are scored by themselves and averaged.
 * @param options.dataRange L, mandatory.
 * @returns in [-1, 1], 1 for identical images.
 * @throws {InputError} for images below 11 x 11. @throws {ShapeError} if sizes differ.
 */
export function ssim(reference: Grid, estimate: Grid, { dataRange }: { dataRange: number }): number {
  checkSsim(reference, estimate, dataRange);
  const { width, height, depth, channels } = reference;
  const a = new Float64Array(width * height), b = new Float64Array(width * height);
  const inner = (width - 2 * RADIUS) * (height - 2 * RADIUS);
  let total = 0;
  for (let z = 0; z < depth; z++) {
    for (let c = 0; c < channels; c++) {
      readPlane(reference, z, c, a);
      readPlane(estimate, z, c, b);
      total += sumInside(a, b, width, height, (K1 * dataRange) ** 2, (K2 * dataRange) ** 2) / inner;
    }
  }
  return total / (depth * channels);
}

/**
 * The SSIM of every pixel, [z][y][x][c]; beyond the edges the images are mirrored (edge pixel repeated), as scikit-image's `full=True`.
 * The map's mean over pixels at least 5 px from the edge is {@link ssim}.
 */
export function ssimMap(reference: Grid, estimate: Grid, { dataRange }: { dataRange: number }): Float64Array {
  checkSsim(reference, estimate, dataRange);
  const { width, height, depth, channels } = reference;
  const w = width + 2 * RADIUS, h = height + 2 * RADIUS;
  const a = new Float64Array(width * height), b = new Float64Array(width * height);
  const map = new Float64Array(width * height * depth * channels), plane = new Float64Array(width * height);
  for (let z = 0; z < depth; z++) {
    for (let c = 0; c < channels; c++) {
      readPlane(reference, z, c, a);
      readPlane(estimate, z, c, b);
      sumInside(mirror(a, width, height), mirror(b, width, height), w, h, (K1 * dataRange) ** 2, (K2 * dataRange) ** 2, plane);
      for (let i = 0; i < plane.length; i++) map[(z * plane.length + i) * channels + c] = plane[i];
    }
  }
  return map;
}

function checkSsim(reference: Grid, estimate: Grid, dataRange: number): void {
  requireDataRange('ssim', dataRange);
  requirePair('ssim', reference, estimate);
  const side = 2 * RADIUS + 1;
  if (reference.width < side || reference.height < side) {
    throw new InputError({ who: 'ssim', got: describeShape(reference), wanted: `at least ${side} x ${side}, its window`, remedy: 'compare larger images, or use psnr' });
  }
}

function readPlane(grid: Grid, z: number, c: number, out: Float64Array): void {
  const { data, channels } = grid;
  const from = z * out.length;
  for (let i = 0; i < out.length; i++) out[i] = data[(from + i) * channels + c];
}

function mirror(plane: Float64Array, width: number, height: number): Float64Array {
  const w = width + 2 * RADIUS, h = height + 2 * RADIUS;
  const out = new Float64Array(w * h);
  for (let y = 0; y < h; y++) {
    const sy = reflect(y - RADIUS, height);
    for (let x = 0; x < w; x++) out[y * w + x] = plane[sy * width + reflect(x - RADIUS, width)];
  }
  return out;
}

function reflect(i: number, size: number): number {
  return i < 0 ? -1 - i : i >= size ? 2 * size - 1 - i : i;
}

/**
 * Sum of the SSIM over all windows that lie wholly inside. Rows are filtered across first into a ring of the last 11, then down:
 * the working set (55 rows) stays in the cache, and memory is not a multiple of the image.
 */
function sumInside(a: Float64Array, b: Float64Array, width: number, height: number, c1: number, c2: number, out?: Float64Array): number {
  const size = 2 * RADIUS + 1, w = width - 2 * RADIUS;
  const [w0, w1, w2, w3, w4, w5] = WEIGHTS;
  const rows = Array.from({ length: size }, () => new Float64Array(4 * w));
  const product = new Float64Array(width), squares = new Float64Array(width);
  let sum = 0;
  for (let y = 0; y < height; y++) {
    const row = rows[y % size], base = y * width;
    for (let x = 0; x < width; x++) {
      const p = a[base + x], q = b[base + x];
      product[x] = p * q;
      squares[x] = p * p + q * q;
    }
    for (let x = 0; x < w; x++) {
      const i = base + x;
      row[4 * x] = w0 * (a[i] + a[i + 10]) + w1 * (a[i + 1] + a[i + 9]) + w2 * (a[i + 2] + a[i + 8]) + w3 * (a[i + 3] + a[i + 7]) + w4 * (a[i + 4] + a[i + 6]) + w5 * a[i + 5];
      row[4 * x + 1] = w0 * (b[i] + b[i + 10]) + w1 * (b[i + 1] + b[i + 9]) + w2 * (b[i + 2] + b[i + 8]) + w3 * (b[i + 3] + b[i + 7]) + w4 * (b[i + 4] + b[i + 6]) + w5 * b[i + 5];
      row[4 * x + 2] = w0 * (product[x] + product[x + 10]) + w1 * (product[x + 1] + product[x + 9]) + w2 * (product[x + 2] + product[x + 8]) + w3 * (product[x + 3] + product[x + 7]) + w4 * (product[x + 4] + product[x + 6]) + w5 * product[x + 5];
      row[4 * x + 3] = w0 * (squares[x] + squares[x + 10]) + w1 * (squares[x + 1] + squares[x + 9]) + w2 * (squares[x + 2] + squares[x + 8]) + w3 * (squares[x + 3] + squares[x + 7]) + w4 * (squares[x + 4] + squares[x + 6]) + w5 * squares[x + 5];
    }
    if (y < 2 * RADIUS) continue;
    const top = y - 2 * RADIUS;
    const r0 = rows[top % size], r1 = rows[(top + 1) % size], r2 = rows[(top + 2) % size], r3 = rows[(top + 3) % size], r4 = rows[(top + 4) % size], r5 = rows[(top + 5) % size];
    const r6 = rows[(top + 6) % size], r7 = rows[(top + 7) % size], r8 = rows[(top + 8) % size], r9 = rows[(top + 9) % size], r10 = rows[(top + 10) % size];
    for (let x = 0; x < 4 * w; x += 4) {
      const ux = w0 * (r0[x] + r10[x]) + w1 * (r1[x] + r9[x]) + w2 * (r2[x] + r8[x]) + w3 * (r3[x] + r7[x]) + w4 * (r4[x] + r6[x]) + w5 * r5[x];
      const uy = w0 * (r0[x + 1] + r10[x + 1]) + w1 * (r1[x + 1] + r9[x + 1]) + w2 * (r2[x + 1] + r8[x + 1]) + w3 * (r3[x + 1] + r7[x + 1]) + w4 * (r4[x + 1] + r6[x + 1]) + w5 * r5[x + 1];
      const uxy = w0 * (r0[x + 2] + r10[x + 2]) + w1 * (r1[x + 2] + r9[x + 2]) + w2 * (r2[x + 2] + r8[x + 2]) + w3 * (r3[x + 2] + r7[x + 2]) + w4 * (r4[x + 2] + r6[x + 2]) + w5 * r5[x + 2];
      const uss = w0 * (r0[x + 3] + r10[x + 3]) + w1 * (r1[x + 3] + r9[x + 3]) + w2 * (r2[x + 3] + r8[x + 3]) + w3 * (r3[x + 3] + r7[x + 3]) + w4 * (r4[x + 3] + r6[x + 3]) + w5 * r5[x + 3];
      const mixed = ux * uy, means = ux * ux + uy * uy;
      const value = ((2 * mixed + c1) * (2 * (uxy - mixed) + c2)) / ((means + c1) * (uss - means + c2));
      sum += value;
      if (out) out[top * w + (x >> 2)] = value;
    }
  }
  return sum;
}

import { requireDataRange, requirePair, requireSameSize, type Intensities } from '../intensities.js';
import { sumSquaredDifferences, sumSquares } from './kernels/sum-kernel.js';

/**
 * Mean squared error, mean((reference - estimate)²), over all pixels and channels. Sums in float64.
 * @throws {ShapeError} if sizes differ. @throws {InputError} if a value is not finite.
 */
export function mse(reference: Intensities, estimate: Intensities): number {
  requireSameSize('mse', reference, estimate);
  const a = reference.data;
  const b = estimate.data;
  const sum = a instanceof Float32Array && b instanceof Float32Array ? sumSquaredDifferences(a, b) : differences(a, b);
  // NaN and infinities show in the sum: only then are the images searched for them.
  if (!Number.isFinite(sum)) requirePair('mse', reference, estimate);
  return sum / a.length;
}

function differences(a: Intensities['data'], b: Intensities['data']): number {
  // Four sums side by side: one alone would wait for itself at every addition.
  const n = a.length;
  const whole = n - (n % 4);
  let s0 = 0;
  let s1 = 0;
  let s2 = 0;
  let s3 = 0;
  for (let i = 0; i < whole; i += 4) {
    const d0 = a[i] - b[i];
    const d1 = a[i + 1] - b[i + 1];
    const d2 = a[i + 2] - b[i + 2];
    const d3 = a[i + 3] - b[i + 3];
    s0 += d0 * d0;
    s1 += d1 * d1;
    s2 += d2 * d2;
    s3 += d3 * d3;
  }
  for (let i = whole; i < n; i++) s0 += (a[i] - b[i]) ** 2;
  return s0 + s1 + (s2 + s3);
}

/** How an RMSE is put in relation: to the reference's root mean square, its span, or its mean. */
export type Normalization = 'euclidean' | 'min-max' | 'mean';

/**
 * Root mean squared error over a size of the reference (scikit-image's `normalized_root_mse`).
 * @param normalization `euclidean`: sqrt(mean(reference²)); `min-max`: max - min; `mean`: mean.
 * @returns NaN where that size is 0 and the images are equal, Infinity where it is 0 and they differ.
 */
export function nrmse(
  reference: Intensities,
  estimate: Intensities,
  { normalization = 'euclidean' }: { normalization?: Normalization } = {},
): number {
  const error = Math.sqrt(mse(reference, estimate));
  return error / sizeOf(reference.data, normalization);
}

function sizeOf(a: Intensities['data'], normalization: Normalization): number {
  const n = a.length;
  if (normalization === 'min-max') {
    let low = Infinity;
    let high = -Infinity;
    for (let i = 0; i < n; i++) {
      if (a[i] < low) low = a[i];
      if (a[i] > high) high = a[i];
    }
    return high - low;
  }
  return normalization === 'euclidean'
    ? Math.sqrt((a instanceof Float32Array ? sumSquares(a) : sumOfSquares(a)) / n)
    : sumOf(a) / n;
}

function sumOfSquares(a: Intensities['data']): number {
  const n = a.length;
  const whole = n - (n % 4);
  let s0 = 0;
  let s1 = 0;
  let s2 = 0;
  let s3 = 0;
  for (let i = 0; i < whole; i += 4) {
    s0 += a[i] * a[i];
    s1 += a[i + 1] * a[i + 1];
    s2 += a[i + 2] * a[i + 2];
    s3 += a[i + 3] * a[i + 3];
  }
  for (let i = whole; i < n; i++) s0 += a[i] * a[i];
  return s0 + s1 + (s2 + s3);
}

function sumOf(a: Intensities['data']): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += a[i];
  return sum;
}

/**
 * Peak signal-to-noise ratio, 10·log10(L² / MSE), in dB.
 * @param options.dataRange L. No default: a guess is silently wrong.
 * @returns Infinity for identical images.
 * @throws {ShapeError} if sizes differ. @throws {InputError} for a range that is not positive, or values that are not
 * finite.
 */
export function psnr(reference: Intensities, estimate: Intensities, { dataRange }: { dataRange: number }): number {
  requireDataRange('psnr', dataRange);
  const error = mse(reference, estimate);
  return error === 0 ? Infinity : 10 * Math.log10((dataRange * dataRange) / error);
}

/**
 * Pearson's correlation of the intensities, in [-1, 1]. Means are taken off first, so that a large offset costs no
 * digits.
 * @returns null if either image is constant: the correlation is then undefined.
 */
export function pearson(reference: Intensities, estimate: Intensities): number | null {
  requirePair('pearson', reference, estimate);
  const a = reference.data;
  const b = estimate.data;
  const n = a.length;
  let meanA = 0;
  let meanB = 0;
  for (let i = 0; i < n; i++) {
    meanA += a[i];
    meanB += b[i];
  }
  meanA /= n;
  meanB /= n;
  let ab = 0;
  let aa = 0;
  let bb = 0;
  for (let i = 0; i < n; i++) {
    const p = a[i] - meanA;
    const q = b[i] - meanB;
    ab += p * q;
    aa += p * p;
    bb += q * q;
  }
  if (isConstant(a) || isConstant(b)) return null;
  return Math.max(-1, Math.min(1, ab / Math.sqrt(aa * bb)));
}

function isConstant(data: ArrayLike<number>): boolean {
  for (let i = 1; i < data.length; i++) if (data[i] !== data[0]) return false;
  return true;
}

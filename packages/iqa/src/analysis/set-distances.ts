import { InputError, ShapeError } from '@lacuna/core';
import { applySymmetric, eigenSymmetric, moments, product } from '../symmetric-matrix.js';

/** Features of a set of images, one row an image (or a block of one), all of one length. */
export type FeatureRows = readonly ArrayLike<number>[];

/**
 * How features are put on one scale first: `reference` takes off the reference set's mean and divides by its deviation.
 */
export type FeatureScale = 'none' | 'reference';

/**
 * Fréchet distance of two sets of features, as if each were Gaussian: |μ1 - μ2|² + tr(Σ1 + Σ2 - 2 (Σ1 Σ2)^½) (Dowson
 * and Landau 1982).
 *
 * Not FID: that name means features of an Inception network, which is not at hand. Name the features beside the value.
 * @param options.scale no default: features of different units need `reference`.
 * @returns 0 for equal means and covariances; biased upwards for few rows.
 * @throws {InputError} below two rows. @throws {ShapeError} for rows of different lengths.
 */
export function frechetDistance(
  reference: FeatureRows,
  estimate: FeatureRows,
  { scale }: { scale: FeatureScale },
): number {
  const [a, b, n] = prepare('frechetDistance', reference, estimate, scale);
  const p = moments(a);
  const q = moments(b);
  const root = applySymmetric(eigenSymmetric(p.covariance, n), (v) => Math.sqrt(Math.max(0, v)));
  // (Σ1 Σ2)^½ has the trace of (Σ1^½ Σ2 Σ1^½)^½, which is symmetric.
  const inner = product(product(root, q.covariance, n), root, n);
  const symmetric = inner.map((v, k) => (v + inner[(k % n) * n + Math.floor(k / n)]) / 2);
  let distance = 0;
  for (const v of eigenSymmetric(symmetric, n).values) distance -= 2 * Math.sqrt(Math.max(0, v));
  for (let i = 0; i < n; i++)
    distance += (p.mean[i] - q.mean[i]) ** 2 + p.covariance[i * n + i] + q.covariance[i * n + i];
  return Math.max(0, distance);
}

/**
 * Kernel distance of two sets of features: the unbiased estimate of the squared maximum mean discrepancy with the
 * kernel (x·y / d + 1)³ (Bińkowski et al. 2018, arXiv:1801.01401), d the number of features.
 *
 * Not KID, for the same reason as {@link frechetDistance}. Unbiased: may fall below 0 for sets of one origin.
 * @throws {InputError} below two rows. @throws {ShapeError} for rows of different lengths.
 */
export function kernelDistance(
  reference: FeatureRows,
  estimate: FeatureRows,
  { scale }: { scale: FeatureScale },
): number {
  const [a, b, n] = prepare('kernelDistance', reference, estimate, scale);
  const kernel = (x: Float64Array, y: Float64Array): number => {
    let sum = 0;
    for (let i = 0; i < n; i++) sum += x[i] * y[i];
    return (sum / n + 1) ** 3;
  };
  const within = (rows: Float64Array[]): number => {
    let sum = 0;
    for (let i = 0; i < rows.length; i++) for (let j = 0; j < i; j++) sum += 2 * kernel(rows[i], rows[j]);
    return sum / (rows.length * (rows.length - 1));
  };
  let across = 0;
  for (const x of a) for (const y of b) across += kernel(x, y);
  return within(a) + within(b) - (2 * across) / (a.length * b.length);
}

function prepare(
  who: string,
  reference: FeatureRows,
  estimate: FeatureRows,
  scale: FeatureScale,
): [Float64Array[], Float64Array[], number] {
  if (reference.length < 2 || estimate.length < 2)
    throw new InputError({
      who,
      got: `${reference.length} and ${estimate.length} rows of features`,
      wanted: 'at least two of each',
      remedy: 'measure more images, or cut them into blocks',
    });
  const n = reference[0].length;
  for (const row of [...reference, ...estimate]) {
    if (row.length !== n)
      throw new ShapeError({ who, got: `a row of ${row.length} features`, wanted: `${n}, as the first row` });
    for (let i = 0; i < n; i++)
      if (!Number.isFinite(row[i]))
        throw new InputError({
          who,
          got: `${row[i]} as feature ${i}`,
          wanted: 'finite values',
          remedy: 'leave such rows out',
        });
  }
  const copy = (rows: FeatureRows) => rows.map((row) => Float64Array.from(row));
  if (scale === 'none') return [copy(reference), copy(estimate), n];
  const { mean, covariance } = moments(reference);
  // A feature that is constant in the reference keeps its unit.
  const deviation = mean.map((_, i) => Math.sqrt(covariance[i * n + i]) || 1);
  const standard = (rows: FeatureRows) => copy(rows).map((row) => row.map((v, i) => (v - mean[i]) / deviation[i]));
  return [standard(reference), standard(estimate), n];
}

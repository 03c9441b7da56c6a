import { InputError } from '@lacuna/core';
import { requireOneChannel, requirePair, type Intensities } from '../intensities.js';
import { smooth } from './smooth.js';

/** How well a super-resolved image explains a diffraction-limited one. */
export interface ResolutionScaled {
  /** Resolution-scaled error: RMSE between the reference and a · G_σ(estimate) + b, in intensities. */
  readonly rse: number;
  /** Resolution-scaled Pearson correlation; null if one side is constant. */
  readonly rsp: number | null;
  /** The fit. σ in px; `atBound` says that it was stopped by the bound. */
  readonly fit: { readonly a: number; readonly b: number; readonly sigma: number; readonly atBound: boolean };
  /** |reference - a · G_σ(estimate) - b| at each pixel. */
  readonly errorMap: Float64Array;
}

/**
 * Resolution-scaled error and correlation (Culley et al. 2018, doi 10.1038/nmeth.4605): the estimate is blurred by a
 * Gaussian and scaled linearly so that it fits the blurred reference best; what is left is what it does not explain.
 *
 * a and b are least squares for each σ (blurring is linear); σ is searched on a grid of 0..maxSigma, then by golden
 * section.
 * @param options.maxSigma largest σ in px; 8 by default. Unbounded searches (NanoPyx's, for one) run to negative σ.
 * @param options.sigma a known σ in px, in place of the search. Volumes are blurred plane by plane.
 * @throws {ShapeError} if sizes differ. @throws {InputError} for values that are not finite.
 */
export function resolutionScaled(
  reference: Intensities,
  estimate: Intensities,
  { maxSigma = 8, sigma: known }: { maxSigma?: number; sigma?: number } = {},
): ResolutionScaled {
  requirePair('resolutionScaled', reference, estimate);
  requireOneChannel('resolutionScaled', reference);
  if (!(maxSigma > 0))
    throw new InputError({ who: 'resolutionScaled', got: `maxSigma ${maxSigma}`, wanted: 'a positive number of px' });
  const sigma = known ?? searchSigma(reference, estimate, maxSigma);
  const blurred = smooth(estimate, sigma).data;
  const n = blurred.length;
  const { a, b, squares, correlation } = fitLine(reference.data, blurred);
  const errorMap = new Float64Array(n);
  for (let i = 0; i < n; i++) errorMap[i] = Math.abs(reference.data[i] - a * blurred[i] - b);
  return {
    rse: Math.sqrt(squares / n),
    rsp: correlation,
    fit: { a, b, sigma, atBound: known === undefined && sigma > 0.999 * maxSigma },
    errorMap,
  };
}

function searchSigma(reference: Intensities, estimate: Intensities, maxSigma: number): number {
  const error = (sigma: number) => fitLine(reference.data, smooth(estimate, sigma).data).squares;
  const steps = 8;
  let best = 0;
  let least = Infinity;
  for (let k = 0; k <= steps; k++) {
    const squares = error((k * maxSigma) / steps);
    if (squares < least) [best, least] = [k, squares];
  }
  return goldenSection(
    error,
    (Math.max(0, best - 1) * maxSigma) / steps,
    (Math.min(steps, best + 1) * maxSigma) / steps,
  );
}

/** Least squares of y = a x + b, its residual sum of squares, and the correlation. */
function fitLine(
  y: ArrayLike<number>,
  x: ArrayLike<number>,
): { a: number; b: number; squares: number; correlation: number | null } {
  const n = y.length;
  let mx = 0;
  let my = 0;
  for (let i = 0; i < n; i++) {
    mx += x[i];
    my += y[i];
  }
  mx /= n;
  my /= n;
  let xx = 0;
  let xy = 0;
  let yy = 0;
  for (let i = 0; i < n; i++) {
    const p = x[i] - mx;
    const q = y[i] - my;
    xx += p * p;
    xy += p * q;
    yy += q * q;
  }
  // Blurring a constant leaves rounding errors, which are no variation.
  if (xx <= 1e-24 * n * mx * mx) xx = 0;
  if (yy <= 1e-24 * n * my * my) yy = 0;
  const a = xx > 0 ? xy / xx : 0;
  return {
    a,
    b: my - a * mx,
    squares: Math.max(0, yy - a * xy),
    correlation: xx > 0 && yy > 0 ? Math.max(-1, Math.min(1, xy / Math.sqrt(xx * yy))) : null,
  };
}

function goldenSection(f: (x: number) => number, low: number, high: number): number {
  const ratio = (Math.sqrt(5) - 1) / 2;
  let p = high - ratio * (high - low);
  let q = low + ratio * (high - low);
  let fp = f(p);
  let fq = f(q);
  while (high - low > 1e-3) {
    if (fp <= fq) {
      [high, q, fq] = [q, p, fp];
      p = high - ratio * (high - low);
      fp = f(p);
    } else {
      [low, p, fp] = [p, q, fq];
      q = low + ratio * (high - low);
      fq = f(q);
    }
  }
  // A blur below a tenth of a pixel is none: the search's own ends must not hide an exact 0.
  const middle = (low + high) / 2;
  return middle < 0.1 && f(0) <= f(middle) ? 0 : middle;
}

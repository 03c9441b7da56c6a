import { InputError } from '@lacuna/core';
import { incompleteBeta } from './special-functions.js';

/** A mean over seeds. `halfWidth` is that of the 95 % Student-t interval, null for a single value. */
export interface Estimate {
  readonly mean: number;
  readonly standardDeviation: number | null;
  readonly halfWidth: number | null;
  readonly count: number;
}

/**
 * Mean, sample standard deviation and 95 % confidence interval of the mean (Student's t, n - 1 degrees of freedom).
 * @returns null for no values.
 */
export function estimate(values: readonly number[]): Estimate | null {
  const count = values.length;
  if (count === 0) return null;
  const mean = values.reduce((sum, value) => sum + value, 0) / count;
  if (count === 1) return { mean, standardDeviation: null, halfWidth: null, count };
  const standardDeviation = Math.sqrt(values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / (count - 1));
  return {
    mean,
    standardDeviation,
    halfWidth: (studentQuantile(0.975, count - 1) * standardDeviation) / Math.sqrt(count),
    count,
  };
}

/**
 * Quantile of Student's t for p in (0.5, 1), by bisection on the distribution function; error below 1e-9 of max(1, t).
 * @throws {InputError} outside of that range, and for degrees of freedom that are not positive.
 */
export function studentQuantile(p: number, degrees: number): number {
  if (!(p > 0.5 && p < 1)) throw new InputError({ who: 'studentQuantile', got: `p = ${p}`, wanted: '0.5 < p < 1' });
  if (!(degrees > 0 && degrees < Infinity))
    throw new InputError({ who: 'studentQuantile', got: `${degrees} degrees of freedom`, wanted: 'a positive number' });
  let low = 0;
  let high = 2;
  while (studentCdf(high, degrees) < p) high *= 2;
  for (let i = 0; i < 200 && high - low > 1e-10; i++) {
    const middle = (low + high) / 2;
    if (studentCdf(middle, degrees) < p) low = middle;
    else high = middle;
  }
  return (low + high) / 2;
}

/** Distribution function of Student's t for t >= 0: 1 - I_x(n/2, 1/2) / 2 with x = n / (n + t²). */
function studentCdf(t: number, degrees: number): number {
  return 1 - 0.5 * incompleteBeta(degrees / (degrees + t * t), degrees / 2, 0.5);
}

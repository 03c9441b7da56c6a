import { InputError } from '@lacuna/core';

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

/** Regularised incomplete beta function by its continued fraction (modified Lentz; DLMF 8.17.22). */
function incompleteBeta(x: number, a: number, b: number): number {
  if (x <= 0) return 0;
  if (x >= 1) return 1;
  if (x > (a + 1) / (a + b + 2)) return 1 - incompleteBeta(1 - x, b, a);
  const front = Math.exp(a * Math.log(x) + b * Math.log1p(-x) + logGamma(a + b) - logGamma(a) - logGamma(b)) / a;
  const tiny = 1e-300;
  let c = 1;
  let d = 1 - ((a + b) * x) / (a + 1);
  d = 1 / (Math.abs(d) < tiny ? tiny : d);
  let sum = d;
  for (let m = 1; m < 300; m++) {
    const even = (m * (b - m) * x) / ((a + 2 * m - 1) * (a + 2 * m));
    const odd = (-(a + m) * (a + b + m) * x) / ((a + 2 * m) * (a + 2 * m + 1));
    let change = 1;
    for (const term of [even, odd]) {
      d = 1 + term * d;
      c = 1 + term / c;
      d = 1 / (Math.abs(d) < tiny ? tiny : d);
      change = d * (Math.abs(c) < tiny ? tiny : c);
      sum *= change;
    }
    if (Math.abs(change - 1) < 1e-15) break;
  }
  return front * sum;
}

/** ln Γ(x) for x > 0, by recurrence to 10 and Stirling's series (relative error below 1e-12). */
function logGamma(x: number): number {
  let shift = 0;
  let at = x;
  for (; at < 10; at++) shift += Math.log(at);
  const inverse = 1 / at;
  const square = inverse * inverse;
  return (
    (at - 0.5) * Math.log(at) -
    at +
    0.5 * Math.log(2 * Math.PI) +
    inverse * (1 / 12 - square * (1 / 360 - square * (1 / 1260 - square / 1680))) -
    shift
  );
}

import { InputError } from '@lacuna/core';
import { normalCdf, upperGamma } from './special-functions.js';

/** Friedman's test of several methods on several data sets. */
export interface Friedman {
  /** Mean rank of each method, 1 the best; ties share theirs. */
  readonly meanRanks: readonly number[];
  /** χ² with k - 1 degrees of freedom, corrected for ties; null where all methods tie everywhere. */
  readonly statistic: number | null;
  readonly p: number | null;
}

/**
 * Friedman's rank test (1937), as SciPy's `friedmanchisquare`: χ² = 12 N / (k (k + 1)) Σ (R - (k + 1) / 2)², over
 * 1 - Σ (t³ - t) / (N (k³ - k)) for ties.
 * @param table `[data set][method]`.
 * @throws {InputError} for fewer than three methods or two data sets, rows of other lengths, values that are not
 * finite.
 */
export function friedman(table: readonly (readonly number[])[], better: 'higher' | 'lower'): Friedman {
  const n = table.length;
  const k = table[0]?.length ?? 0;
  if (n < 2 || k < 3 || table.some((row) => row.length !== k || !row.every(Number.isFinite)))
    throw new InputError({
      who: 'friedman',
      got: `${n} data sets of ${[...new Set(table.map((row) => row.length))].join(' and ')} methods`,
      wanted: 'finite values of at least three methods on at least two data sets, the same methods on each',
    });
  const sums = new Array<number>(k).fill(0);
  let ties = 0;
  for (const row of table) {
    ranks(row, better).forEach((rank, method) => {
      sums[method] += rank;
    });
    for (const value of new Set(row)) {
      const equal = row.filter((other) => other === value).length;
      ties += equal ** 3 - equal;
    }
  }
  const meanRanks = sums.map((sum) => sum / n);
  const correction = 1 - ties / (n * (k ** 3 - k));
  if (correction === 0) return { meanRanks, statistic: null, p: null };
  const spread = meanRanks.reduce((sum, rank) => sum + (rank - (k + 1) / 2) ** 2, 0);
  const statistic = (12 * n * spread) / (k * (k + 1)) / correction;
  return { meanRanks, statistic, p: upperGamma((k - 1) / 2, statistic / 2) };
}

/** Ranks of values, 1 the best; equal values share the mean of their ranks. */
function ranks(values: readonly number[], better: 'higher' | 'lower'): number[] {
  return values.map((value) => {
    const ahead = values.filter((other) => (better === 'higher' ? other > value : other < value)).length;
    const equal = values.filter((other) => other === value).length;
    return ahead + (equal + 1) / 2;
  });
}

/** What a critical-difference diagram shows (Demšar 2006, JMLR 7). */
export interface CriticalDifference extends Friedman {
  /** Mean ranks that lie farther apart differ (Nemenyi). */
  readonly criticalDifference: number;
  /** Methods from best to worst, by their index. */
  readonly order: readonly number[];
  /** Runs of methods that do not differ, by index: each as long as can be, two methods at least. */
  readonly groups: readonly (readonly number[])[];
}

/**
 * Friedman's test with Nemenyi's critical difference, q √(k (k + 1) / (6 N)), q the studentised range's quantile at
 * infinite degrees of freedom over √2.
 * @param table `[data set][method]`. @param options.alpha .05 by default.
 */
export function criticalDifference(
  table: readonly (readonly number[])[],
  { better, alpha = 0.05 }: { readonly better: 'higher' | 'lower'; readonly alpha?: number },
): CriticalDifference {
  const test = friedman(table, better);
  const { meanRanks } = test;
  const k = meanRanks.length;
  const distance =
    (studentizedRangeQuantile(1 - alpha, k) / Math.SQRT2) * Math.sqrt((k * (k + 1)) / (6 * table.length));
  const order = meanRanks.map((_, i) => i).sort((i, j) => meanRanks[i] - meanRanks[j] || i - j);
  const groups: number[][] = [];
  let reached = 0;
  for (let first = 0; first < k; first++) {
    let last = first;
    while (last + 1 < k && meanRanks[order[last + 1]] - meanRanks[order[first]] <= distance) last++;
    if (last > first && last + 1 > reached) groups.push(order.slice(first, last + 1));
    reached = Math.max(reached, last + 1);
  }
  return { ...test, criticalDifference: distance, order, groups };
}

/**
 * Quantile of the studentised range of `k` means at infinite degrees of freedom, by bisection; error below 1e-8.
 * @throws {InputError} for p outside of 0..1 or k below 2.
 */
export function studentizedRangeQuantile(p: number, k: number): number {
  if (!(p > 0 && p < 1) || !Number.isInteger(k) || k < 2)
    throw new InputError({
      who: 'studentizedRangeQuantile',
      got: `p = ${p} of ${k} means`,
      wanted: '0 < p < 1 and a whole number of at least 2',
    });
  let low = 0;
  let high = 4;
  while (studentizedRangeCdf(high, k) < p) high *= 2;
  while (high - low > 1e-10) {
    const middle = (low + high) / 2;
    if (studentizedRangeCdf(middle, k) < p) low = middle;
    else high = middle;
  }
  return (low + high) / 2;
}

/** k ∫ φ(z) (Φ(z) - Φ(z - q))^(k - 1) dz, by Simpson's rule from -8 to 8 + q. */
function studentizedRangeCdf(q: number, k: number): number {
  const steps = 400;
  const width = (16 + q) / steps;
  let sum = 0;
  for (let i = 0; i <= steps; i++) {
    const z = -8 + i * width;
    const density = Math.exp((-z * z) / 2) / Math.sqrt(2 * Math.PI);
    const inner = Math.max(0, normalCdf(z) - normalCdf(z - q));
    const ends = i === 0 || i === steps;
    const weight = i % 2 ? 4 : 2;
    sum += (ends ? 1 : weight) * density * inner ** (k - 1);
  }
  return (k * sum * width) / 3;
}

import { InputError, type Rng } from '@lacuna/core';

/** Scores of one method: a list for each seed, of one value for each test region. */
export type SeedScores = readonly (readonly number[])[];

/** A mean over seeds and regions with its bootstrap interval. */
export interface Interval {
  /** Mean over seeds of the means over their regions. */
  readonly mean: number;
  /** Ends of the interval; null where there is only one value. */
  readonly low: number | null;
  readonly high: number | null;
  readonly seeds: number;
  /** Regions of a seed, at most. */
  readonly regions: number;
}

/** Options of {@link hierarchicalBootstrap}. */
export interface BootstrapOptions {
  readonly rng: Rng;
  /** 10,000 by default. */
  readonly draws?: number;
  /** .95 by default. */
  readonly level?: number;
}

/**
 * Percentile interval by the hierarchical bootstrap: each draw takes seeds with replacement, and for each of them its
 * regions with replacement; its value is the mean over seeds of the means over regions (Saravanan et al. 2020,
 * arXiv:2007.07797). Means of scores lie among the scores, so an interval never leaves the metric's range. With few
 * seeds (below five or so) such intervals are too narrow, as all that resample few values.
 * @throws {InputError} without values, and for values that are not finite.
 */
export function hierarchicalBootstrap(
  scores: SeedScores,
  { rng, draws = 10_000, level = 0.95 }: BootstrapOptions,
): Interval {
  requireScores('hierarchicalBootstrap', scores);
  if (!(level > 0 && level < 1))
    throw new InputError({ who: 'hierarchicalBootstrap', got: `a level of ${level}`, wanted: 'between 0 and 1' });
  if (!Number.isInteger(draws) || draws < 1)
    throw new InputError({ who: 'hierarchicalBootstrap', got: `${draws} draws`, wanted: 'a whole number above 0' });
  const seeds = scores.length;
  const regions = Math.max(...scores.map((list) => list.length));
  const mean = meanOf(scores.map(meanOf));
  if (seeds * regions === 1) return { mean, low: null, high: null, seeds, regions };
  const values = new Float64Array(draws);
  for (let draw = 0; draw < draws; draw++) {
    let sum = 0;
    for (let s = 0; s < seeds; s++) {
      const list = scores[rng.integer(seeds)];
      let ofSeed = 0;
      for (let r = 0; r < list.length; r++) ofSeed += list[rng.integer(list.length)];
      sum += ofSeed / list.length;
    }
    values[draw] = sum / seeds;
  }
  values.sort();
  const smallest = Math.min(...scores.flat());
  const largest = Math.max(...scores.flat());
  // Rounding may carry a mean of equal values past them.
  const held = (value: number) => Math.min(largest, Math.max(smallest, value));
  return {
    mean,
    low: held(quantile(values, (1 - level) / 2)),
    high: held(quantile(values, (1 + level) / 2)),
    seeds,
    regions,
  };
}

/** @throws {InputError} for an empty list, a seed without regions, and values that are not finite. */
export function requireScores(who: string, scores: SeedScores): void {
  if (scores.length === 0 || scores.some((list) => list.length === 0))
    throw new InputError({ who, got: 'a seed without scores', wanted: 'one value for each region of each seed' });
  for (const list of scores)
    for (const value of list)
      if (!Number.isFinite(value))
        throw new InputError({ who, got: String(value), wanted: 'finite scores', remedy: 'leave such regions out' });
}

const meanOf = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length;

/** Linear interpolation between order statistics, as NumPy's default. */
function quantile(sorted: Float64Array, share: number): number {
  const position = share * (sorted.length - 1);
  const below = Math.floor(position);
  const above = Math.min(below + 1, sorted.length - 1);
  return sorted[below] + (position - below) * (sorted[above] - sorted[below]);
}

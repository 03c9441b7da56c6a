import { InputError, percentileOfSorted, type Rng } from '@lacuna/core';

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

/** The draws of a bootstrap over seeds and regions of given counts: intervals of many scores share them. */
export type Resampler = (scores: SeedScores) => Interval;

/**
 * Percentile interval by the hierarchical bootstrap: each draw takes seeds with replacement, and for each of them its
 * regions with replacement; its value is the mean over seeds of the means over regions (Saravanan et al. 2020,
 * arXiv:2007.07797). Means of scores lie among the scores, so an interval never leaves the metric's range. With few
 * seeds (below five or so) such intervals are too narrow, as all that resample few values.
 * @throws {InputError} without values, and for values that are not finite.
 */
export function hierarchicalBootstrap(scores: SeedScores, options: BootstrapOptions): Interval {
  requireScores('hierarchicalBootstrap', scores);
  return createResampler(
    scores.map((list) => list.length),
    options,
  )(scores);
}

/**
 * {@link hierarchicalBootstrap} with its draws made beforehand, for scores of these counts: those of the same regions
 * and seeds by many metrics. The intervals are the same.
 * @param counts regions of each seed.
 * @throws {InputError} for a level or draws out of range; of the resampler, for scores of other counts.
 */
export function createResampler(
  counts: readonly number[],
  { rng, draws = 10_000, level = 0.95 }: BootstrapOptions,
): Resampler {
  if (!(level > 0 && level < 1))
    throw new InputError({ who: 'hierarchicalBootstrap', got: `a level of ${level}`, wanted: 'between 0 and 1' });
  if (!Number.isInteger(draws) || draws < 1)
    throw new InputError({ who: 'hierarchicalBootstrap', got: `${draws} draws`, wanted: 'a whole number above 0' });
  const seeds = counts.length;
  const regions = Math.max(...counts);
  const drawn = seeds * regions === 1 ? new Uint32Array(0) : drawAll(counts, draws, rng);
  return (scores) => {
    requireScores('hierarchicalBootstrap', scores);
    requireCounts(scores, counts);
    const mean = meanOf(scores.map(meanOf));
    if (seeds * regions === 1) return { mean, low: null, high: null, seeds, regions };
    const values = valuesOfDraws(scores, drawn, draws);
    const smallest = Math.min(...scores.flat());
    const largest = Math.max(...scores.flat());
    // Rounding may carry a mean of equal values past them.
    const held = (value: number) => Math.min(largest, Math.max(smallest, value));
    return {
      mean,
      low: held(percentileOfSorted(values, (1 - level) / 2)),
      high: held(percentileOfSorted(values, (1 + level) / 2)),
      seeds,
      regions,
    };
  };
}

/**
 * What every draw takes: a seed, then the places of as many of its regions as it has, in a list of the regions of all
 * seeds; and so on, for as many seeds as there are.
 */
function drawAll(counts: readonly number[], draws: number, rng: Rng): Uint32Array {
  const seeds = counts.length;
  const starts = startsOf(counts);
  const drawn = new Uint32Array(draws * seeds * (1 + Math.max(...counts)));
  let to = 0;
  for (let draw = 0; draw < draws; draw++) {
    for (let s = 0; s < seeds; s++) {
      const seed = rng.integer(seeds);
      drawn[to++] = seed;
      const count = counts[seed];
      for (let r = 0; r < count; r++) drawn[to++] = starts[seed] + rng.integer(count);
    }
  }
  return drawn.subarray(0, to);
}

/** Where the regions of each seed begin in a list of all. */
function startsOf(counts: readonly number[]): number[] {
  let start = 0;
  return counts.map((count) => {
    const here = start;
    start += count;
    return here;
  });
}

/** Means of all draws, sorted. */
function valuesOfDraws(scores: SeedScores, drawn: Uint32Array, draws: number): Float64Array {
  const seeds = scores.length;
  // One list: a list of lists takes four times as long to go through.
  const all = Float64Array.from(scores.flat());
  const counts = Uint32Array.from(scores, (list) => list.length);
  const values = new Float64Array(draws);
  let at = 0;
  for (let draw = 0; draw < draws; draw++) {
    let sum = 0;
    for (let s = 0; s < seeds; s++) {
      const count = counts[drawn[at++]];
      let ofSeed = 0;
      for (let r = 0; r < count; r++) ofSeed += all[drawn[at++]];
      sum += ofSeed / count;
    }
    values[draw] = sum / seeds;
  }
  return values.sort();
}

function requireCounts(scores: SeedScores, counts: readonly number[]): void {
  if (scores.length === counts.length && scores.every((list, s) => list.length === counts[s])) return;
  throw new InputError({
    who: 'createResampler',
    got: `${scores.map((list) => list.length).join('+')} scores`,
    wanted: `${counts.join('+')}, as it was made for`,
  });
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

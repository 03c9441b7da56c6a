import { createRng } from '@lacuna/core';
import { createResampler, type Resampler, type SeedScores } from '@lacuna/sweep';
import type { Estimate } from '../../figures/types.js';
import type { TestScores, TrialResult } from './results.js';

/** Where the estimate of a score is cut: at the level of all methods, or at its method's own. */
export type Level = 'common' | 'own';

/** What scores are read from: results of trials, or of the HR images themselves. */
export type Scored = Pick<TrialResult, 'test'> & Partial<Omit<TestScores, 'test'>>;

/** A score of results: its name and its level. */
export interface ScoreKey {
  readonly metric: string;
  readonly level: Level;
}

/** Intervals by what they are made from: text, tables and figures ask for the same ones. */
const made = new Map<string, Estimate>();

/** Those of a comparison are asked for one after the other; sweeps of very many trials have very many. */
const MOST_INTERVALS = 5000;

/** Draws by the counts of regions that they are for: all scores of a comparison share them. */
const resamplers = new Map<string, Resampler>();

/** Draws are some megabytes; a sweep has few kinds of counts. */
const MOST_RESAMPLERS = 8;

/** Values of a score by region, in the order of the regions; null where a region has none. */
export function regionValues(result: Scored, { metric, level }: ScoreKey): (number | null)[] {
  const scores = level === 'common' ? result.test : result.testOwnLevel;
  if (!scores) return [];
  // Results of older versions have the mean over regions only.
  const values = scores.cases ? scores.cases.map((region) => region.values[metric]) : [scores.values[metric]];
  return values.map((value) => (typeof value === 'number' && Number.isFinite(value) ? value : null));
}

/**
 * Mean of a test score and its 95 % interval by the hierarchical bootstrap (10,000 draws with a fixed seed) over the
 * regions within seeds and over the seeds: it never leaves the metric's range. One value has no interval: low and high
 * equal it. Regions without a value are left out.
 * @param results one for each seed. @returns null where no region of any seed has a value.
 */
export function scoreInterval(results: readonly Scored[], key: ScoreKey): Estimate | null {
  const seeds = results
    .map((result) => regionValues(result, key).filter((value) => value !== null))
    .filter((values) => values.length > 0);
  return seeds.length === 0 ? null : bootstrapped(seeds);
}

/** The bootstrap's draws for scores of such counts, always the same ones. */
export function resamplerOf(scores: SeedScores): Resampler {
  const counts = scores.map((list) => list.length);
  const key = counts.join();
  const known = resamplers.get(key);
  if (known) return known;
  if (resamplers.size >= MOST_RESAMPLERS) resamplers.clear();
  const resampler = createResampler(counts, { rng: createRng(0).fork('interval') });
  resamplers.set(key, resampler);
  return resampler;
}

function bootstrapped(seeds: SeedScores): Estimate {
  const key = JSON.stringify(seeds);
  const known = made.get(key);
  if (known) return known;
  if (made.size >= MOST_INTERVALS) made.clear();
  const { mean, low, high } = resamplerOf(seeds)(seeds);
  const values = seeds.map((regions) => regions.reduce((sum, value) => sum + value, 0) / regions.length);
  const estimate = { mean, low: low ?? mean, high: high ?? mean, values };
  made.set(key, estimate);
  return estimate;
}

/** Mean of a quantity without an interval, such as a cost; null where no value is finite. */
export function plainMean(values: readonly (number | null | undefined)[]): number | null {
  const finite = values.filter((value): value is number => typeof value === 'number' && Number.isFinite(value));
  return finite.length === 0 ? null : finite.reduce((sum, value) => sum + value, 0) / finite.length;
}

/** How many seeds and regions stand behind the intervals of results. */
export function sampleSize(results: readonly Scored[]): { readonly seeds: number; readonly regions: number } {
  return { seeds: results.length, regions: Math.max(0, ...results.map(({ test }) => test.cases?.length ?? 1)) };
}

/** "bootstrap over 2 regions within seeds and over 3 seeds", for legends. */
export function describeSample(results: readonly Scored[]): string {
  const { seeds, regions } = sampleSize(results);
  const count = (n: number, word: string) => `${n} ${word}${n === 1 ? '' : 's'}`;
  if (seeds * regions <= 1) return 'one seed and one region: no intervals';
  return `95 % interval: bootstrap over ${count(regions, 'region')} within seeds and ${count(seeds, 'seed')}`;
}

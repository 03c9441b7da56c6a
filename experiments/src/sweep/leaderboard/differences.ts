import { createRng } from '@lacuna/core';
import { holm, pairedDifference, type ExchangeUnit, type PairedDifference } from '@lacuna/sweep';
import type { Comparison } from '../results/comparison.js';
import { regionValues, resamplerOf, type ScoreKey } from '../results/interval.js';
import { methodOrder } from '../spec/method-order.js';
import type { TrialResult } from '../results/results.js';
import { commonScores, ownScores, type ShownScore } from '../results/shown-scores.js';

/** One method against the one that all are held to, by one score. */
export interface MethodDifference extends PairedDifference {
  readonly method: string;
  /** p after Holm's correction over the methods that are compared by this score. */
  readonly corrected: number;
}

/** Paired differences of a comparison's methods to one of them. */
export interface Differences {
  readonly title: string;
  /** The method that the others are held to. */
  readonly to: string;
  readonly unit: ExchangeUnit;
  /** Units that are exchanged, and the smallest p that so many can reach. */
  readonly units: number;
  readonly smallestP: number;
  readonly scores: readonly { readonly score: ShownScore; readonly methods: readonly MethodDifference[] }[];
}

/** Differences by their comparison: text, CSV and report ask for the same ones. */
const made = new WeakMap<Comparison, Differences | null>();

/**
 * Mean differences on the same test regions and seeds to `compare.to`, with the bootstrap's interval, the permutation
 * test's p, and Holm's correction over the methods of a score. Without `compare.to` the others are held to the method
 * that is best on validation by what the spec selects models by, those of the geometry-informed regime left out: the
 * test split has no part in that choice.
 * @returns null with fewer than two methods that have finished, or where `compare.to` has not.
 */
export function differencesOf(comparison: Comparison): Differences | null {
  const known = made.get(comparison);
  if (known !== undefined) return known;
  const differences = measureDifferences(comparison);
  made.set(comparison, differences);
  return differences;
}

/** Seeds that go through folds have other regions each: a region is then a unit of its own. */
function unitOf({ compare, trials }: Comparison): ExchangeUnit {
  const areFolds = trials.some(({ config }) => config.split.kind === 'folds');
  return areFolds && compare.unit === 'region' ? 'each' : compare.unit;
}

function measureDifferences(comparison: Comparison): Differences | null {
  const unit = unitOf(comparison);
  const to = comparison.compare.to ?? bestOnValidation(comparison);
  const finished = comparison.results.filter(({ status }) => status === 'finished');
  const reference = finished.filter(({ method }) => method === to);
  const others = methodOrder(comparison).filter(
    (method) => method !== to && finished.some((result) => result.method === method),
  );
  if (to === null || reference.length === 0 || others.length === 0) return null;
  const { evaluation } = comparison.trials[0].config;
  const scores = [...commonScores(evaluation), ...ownScores(evaluation)]
    .map((score) => {
      const found = others.flatMap((method) => {
        const own = finished.filter((result) => result.method === method);
        const difference = differenceOf(own, reference, { score, unit });
        return difference === null ? [] : [{ method, ...difference }];
      });
      const corrected = holm(found.map(({ p }) => p));
      return { score, methods: found.map((difference, i) => ({ ...difference, corrected: corrected[i] })) };
    })
    .filter(({ methods }) => methods.length > 0);
  if (scores.length === 0) return null;
  const units = Math.max(...scores.flatMap(({ methods }) => methods.map((difference) => difference.units)));
  return { title: comparison.title, to, unit, units, smallestP: Math.min(1, 2 / 2 ** units), scores };
}

/** What is asked of one pair of methods. */
export interface AskedDifference {
  readonly method: string;
  /** The method that it is held to. */
  readonly to: string;
  readonly score: ScoreKey;
}

/**
 * One difference of a comparison, as {@link differencesOf} measures them, without a correction.
 * @returns null where either method has not finished, or has no value.
 */
export function differenceBetween(
  comparison: Comparison,
  { method, to, score }: AskedDifference,
): PairedDifference | null {
  const finished = comparison.results.filter(({ status }) => status === 'finished');
  const resultsOf = (name: string) => finished.filter((result) => result.method === name);
  return differenceOf(resultsOf(method), resultsOf(to), { score, unit: unitOf(comparison) });
}

/** The difference over the seeds and regions that both methods have. */
function differenceOf(
  own: readonly TrialResult[],
  reference: readonly TrialResult[],
  { score, unit }: { readonly score: ScoreKey; readonly unit: ExchangeUnit },
): PairedDifference | null {
  const pairs = own.flatMap((result) => {
    const other = reference.find(({ seed }) => seed === result.seed);
    if (!other) return [];
    const values = [result, other].map((each) => regionValues(each, score));
    if (values[0].length !== values[1].length) return [];
    const both = values[0].flatMap((a, i) => {
      const b = values[1][i];
      return a === null || b === null ? [] : [[a, b] as const];
    });
    return both.length === 0 ? [] : [both];
  });
  if (pairs.length === 0) return null;
  const [a, b] = [0, 1].map((which) => pairs.map((regions) => regions.map((values) => values[which])));
  return pairedDifference(a, b, { rng: createRng(0).fork('difference'), unit, resample: resamplerOf(a) });
}

/** The method of largest mean validation score among those that are not geometry-informed. */
function bestOnValidation({ trials, results }: Comparison): string | null {
  const { metric, better } = trials[0].config.training.select;
  const means = new Map<string, number[]>();
  for (const { id, method, config } of trials) {
    const result = results.find((each) => each.id === id);
    const value = result?.validation.values[metric];
    if (config.regime.kind === 'geometry' || result?.status !== 'finished' || typeof value !== 'number') continue;
    means.set(method, [...(means.get(method) ?? []), better === 'higher' ? value : -value]);
  }
  let best: { method: string; score: number } | null = null;
  for (const [method, values] of means) {
    const score = values.reduce((sum, value) => sum + value, 0) / values.length;
    if (best === null || score > best.score) best = { method, score };
  }
  return best?.method ?? null;
}

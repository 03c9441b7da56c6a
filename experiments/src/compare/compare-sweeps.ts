import { InputError } from '@lacuna/core';
import { criticalDifference, type CriticalDifference } from '@lacuna/sweep';
import type { Comparison } from '../sweep/results/comparison.js';
import { leaderboardRows, scoreOf } from '../sweep/leaderboard/leaderboard-rows.js';
import { commonScores, ownScores, type ShownScore } from '../sweep/results/shown-scores.js';
import { headlineScores } from '../trial/scores/scores.js';

/** Sweeps' comparisons under the name of their folder. */
export interface NamedComparison {
  readonly name: string;
  readonly comparison: Comparison;
}

/** Methods ranked over several data sets by one score. */
export interface Ranking extends CriticalDifference {
  readonly score: ShownScore;
  readonly methods: readonly string[];
  /** Names of the data sets, and each method's mean there, in the order of `methods`. */
  readonly table: readonly { readonly name: string; readonly values: readonly number[] }[];
}

/** Of so few data sets a test says little. */
export const FEW_DATA_SETS = 5;

/**
 * Friedman's test and Nemenyi's critical difference of the methods that all comparisons share; a comparison is one data
 * set. By the scores of summaries, at the common level and at each method's own, or by `metric`.
 * @throws {InputError} with fewer than two data sets, three methods in all of them, or a score in all of them.
 */
export function rankOverDataSets(
  named: readonly NamedComparison[],
  { metric }: { readonly metric?: string } = {},
): Ranking[] {
  if (named.length < 2)
    throw new InputError({
      who: 'compare',
      got: `${named.length} data set${named.length === 1 ? '' : 's'}`,
      wanted: 'at least two: a sweep on each, or one with an axis of data',
      remedy: 'name the folders of more sweeps',
    });
  refuseTwins(named);
  const methods = sharedMethods(named);
  const rankings = sharedScores(named)
    .filter((score) => (metric === undefined ? headlineScores().includes(score.metric) : score.metric === metric))
    .flatMap((score) => rankBy(score, named, methods) ?? []);
  if (rankings.length > 0) return rankings;
  const known = sharedScores(named).map((score) => score.metric);
  throw new InputError({
    who: metric === undefined ? 'compare' : `--metric ${metric}`,
    got: 'no such score of every method on every data set',
    wanted: `one of ${[...new Set(known)].join(', ') || 'the metrics of the sweeps, which share none'}`,
    remedy: 'name a metric that all sweeps measured, or score them again (lacuna rescore)',
  });
}

/** The same trials in two folders are one data set: twice, it would count for two. */
function refuseTwins(named: readonly NamedComparison[]): void {
  const seen = new Map<string, string>();
  for (const { name, comparison } of named)
    for (const { id } of comparison.results) {
      const before = seen.get(id);
      if (before !== undefined && before !== name)
        throw new InputError({
          who: 'compare',
          got: `the same trials twice, in ${before} and in ${name}`,
          wanted: 'each data set once',
          remedy: 'leave one of the folders out',
        });
      seen.set(id, name);
    }
}

/** Methods that finished on every data set, in the order of the first. */
function sharedMethods(named: readonly NamedComparison[]): string[] {
  const lists = named.map(({ comparison }) =>
    leaderboardRows(comparison)
      .filter(({ isCeiling, results }) => !isCeiling && results.length > 0)
      .map(({ method }) => method),
  );
  const shared = lists[0].filter((method) => lists.every((list) => list.includes(method)));
  if (shared.length >= 3) return shared;
  const held = named.map(({ name }, i) => `${name}: ${lists[i].join(', ')}`).join('; ');
  throw new InputError({
    who: 'compare',
    got: `${shared.join(' and ') || 'no method'} on all data sets (${held})`,
    wanted: 'at least three under the same names on each',
    remedy: 'run the same methods on each data set',
  });
}

function sharedScores(named: readonly NamedComparison[]): ShownScore[] {
  const lists = named.map(({ comparison }) => {
    const { evaluation } = comparison.trials[0].config;
    return [...commonScores(evaluation), ...ownScores(evaluation)];
  });
  const has = (list: readonly ShownScore[], { metric, level }: ShownScore) =>
    list.some((score) => score.metric === metric && score.level === level);
  return lists[0].filter((score) => lists.every((list) => has(list, score)));
}

/** Null where a method has no value on some data set. */
function rankBy(score: ShownScore, named: readonly NamedComparison[], methods: readonly string[]): Ranking | null {
  const table = named.flatMap(({ name, comparison }) => {
    const rows = leaderboardRows(comparison);
    const values = methods.flatMap(
      (method) =>
        scoreOf(
          rows.find((row) => row.method === method)!,
          score,
        )?.mean ?? [],
    );
    return values.length === methods.length ? [{ name, values }] : [];
  });
  if (table.length < named.length) return null;
  const values = table.map((row) => row.values);
  return { score, methods, table, ...criticalDifference(values, { better: score.better }) };
}

import type { Estimate } from '../../figures/types.js';
import type { Comparison } from '../results/comparison.js';
import { describeSample, plainMean, scoreInterval, type ScoreKey, type Scored } from '../results/interval.js';
import { methodOrder } from '../spec/method-order.js';
import type { TrialResult } from '../results/results.js';
import type { ShownScore } from '../results/shown-scores.js';

/** What tables call the HR image where it is held to the known network. */
export const CEILING = 'HR image (ceiling)';

/** A quantity of a trial's result. */
export type Quantity = (result: TrialResult) => number | null | undefined;

/** One method of a comparison, or the HR image itself. */
export interface LeaderboardRow {
  readonly method: string;
  /** Of the trials that finished. */
  readonly results: readonly TrialResult[];
  /** What scores are read from. */
  readonly scored: readonly Scored[];
  readonly diverged: number;
  /** The HR image is no method: it is never the best. */
  readonly isCeiling: boolean;
}

/** Methods in the order of the spec, without those that have no trial yet; the HR image last, where it has scores. */
export function leaderboardRows(comparison: Comparison): LeaderboardRow[] {
  const methods = methodOrder(comparison).map((method): LeaderboardRow => {
    const all = comparison.results.filter((result) => result.method === method);
    const results = all.filter((result) => result.status === 'finished');
    const diverged = all.filter((result) => result.status === 'diverged').length;
    return { method, results, scored: results, diverged, isCeiling: false };
  });
  const { ceilings } = comparison;
  return [
    ...methods.filter((row) => row.results.length + row.diverged > 0),
    ...(ceilings.length > 0 ? [{ method: CEILING, results: [], scored: ceilings, diverged: 0, isCeiling: true }] : []),
  ];
}

/** Seeds and regions behind the intervals of the method that has most seeds, for legends. */
export function sampleOf(rows: readonly LeaderboardRow[]): string {
  const most = rows.reduce<readonly TrialResult[]>(
    (longest, { results }) => (results.length > longest.length ? results : longest),
    [],
  );
  return describeSample(most);
}

/** A row's score with its interval. */
export const scoreOf = ({ scored }: LeaderboardRow, key: ScoreKey): Estimate | null => scoreInterval(scored, key);

/** Mean of a quantity over a row's trials. */
export const meanOf = ({ results }: LeaderboardRow, quantity: Quantity): number | null =>
  plainMean(results.map(quantity));

/** Mean of a row's own levels. */
export const ownLevelOf = ({ scored }: LeaderboardRow): number | null =>
  plainMean(scored.map(({ ownLevel }) => ownLevel?.level));

/** The methods that are best by a score, as its table prints it; the HR image is none. */
function bestBy(rows: readonly LeaderboardRow[], score: ShownScore): string[] {
  const means = rows
    .filter(({ isCeiling }) => !isCeiling)
    .flatMap((row) => {
      const mean = scoreOf(row, score)?.mean;
      return mean === undefined ? [] : [{ method: row.method, mean: Number(mean.toFixed(score.digits)) }];
    });
  if (means.length < 2) return [];
  const values = means.map(({ mean }) => mean);
  const best = score.better === 'higher' ? Math.max(...values) : Math.min(...values);
  return means.filter(({ mean }) => mean === best).map(({ method }) => method);
}

/** A line for each score whose best method at the common level is not the best where each method has its own level. */
export function winsOfOneLevel(rows: readonly LeaderboardRow[], scores: readonly ShownScore[]): string[] {
  return scores.flatMap((score) => {
    // Results of older versions have no own level.
    const both = rows.filter((row) => scoreOf(row, { ...score, level: 'own' }) !== null);
    const common = bestBy(both, { ...score, level: 'common' });
    const own = bestBy(both, { ...score, level: 'own' });
    const isSame = common.length === 0 || own.length === 0 || common.some((method) => own.includes(method));
    if (isSame) return [];
    const [a, b] = [common, own].map((names) => `${names.join(', ')} ${names.length === 1 ? 'wins' : 'win'}`);
    return [`${score.name}: ${a} at the common level only; each method at its own level, ${b}`];
  });
}

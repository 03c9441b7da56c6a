import { methodsInOrder } from '../figures/from-results.js';
import type { Estimate } from '../figures/types.js';
import { plainMean, scoreInterval, type Scored } from '../sweep/interval.js';
import { CEILING } from '../sweep/leaderboard-rows.js';
import type { TestScores, TrialResult } from '../sweep/results.js';
import type { ShownScore } from '../sweep/shown-scores.js';
import type { ReportColumn, ReportRow } from './types.js';

/** The leaderboard's columns and rows, in the sweep's order. */
export interface Leaderboard {
  readonly columns: readonly ReportColumn[];
  readonly rows: readonly ReportRow[];
}

/** What a leaderboard shows. */
export interface LeaderboardOptions {
  readonly order: readonly string[];
  readonly scores: readonly ShownScore[];
  /** What the HR images themselves score: a last row. */
  readonly ceiling?: TestScores | null;
}

/** Costs of a method; they have no interval. */
const costs: readonly { readonly column: ReportColumn; readonly read: (result: TrialResult) => number | null }[] = [
  { column: { name: 'Parameters', digits: 0, better: null, si: true }, read: ({ cost }) => cost.parameters },
  {
    column: { name: 'MACs', unit: '1280 × 720 image', digits: 0, better: null, si: true },
    read: ({ cost }) => cost.macs720p,
  },
  { column: { name: 'Time', unit: 's to train', digits: 0, better: null }, read: ({ cost }) => cost.trainSeconds },
  {
    column: { name: 'Energy', unit: 'Wh to train', digits: 2, better: null },
    read: ({ cost }) => (cost.energy.joules === null ? null : cost.energy.joules / 3600),
  },
];

/**
 * The leaderboard of the results of one factor: the chosen test scores with their intervals over regions and seeds,
 * then parameters, MACs, training time and energy. Diverged trials count in no mean; a method of which all trials
 * diverged keeps its row, without values.
 */
export function leaderboardFromResults(results: readonly TrialResult[], options: LeaderboardOptions): Leaderboard {
  return boardOf(results, options, {
    columns: costs.map(({ column }) => column),
    cells: (trials) => costs.map(({ read }) => withoutInterval(plainMean(trials.map(read)))),
  });
}

/** The same at each method's own level, which comes first; of results without own levels no row has a value. */
export function ownLevelBoard(results: readonly TrialResult[], options: LeaderboardOptions): Leaderboard {
  const level: ReportColumn = { name: 'Own level', unit: 'of normalised intensities', digits: 3, better: null };
  return boardOf(results, options, {
    columns: [level],
    cells: (trials) => [withoutInterval(plainMean(trials.map(({ ownLevel }) => ownLevel?.level)))],
  });
}

/** Columns that are no scores. */
interface OtherColumns {
  readonly columns: readonly ReportColumn[];
  readonly cells: (trials: readonly TrialResult[]) => (Estimate | null)[];
}

function boardOf(results: readonly TrialResult[], options: LeaderboardOptions, others: OtherColumns): Leaderboard {
  const { order, scores, ceiling } = options;
  const scoreCells = (scored: readonly Scored[]) => scores.map((score) => scoreInterval(scored, score));
  const rows = methodsInOrder(results, order).map((method): ReportRow => {
    const trials = results.filter((result) => result.method === method && result.status === 'finished');
    return { method, seeds: trials.length, cells: [...scoreCells(trials), ...others.cells(trials)] };
  });
  const highest: ReportRow[] = ceiling
    ? [{ method: CEILING, seeds: 0, cells: [...scoreCells([ceiling]), ...others.cells([])], isCeiling: true }]
    : [];
  return { columns: [...scores.map(columnOf), ...others.columns], rows: [...rows, ...highest] };
}

const columnOf = ({ name, unit, digits, better }: ShownScore): ReportColumn => ({
  name,
  digits,
  better,
  ...(unit === undefined ? {} : { unit }),
});

/** One line for each diverged trial, for the report's warnings. */
export function divergenceWarnings(results: readonly TrialResult[]): string[] {
  return results
    .filter((result) => result.status === 'diverged')
    .map(({ method, seed, reason }) => {
      const because = reason === undefined ? '' : ` (${reason})`;
      return `${method}, seed ${seed} diverged${because} and counts in no mean.`;
    });
}

/** What the methods that saw no pairs were trained on, a line each, for the report. */
export function trainingData(results: readonly TrialResult[]): [string, string][] {
  const byMethod = results.flatMap(({ method, trainedOn }) =>
    trainedOn === undefined ? [] : [[method, trainedOn] as const],
  );
  return [...new Map(byMethod)].map(([method, text]) => [`training data of ${method}`, text]);
}

const withoutInterval = (mean: number | null): Estimate | null =>
  mean === null ? null : { mean, low: mean, high: mean };

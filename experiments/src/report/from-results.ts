import { methodsInOrder } from '../figures/from-results.js';
import type { Estimate } from '../figures/types.js';
import { co2eGrams, describeEmissionFactor, type EmissionFactor } from '../sweep/results/emissions.js';
import { plainMean, scoreInterval, type Scored } from '../sweep/results/interval.js';
import { CEILING } from '../sweep/leaderboard/leaderboard-rows.js';
import type { TestScores, TrialResult } from '../sweep/results/results.js';
import type { ShownScore } from '../sweep/results/shown-scores.js';
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
  readonly ceilings?: readonly TestScores[];
  /** What emissions are told by; they are left out without. */
  readonly energy?: EmissionFactor;
}

/** A cost of a method, which has no interval. */
interface CostColumn {
  readonly column: ReportColumn;
  readonly read: (result: TrialResult) => number | null;
}

const measuredCosts: readonly CostColumn[] = [
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

function costsOf(energy: EmissionFactor | undefined): readonly CostColumn[] {
  if (energy === undefined) return measuredCosts;
  const unit = `g, at ${describeEmissionFactor(energy)}`;
  const column: ReportColumn = { name: 'CO₂e', unit, digits: 1, better: null };
  return [...measuredCosts, { column, read: ({ cost }) => co2eGrams(cost.energy.joules, energy) }];
}

/**
 * The leaderboard of the results of one factor: parameters, MACs, training time and energy, then the chosen test scores
 * with their intervals over regions and seeds. Diverged trials count in no mean; a method of which all trials
 * diverged keeps its row, without values.
 */
export function leaderboardFromResults(results: readonly TrialResult[], options: LeaderboardOptions): Leaderboard {
  const { scores } = options;
  const costs = costsOf(options.energy);
  return {
    columns: [...costs.map(({ column }) => column), ...scores.map(columnOf)],
    rows: rowsOf(results, options, (trials, scored) => [
      ...costs.map(({ read }) => withoutInterval(plainMean(trials.map(read)))),
      ...scores.map((score) => scoreInterval(scored, score)),
    ]),
  };
}

/** Each method's own level, and its scores there; results of older versions have none. */
export function ownLevelBoard(results: readonly TrialResult[], options: LeaderboardOptions): Leaderboard {
  const { scores } = options;
  const level: ReportColumn = { name: 'Own level', unit: 'of 0 to 1', digits: 3, better: null };
  return {
    columns: [level, ...scores.map(columnOf)],
    rows: rowsOf(results, options, (_, scored) => [
      withoutInterval(plainMean(scored.map(({ ownLevel }) => ownLevel?.level))),
      ...scores.map((score) => scoreInterval(scored, score)),
    ]),
  };
}

/** A row for each method, and for the HR image where it has scores: it has no trials. */
function rowsOf(
  results: readonly TrialResult[],
  { order, ceilings = [] }: LeaderboardOptions,
  cells: (trials: readonly TrialResult[], scored: readonly Scored[]) => (Estimate | null)[],
): ReportRow[] {
  const rows = methodsInOrder(results, order).map((method): ReportRow => {
    const trials = results.filter((result) => result.method === method && result.status === 'finished');
    return { method, seeds: trials.length, cells: cells(trials, trials) };
  });
  if (ceilings.length === 0) return rows;
  return [...rows, { method: CEILING, seeds: 0, cells: cells([], ceilings), isCeiling: true }];
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

import { methodsInOrder, testEstimate, type ShownMetric } from '../figures/from-results.js';
import { meanInterval } from '../sweep/interval.js';
import type { TrialResult } from '../sweep/results.js';
import type { ReportColumn, ReportRow } from './types.js';

/** The leaderboard's columns and rows, in the sweep's order. */
export interface Leaderboard {
  readonly columns: readonly ReportColumn[];
  readonly rows: readonly ReportRow[];
}

/**
 * The leaderboard of the results of one factor: the chosen test scores with their intervals over seeds, then
 * parameters, MACs, training time and energy. Diverged trials count in no mean; a method of which all trials diverged
 * keeps its row, without values.
 */
export function leaderboardFromResults(
  results: readonly TrialResult[],
  options: { order: readonly string[]; metrics: readonly ShownMetric[] },
): Leaderboard {
  const columns: ReportColumn[] = [
    ...options.metrics.map(({ name, unit, digits, better }) => ({
      name,
      digits,
      better,
      ...(unit === undefined ? {} : { unit }),
    })),
    { name: 'Parameters', digits: 0, better: null, si: true },
    { name: 'MACs', unit: '1280 × 720 image', digits: 0, better: null, si: true },
    { name: 'Time', unit: 's to train', digits: 0, better: null },
    { name: 'Energy', unit: 'Wh to train', digits: 2, better: null },
  ];
  const rows = methodsInOrder(results, options.order).map((method): ReportRow => {
    const trials = results.filter((result) => result.method === method && result.status === 'finished');
    const over = (read: (result: TrialResult) => number | null) =>
      meanInterval(trials.map(read).filter((value) => value !== null));
    return {
      method,
      seeds: trials.length,
      cells: [
        ...options.metrics.map(({ metric }) => testEstimate(results, method, metric)),
        over(({ cost }) => cost.parameters),
        over(({ cost }) => cost.macs720p),
        withoutInterval(over(({ cost }) => cost.trainSeconds)),
        withoutInterval(over(({ cost }) => (cost.energy.joules === null ? null : cost.energy.joules / 3600))),
      ],
    };
  });
  return { columns, rows };
}

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

function withoutInterval<T extends { mean: number } | null>(estimate: T) {
  return estimate === null ? null : { mean: estimate.mean, low: estimate.mean, high: estimate.mean };
}

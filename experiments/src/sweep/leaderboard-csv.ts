import { writeCsv } from '../iqa/csv.js';
import { shownMetrics } from '../trial/scores.js';
import type { Comparison } from './comparisons.js';
import { leaderboardRows, overSeeds, type Quantity } from './leaderboard.js';

const columns = ['comparison', 'method', 'seeds', 'diverged', 'metric', 'mean', 'half_width_95', 'standard_deviation'];

const costs: readonly (readonly [name: string, quantity: Quantity])[] = [
  ['parameters', ({ cost }) => cost.parameters],
  ['macs_720p', ({ cost }) => cost.macs720p],
  ['train_seconds', ({ cost }) => cost.trainSeconds],
  ['energy_joules', ({ cost }) => cost.energy.joules],
];

/** Every score and cost over seeds, a line for each method and quantity; empty where there is no value. */
export function leaderboardCsv(comparisons: readonly Comparison[]): string {
  const lines = comparisons.flatMap((comparison) => {
    const scores = shownMetrics(comparison.trials[0].config.evaluation).map(({ metric }): [string, Quantity] => [
      metric,
      (result) => result.test.values[metric],
    ]);
    return leaderboardRows(comparison).flatMap((row) =>
      [...scores, ...costs].map(([name, quantity]) => {
        const value = overSeeds(row, quantity);
        const numbers = [value?.mean, value?.halfWidth, value?.standardDeviation];
        return [comparison.title, row.method, row.results.length, row.diverged, name, ...numbers];
      }),
    );
  });
  return writeCsv([columns, ...lines]);
}

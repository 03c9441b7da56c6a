import { estimate } from '@lacuna/sweep';
import type { Estimate } from '../../figures/types.js';
import { writeCsv } from '../../iqa/csv.js';
import type { Comparison } from '../results/comparison.js';
import { co2eGrams } from '../results/emissions.js';
import { sampleSize } from '../results/interval.js';
import {
  leaderboardRows,
  meanOf,
  ownLevelOf,
  scoreOf,
  type LeaderboardRow,
  type Quantity,
} from './leaderboard-rows.js';
import { commonScores, ownScores } from '../results/shown-scores.js';

const columns = [
  'comparison',
  'method',
  'seeds',
  'regions',
  'diverged',
  'metric',
  'level',
  'mean',
  'low_95',
  'high_95',
  'standard_deviation',
];

const costs: readonly (readonly [name: string, quantity: Quantity])[] = [
  ['parameters', ({ cost }) => cost.parameters],
  ['macs_720p', ({ cost }) => cost.macs720p],
  ['train_seconds', ({ cost }) => cost.trainSeconds],
  ['energy_joules', ({ cost }) => cost.energy.joules],
];

/**
 * Every score and cost, a line for each method and quantity; empty where there is no value. `low_95` and `high_95` end
 * the bootstrap's interval, `standard_deviation` is that over seeds.
 */
export function leaderboardCsv(comparisons: readonly Comparison[]): string {
  const lines = comparisons.flatMap((comparison) => {
    const { evaluation } = comparison.trials[0].config;
    const scores = [...commonScores(evaluation), ...ownScores(evaluation)];
    return leaderboardRows(comparison).flatMap((row) => {
      const line = lineOf(comparison, row);
      return [
        ...scores.map((score) => line(score.metric, score.level, scoreOf(row, score))),
        line('own_level', 'own', asEstimate(ownLevelOf(row))),
        ...[...costs, ...emissionsOf(comparison)].map(([name, quantity]) =>
          line(name, '', asEstimate(meanOf(row, quantity))),
        ),
      ];
    });
  });
  return writeCsv([columns, ...lines]);
}

/** Emissions and the factor that they are told by, where there is one. */
function emissionsOf({ energy }: Comparison): readonly (readonly [name: string, quantity: Quantity])[] {
  if (energy === undefined) return [];
  return [
    ['co2e_grams', ({ cost }) => co2eGrams(cost.energy.joules, energy)],
    ['co2e_grams_per_kwh', () => energy.gramsPerKwh],
  ];
}

/** Lines of one method; a quantity without an interval has one of no width. */
function lineOf({ title }: Comparison, row: LeaderboardRow) {
  const { seeds, regions } = sampleSize(row.scored);
  return (metric: string, level: string, value: Estimate | null) => {
    const deviation = estimate(value?.values ?? [])?.standardDeviation;
    const numbers = [value?.mean, value?.low, value?.high, deviation];
    return [title, row.method, seeds, regions, row.diverged, metric, level, ...numbers];
  };
}

const asEstimate = (mean: number | null): Estimate | null => (mean === null ? null : { mean, low: mean, high: mean });

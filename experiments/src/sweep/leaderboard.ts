import { estimate, formatEstimate, renderTable, type Column, type Estimate } from '@lacuna/sweep';
import { shownMetrics } from '../trial/scores.js';
import { methodOrder, type Comparison } from './comparisons.js';
import type { TrialResult } from './results.js';

/** A quantity of a trial's result. */
export type Quantity = (result: TrialResult) => number | null | undefined;

/** One method of a comparison. */
export interface LeaderboardRow {
  readonly method: string;
  /** Of the trials that finished. */
  readonly results: readonly TrialResult[];
  readonly diverged: number;
}

/** Methods in the order of the spec, without those that have no trial yet. */
export function leaderboardRows(comparison: Comparison): LeaderboardRow[] {
  return methodOrder(comparison)
    .map((method) => {
      const all = comparison.results.filter((result) => result.method === method);
      return {
        method,
        results: all.filter((result) => result.status === 'finished'),
        diverged: all.filter((result) => result.status === 'diverged').length,
      };
    })
    .filter((row) => row.results.length + row.diverged > 0);
}

/** Mean and 95 % interval of a quantity over seeds; null where no seed has a finite value. */
export function overSeeds(row: LeaderboardRow, quantity: Quantity): Estimate | null {
  const values = row.results.map(quantity);
  return estimate(values.filter((value): value is number => typeof value === 'number' && Number.isFinite(value)));
}

/** A table for each point of the axes: mean and 95 % interval over seeds, of the test split. */
export function leaderboardText(comparisons: readonly Comparison[]): string {
  return comparisons.map(tableOf).join('\n\n');
}

const wattHours: Quantity = ({ cost }) => (cost.energy.joules === null ? null : cost.energy.joules / 3600);

/** Nothing has no unit. */
const withUnit = (text: string, unit: string): string => (text === '–' ? text : `${text} ${unit}`);

function tableOf(comparison: Comparison): string {
  const rows = leaderboardRows(comparison);
  const measured = rows.some((row) => row.results.some(({ cost }) => cost.energy.joules !== null));
  const mean = (row: LeaderboardRow, quantity: Quantity, digits: number): string =>
    overSeeds(row, quantity)?.mean.toFixed(digits) ?? '–';
  const energy: Column<LeaderboardRow> = { title: 'energy', text: (row) => withUnit(mean(row, wattHours, 2), 'Wh') };
  const table = renderTable(rows, [
    {
      title: 'method',
      align: 'left',
      text: ({ method, diverged }) => (diverged > 0 ? `${method} (${diverged} diverged)` : method),
    },
    ...shownMetrics(comparison.trials[0].config.evaluation).map(({ metric, name, digits, better }) => {
      const value = (row: LeaderboardRow) => overSeeds(row, (result) => result.test.values[metric]);
      return {
        title: name,
        text: (row: LeaderboardRow) => formatEstimate(value(row), digits),
        best: { value: (row: LeaderboardRow) => value(row)?.mean ?? null, better },
      };
    }),
    {
      title: 'parameters',
      text: (row) => overSeeds(row, ({ cost }) => cost.parameters)?.mean.toLocaleString('en') ?? '–',
    },
    { title: 'GMACs', text: (row) => mean(row, ({ cost }) => cost.macs720p / 1e9, 2) },
    {
      title: 'time',
      text: (row) =>
        withUnit(
          mean(row, ({ cost }) => cost.trainSeconds, 0),
          's',
        ),
    },
    ...(measured ? [energy] : []),
  ]);
  const seeds = Math.max(...rows.map((row) => row.results.length));
  const intervals = seeds > 1 ? ` ± 95 % interval over ${seeds} seeds` : '';
  const unmeasured = measured ? '' : '; energy: not measurable on this machine';
  const legend = `test split, mean${intervals}; * best; GMACs for a 1280 x 720 image${unmeasured}`;
  return `${comparison.title}: ${legend}\n\n${table}`;
}

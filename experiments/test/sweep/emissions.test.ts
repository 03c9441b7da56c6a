import { describe, expect, it } from 'vitest';
import { readCsv } from '../../src/iqa/csv.js';
import { leaderboardFromResults } from '../../src/report/from-results.js';
import { leaderboardCsv } from '../../src/sweep/leaderboard/leaderboard-csv.js';
import { leaderboardText } from '../../src/sweep/leaderboard/leaderboard.js';
import { commonSpec } from '../../src/sweep/spec/spec.js';
import { finalMetrics } from '../../src/tracking/final-metrics.js';
import { comparisonOf, resultOf } from './fixtures.js';

describe('emissions', () => {
  const energy = { gramsPerKwh: 50, source: 'the supplier, 2025' };
  // .5 kWh
  const results = [resultOf('geometry', 0, { common: [0.5], joules: 1.8e6 })];

  it('are told by the factor that the user gives, which is said wherever they are', () => {
    const comparison = comparisonOf(results, { energy });
    const text = leaderboardText([comparison]);
    expect(text).toContain('; CO2e at 50 g/kWh (the supplier, 2025)');
    expect(text).toMatch(/500\.00 Wh +25\.0 g$/m);
    const rows = readCsv(leaderboardCsv([comparison]));
    const meanOf = (metric: string) => rows.find((row) => row.includes(metric))?.[7];
    expect(meanOf('co2e_grams')).toBe('25');
    expect(meanOf('co2e_grams_per_kwh')).toBe('50');
    const { columns, rows: shown } = leaderboardFromResults(results, { order: ['geometry'], scores: [], energy });
    expect(columns.at(-1)).toMatchObject({ name: 'CO₂e', unit: 'g, at 50 g/kWh (the supplier, 2025)' });
    expect(shown[0].cells.at(-1)).toMatchObject({ mean: 25 });
    expect(finalMetrics(results[0], energy)).toMatchObject({ 'cost/co2e_grams': 25, 'cost/co2e_grams_per_kwh': 50 });
  });

  it('are told nowhere without a factor, and not where energy was not measured', () => {
    const comparison = comparisonOf(results);
    const told = [leaderboardText([comparison]), leaderboardCsv([comparison]), Object.keys(finalMetrics(results[0]))];
    expect(told.join(' ')).not.toMatch(/co2e/i);
    const unmeasured = comparisonOf([resultOf('a', 0, { common: [0.5] })], { energy });
    expect(leaderboardText([unmeasured])).not.toContain('CO2e');
  });

  it('want a factor above 0', () => {
    expect(commonSpec.safeParse({ energy: { gramsPerKwh: 0 } }).success).toBe(false);
    expect(commonSpec.safeParse({ energy: {} }).success).toBe(false);
    expect(commonSpec.parse({ energy: { gramsPerKwh: 56 } }).energy).toEqual({ gramsPerKwh: 56 });
  });
});

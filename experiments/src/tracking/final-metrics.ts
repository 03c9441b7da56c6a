import { co2eGrams, type EmissionFactor } from '../sweep/results/emissions.js';
import { scoreInterval, type Level } from '../sweep/results/interval.js';
import type { TrialResult } from '../sweep/results/results.js';

/**
 * Every figure of the leaderboard as a metric of the run; intervals are over the run's own test regions.
 * @param energy what emissions are told by; none are told without.
 */
export function finalMetrics(result: TrialResult, energy?: EmissionFactor): Record<string, number> {
  const { test, testOwnLevel, ownLevel, validation, cost } = result;
  const values = Object.fromEntries([
    ...Object.entries(test.values).map(([name, value]) => [`test/${name}`, value] as const),
    ...Object.entries(testOwnLevel?.values ?? {}).map(([name, value]) => [`test_own_level/${name}`, value] as const),
    ['own_level', ownLevel?.level ?? null],
    ...intervalsOf(result, 'common', 'test'),
    ...intervalsOf(result, 'own', 'test_own_level'),
    ...Object.entries(validation.values).map(([name, value]) => [`best_validation/${name}`, value] as const),
    ['cost/parameters', cost.parameters],
    ['cost/macs_720p', cost.macs720p],
    ['cost/train_seconds', cost.trainSeconds],
    ['cost/step_ms', cost.stepMs],
    ['cost/data_wait_share', cost.dataWaitShare],
    ['cost/energy_joules', cost.energy.joules],
    ['cost/co2e_grams', co2eGrams(cost.energy.joules, energy)],
    ['cost/co2e_grams_per_kwh', energy?.gramsPerKwh],
  ]);
  return Object.fromEntries(
    Object.entries(values).filter(
      (entry): entry is [string, number] => entry[1] !== null && entry[1] !== undefined && Number.isFinite(entry[1]),
    ),
  );
}

/** Ends of the 95 % intervals of scores with two regions or more: `test_low/cldice`, `test_high/cldice`. */
function intervalsOf(result: TrialResult, level: Level, prefix: string): [string, number][] {
  const scores = level === 'common' ? result.test : result.testOwnLevel;
  return Object.keys(scores?.values ?? {}).flatMap((metric): [string, number][] => {
    const interval = scoreInterval([result], { metric, level });
    if (interval === null || (scores?.cases?.length ?? 0) < 2) return [];
    return [
      [`${prefix}_low/${metric}`, interval.low],
      [`${prefix}_high/${metric}`, interval.high],
    ];
  });
}

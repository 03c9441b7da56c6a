import { metricOf } from '@lacuna/iqa';
import type { Objectives, TrialOutcome } from '@lacuna/sweep';
import { isTrained } from '../sweep/spec/method.js';
import type { TrialResult } from '../sweep/results/results.js';
import type { TrialSpec } from '../sweep/spec/spec.js';
import { scoreName } from '../trial/scores/scores.js';

/** What a trial costs, as objectives name it. */
const COSTS: Readonly<Record<string, (result: TrialResult) => number | null>> = {
  parameters: ({ cost }) => cost.parameters,
  macs: ({ cost }) => cost.macs720p,
  seconds: ({ cost }) => cost.trainSeconds,
  energy: ({ cost }) => cost.energy.joules,
};

const PREFIX = 'validation/';

/** The scores that a search may go by: those of the validation split, since the test split is read for the report. */
export function objectivesOf({ evaluation, training, regime }: TrialSpec): Objectives {
  const chosen = training.select.metric;
  const measured = evaluation.metrics.map((name) => ({
    score: scoreName(name),
    isQuick: metricOf(name).overLevels !== true,
  }));
  const quick = measured.filter(({ score, isQuick }) => isQuick || score === chosen).map(({ score }) => score);
  const named = (scores: readonly string[]) => [...new Set([...scores, chosen])].map((score) => `${PREFIX}${score}`);
  const all = [...named(measured.map(({ score }) => score)), ...Object.keys(COSTS)];
  // What is not trained step by step has no validations, and is never pruned.
  return { all, whileTraining: isTrained(regime) ? named(quick) : all };
}

/** A result's value of an objective; null where it has none. */
export function objectiveValue(result: TrialResult, objective: string): number | null {
  if (objective.startsWith(PREFIX)) return result.validation.values[objective.slice(PREFIX.length)] ?? null;
  return COSTS[objective](result);
}

/** What a search learns of a trial that has ended. */
export function outcomeOf(result: TrialResult, objectives: readonly string[]): TrialOutcome {
  if (result.status !== 'finished') return { state: result.status, reason: result.reason ?? result.status };
  const [first] = objectives;
  const metric = first.slice(PREFIX.length);
  const regions = first.startsWith(PREFIX) ? (result.validation.cases ?? []).map(({ values }) => values[metric]) : [];
  return {
    state: 'finished',
    values: Object.fromEntries(objectives.map((name) => [name, objectiveValue(result, name)])),
    regions: regions.filter((value) => typeof value === 'number'),
  };
}

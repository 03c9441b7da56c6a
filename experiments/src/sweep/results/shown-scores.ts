import { metricOf, type EvaluationSpec } from '@lacuna/iqa';
import type { ShownMetric } from '../../figures/from-results.js';
import { shownEvidence, type EvidenceName } from '../../explain/evidence-names.js';
import { levelMetrics } from '../../trial/scores/own-level.js';
import { shownMetric, shownMetrics } from '../../trial/scores/scores.js';
import type { Comparison } from './comparison.js';
import type { ScoreKey } from './interval.js';
import type { Scores } from './results.js';

type Volume = Scores['volume'];

/** A score as tables and figures show it, with the level at which estimates are cut. */
export type ShownScore = ShownMetric & ScoreKey;

/** What a spec measures: metrics, and the evidence for branches. */
type Measured = EvaluationSpec & { readonly evidence?: readonly EvidenceName[] | undefined };

/** Every metric of a spec, estimates cut at the level of all methods; then the evidence for branches. */
export const commonScores = (evaluation: Measured, volume?: Volume): ShownScore[] => [
  ...shownMetrics(evaluation, volume).map((shown): ShownScore => ({ ...shown, level: 'common' })),
  ...(evaluation.evidence ?? []).map((name): ShownScore => ({ ...shownEvidence[name], level: 'common' })),
];

/** Scores that are measured over all levels of the estimate: no level favours anybody. */
const levelFreeScores = (evaluation: EvaluationSpec, volume?: Volume): ShownScore[] =>
  evaluation.metrics
    .filter((name) => metricOf(name).overLevels)
    .map((name) => ({ ...shownMetric(name, volume), level: 'common' }));

/** The columns of the two tables of a leaderboard: at the common level; and at own levels, then over all of them. */
export function boardScores({ trials, results }: Pick<Comparison, 'trials' | 'results'>): {
  readonly common: ShownScore[];
  readonly fair: ShownScore[];
} {
  const { evaluation } = trials[0].config;
  const volume = results.find(({ test }) => test.volume)?.test.volume;
  const free = levelFreeScores(evaluation, volume);
  const isFree = ({ metric }: ShownScore) => free.some((score) => score.metric === metric);
  return {
    common: commonScores(evaluation, volume).filter((score) => !isFree(score)),
    fair: [...ownScores(evaluation, volume), ...free],
  };
}

/** The metrics of a spec that change with the level, each method cut at its own. */
export const ownScores = (evaluation: EvaluationSpec, volume?: Volume): ShownScore[] =>
  levelMetrics(evaluation).map((name) => ({ ...shownMetric(name, volume), level: 'own' }));

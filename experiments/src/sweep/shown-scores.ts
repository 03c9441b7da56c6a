import type { EvaluationSpec } from '@lacuna/iqa';
import type { ShownMetric } from '../figures/from-results.js';
import { levelMetrics } from '../trial/own-level.js';
import { shownMetric, shownMetrics } from '../trial/scores.js';
import type { ScoreKey } from './interval.js';

/** A score as tables and figures show it, with the level at which estimates are cut. */
export type ShownScore = ShownMetric & ScoreKey;

/** Every metric of a spec, estimates cut at the level of all methods. */
export const commonScores = (evaluation: EvaluationSpec): ShownScore[] =>
  shownMetrics(evaluation).map((shown) => ({ ...shown, level: 'common' }));

/** The metrics of a spec that change with the level, each method cut at its own. */
export const ownScores = (evaluation: EvaluationSpec): ShownScore[] =>
  levelMetrics(evaluation).map((name) => ({ ...shownMetric(name), level: 'own' }));

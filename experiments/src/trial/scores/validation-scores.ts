import { InputError, nearestName } from '@lacuna/core';
import { metricNames, metricOf, type MetricName } from '@lacuna/iqa';
import type { Scores } from '../../sweep/results/results.js';
import type { TrialSpec } from '../../sweep/spec/spec.js';
import { findOwnLevel } from './own-level.js';
import type { Pair } from '../data/pair.js';
import { headsRead, scoreAsRead } from './head-scores.js';
import { scoreName, type Protocol } from './scores.js';
import type { Estimate } from '../sr-images.js';

/** clDice at the level that suits the images best: a score for choosing models that hangs on no common level. */
export const OWN_LEVEL_SCORE = 'cldice_own_level';

/**
 * Scores of the validation split: those of the evaluation, and the one that models are chosen by where it is none of
 * them.
 */
export function scoreValidation(
  pairs: readonly Pair[],
  estimates: readonly Estimate[],
  { protocol, training }: { readonly protocol: Protocol; readonly training: Pick<TrialSpec['training'], 'select'> },
): Scores {
  const { metric: chosen } = training.select;
  const { metrics } = protocol.evaluation;
  const isMeasured = metrics.some((name) => scoreName(name) === chosen);
  const extra = isMeasured ? undefined : metricNames.find((name) => scoreName(name) === chosen);
  const scores = scoreAsRead(pairs, estimates, protocol, extra === undefined ? metrics : [...metrics, extra]);
  if (chosen !== OWN_LEVEL_SCORE) return scores;
  const own = findOwnLevel(pairs, headsRead(estimates, protocol) ?? estimates, protocol);
  const value = own.level === null ? null : own.clDice;
  const because: Record<string, string> = own.level === null ? { [OWN_LEVEL_SCORE]: own.reason } : {};
  return {
    ...scores,
    values: { ...scores.values, [OWN_LEVEL_SCORE]: value },
    undefinedBecause: { ...scores.undefinedBecause, ...because },
  };
}

/**
 * The protocol of validation during training: without metrics over all levels, which cut and thin an image two dozen
 * times. The one that models are chosen by is measured all the same.
 */
export function whileTraining(protocol: Protocol): Protocol {
  const quick = protocol.evaluation.metrics.filter((name) => metricOf(name).overLevels !== true);
  return { ...protocol, evaluation: { ...protocol.evaluation, metrics: quick } };
}

/** @throws {InputError} for a score that nothing measures. */
export function requireSelectable({ training: { select } }: Pick<TrialSpec, 'training'>): void {
  const known = [...metricNames.map((name: MetricName) => scoreName(name)), OWN_LEVEL_SCORE];
  if (known.includes(select.metric)) return;
  const near = nearestName(select.metric, known);
  throw new InputError({
    who: 'training.select.metric',
    got: JSON.stringify(select.metric),
    wanted: `a metric (lacuna iqa --help lists them, _error behind those of one network alone), or ${OWN_LEVEL_SCORE}`,
    ...(near === undefined ? {} : { remedy: `did you mean ${near}?` }),
  });
}

import { InputError, type Image } from '@lacuna/core';
import type { TrialContext } from '../trial/context.js';
import type { Pair } from '../trial/data/pair.js';
import { scoreValidation } from '../trial/scores/validation-scores.js';

/**
 * The candidate whose images of the validation split score best by `training.select`, the rule by which trained models
 * are chosen too. Of equals the first.
 * @throws {InputError} if that metric has no value for any candidate.
 */
export async function chooseOnValidation<Candidate>(
  { spec, data, protocol }: TrialContext,
  {
    candidates,
    estimate,
  }: {
    readonly candidates: readonly Candidate[];
    readonly estimate: (candidate: Candidate, pairs: readonly Pair[]) => Promise<readonly Image[]>;
  },
): Promise<Candidate> {
  const { metric, better } = spec.training.select;
  let best: { candidate: Candidate; score: number } | null = null;
  for (const candidate of candidates) {
    const images = await estimate(candidate, data.validation);
    const { values } = scoreValidation(data.validation, images, { protocol, training: spec.training });
    const score = values[metric];
    if (score === undefined || score === null) continue;
    const isBetter = best === null || (better === 'higher' ? score > best.score : score < best.score);
    if (isBetter) best = { candidate, score };
  }
  if (best === null) {
    throw new InputError({
      who: 'training.select.metric',
      got: `${metric}, which has no value on the validation split`,
      wanted: 'a score that some candidate has',
      remedy: `--set training.select.metric=${spec.evaluation.metrics[0]}`,
    });
  }
  return best.candidate;
}

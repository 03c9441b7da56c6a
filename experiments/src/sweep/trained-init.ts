import { InputError } from '@lacuna/core';
import type { Trial } from '@lacuna/sweep';
import { isTrained } from './method.js';
import type { TrialSpec } from './spec.js';

/** @throws {InputError} where weights are given to, or taken from, a method that is not trained step by step. */
export function requireTrainedInit(trials: readonly Trial<TrialSpec>[]): void {
  const byId = new Map(trials.map((trial) => [trial.id, trial]));
  for (const { config, group, after } of trials) {
    if (!config.init) continue;
    const refuse = (got: string, wanted: string) => new InputError({ who: `${group}: init`, got, wanted });
    const { kind } = config.regime;
    if (!isTrained(config.regime)) throw refuse(`weights for a method without training (${kind})`, 'a trained method');
    const before = after === undefined ? undefined : byId.get(after);
    if (before && !isTrained(before.config.regime))
      throw refuse(`weights of ${before.method}, which has none (${before.config.regime.kind})`, 'a trained method');
  }
}

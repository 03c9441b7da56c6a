import { InputError } from '@lacuna/core';
import type { Trial } from '@lacuna/sweep';
import { isTrained } from '../spec/method.js';
import { methodBefore, modelLinks } from '../spec/model-links.js';
import type { TrialSpec } from '../spec/spec.js';

/**
 * Refuses weights and teachers that cannot be had.
 * @throws {InputError} where a model is given to, or taken from, a method that is not trained step by step, and where a
 *   trial would go on from two methods.
 */
export function requireTrainedModels(trials: readonly Trial<TrialSpec>[]): void {
  const byId = new Map(trials.map((trial) => [trial.id, trial]));
  for (const { config, group, after } of trials) {
    const before = after === undefined ? undefined : byId.get(after);
    for (const { field, from } of modelLinks(config)) {
      const refuse = (got: string, wanted: string) => new InputError({ who: `${group}: ${field}`, got, wanted });
      const { kind } = config.regime;
      if (!isTrained(config.regime))
        throw refuse(`weights for a method without training (${kind})`, 'a trained method');
      if (from.method === undefined || !before) continue;
      requireOne(group, config, from.method);
      if (!isTrained(before.config.regime))
        throw refuse(`weights of ${before.method}, which has none (${before.config.regime.kind})`, 'a trained method');
    }
  }
}

function requireOne(group: string, config: TrialSpec, method: string): void {
  const first = methodBefore(config)?.method;
  if (first === method) return;
  throw new InputError({
    who: `${group}: regime.teacher.from.method`,
    got: `${method}, beside init.from.method ${first}`,
    wanted: 'one method that is run before',
    remedy: `train ${method} first and name its best.safetensors (regime.teacher.from.file)`,
  });
}

import { noBf16, whyNoBf16 } from '@lacuna/models';
import type { Backend } from '../../machine/workers.js';
import { isTrained } from '../spec/method.js';
import type { LacunaTrial } from '../plan/plan.js';

/**
 * For trials of this machine: bfloat16 where it cannot be had is said before anything runs.
 * @throws {InputError} naming the first method that asks for it.
 */
export function requirePrecision(trials: readonly LacunaTrial[], backend: Backend, reason = whyNoBf16(backend)): void {
  if (reason === null) return;
  const asks = ({ config }: LacunaTrial) => isTrained(config.regime) && config.training.precision === 'bf16';
  const first = trials.find(asks);
  if (first) throw noBf16(`${first.group}: training.precision`, reason);
}

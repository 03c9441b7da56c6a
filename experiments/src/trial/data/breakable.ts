import { InputError } from '@lacuna/core';
import { isUnpaired } from '@lacuna/models';
import { isTrained } from '../../sweep/spec/method.js';
import type { TrialSpec } from '../../sweep/spec/spec.js';

type Breakable = Pick<TrialSpec, 'training' | 'regime' | 'slicewise'>;

/**
 * @throws {InputError} for breaks in patches whose centreline is not known (those of unpaired training), and in planes
 *   that come with their neighbours.
 */
export function requireBreakable({ training, regime, slicewise }: Breakable): void {
  if (training.breaks === undefined || !isTrained(regime)) return;
  if (typeof slicewise === 'object' && (slicewise.neighbours ?? 0) > 0)
    throw new InputError({
      who: 'training.breaks',
      got: 'neighbouring planes (slicewise.neighbours), in which a branch goes on beside its break',
      wanted: 'planes by themselves, or volumes',
      remedy: 'leave training.breaks out of this method, or slicewise.neighbours',
    });
  if (!isUnpaired(regime) && regime.kind !== 'equivariant') return;
  throw new InputError({
    who: 'training.breaks',
    got: `regime ${regime.kind}, whose LR patches have no centreline`,
    wanted: 'a regime of pairs',
    remedy: 'leave training.breaks out of this method, or give it to the others alone',
  });
}

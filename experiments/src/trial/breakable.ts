import { InputError } from '@lacuna/core';
import type { TrialSpec } from '../sweep/spec.js';

/** @throws {InputError} for breaks in patches whose centreline is not known: those of unpaired training. */
export function requireBreakable({ training, regime }: Pick<TrialSpec, 'training' | 'regime'>): void {
  if (training.breaks === undefined || regime.kind !== 'unpaired') return;
  throw new InputError({
    who: 'training.breaks',
    got: 'unpaired training, whose LR patches have no centreline',
    wanted: 'a regime of pairs',
    remedy: 'leave training.breaks out of this method, or give it to the others alone',
  });
}

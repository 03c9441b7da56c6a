import { InputError } from '@lacuna/core';
import type { Engine } from '../engine/index.js';
import type { ForwardModel } from '../losses/consistency.js';
import type { LinearPair } from './linear-filter.js';
import type { LmmseOptions } from './lmmse.js';
import type { Turns } from './symmetries.js';

/** What weights are fitted to in closed form, before the first step of training. */
export interface FitSource {
  /** The training pairs: planes or volumes, as the model sees them. */
  readonly pairs: readonly LinearPair[];
  /** What the instrument does without its noise; null where it is not known. */
  readonly forward: ForwardModel | null;
  /** Noise of an LR pixel, in squared intensities; measured when it is asked for. */
  readonly noiseVariance: () => number;
  /** How images may be turned, as the training spec says: what is seen of one direction holds for the others. */
  readonly turns: Turns;
  /** What computes the parts of a model that a fit needs. */
  readonly engine: Engine;
}

/**
 * The degradation's linear part along each axis.
 * @param asks who asks for it, and what would do without it.
 * @throws {InputError} where the degradation draws another blur for each region.
 */
export function requireForward(
  forward: ForwardModel | null,
  { who, instead }: { readonly who: string; readonly instead: string },
): LmmseOptions['forward'] {
  if (forward === null) {
    throw new InputError({
      who,
      got: 'degradation.kind blind, which draws another blur for each region',
      wanted: 'a known one',
      remedy: `use ${instead}, or degradation.kind: confocal, ct or bicubic`,
    });
  }
  return 'kernel' in forward ? { x: forward, y: forward, z: forward } : forward;
}

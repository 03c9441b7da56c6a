import { createRng } from '@lacuna/core';
import type { Role, SplitOptions } from '@lacuna/datasets';
import type { TrialSpec } from '../../sweep/spec/spec.js';

/** How a trial's images are split: at multiples of the factor, specimens in the order of the split's own seed. */
export function splitOptions(
  { degradation, split }: Pick<TrialSpec, 'degradation' | 'split'>,
  roles: ReadonlyMap<string, Role> | undefined,
): SplitOptions {
  const seed = split.kind === 'blocks' ? 0 : split.seed;
  return { multiple: degradation.factor, roles, order: (count) => shuffled(count, seed) };
}

function shuffled(count: number, seed: number): number[] {
  return createRng(seed)
    .fork('split')
    .shuffle(Array.from({ length: count }, (_, i) => i));
}

/** HR pixels that the split leaves between regions of one image; 0 where regions are whole specimens. */
export function guardOf(split: TrialSpec['split']): number {
  const isWhole = split.kind === 'specimen' || (split.kind === 'folds' && split.across === 'specimens');
  return isWhole ? 0 : split.guard;
}

import { createRng } from '@lacuna/core';
import type { Role, SplitOptions } from '@lacuna/datasets';
import type { TrialSpec } from '../sweep/spec.js';

/** How a trial's images are split: at multiples of the factor, specimens in the order of the split's own seed. */
export function splitOptions(
  { degradation, split }: Pick<TrialSpec, 'degradation' | 'split'>,
  roles: ReadonlyMap<string, Role> | undefined,
): SplitOptions {
  const seed = split.kind === 'specimen' ? split.seed : 0;
  return { multiple: degradation.factor, roles, order: (count) => shuffled(count, seed) };
}

function shuffled(count: number, seed: number): number[] {
  return createRng(seed)
    .fork('split')
    .shuffle(Array.from({ length: count }, (_, i) => i));
}

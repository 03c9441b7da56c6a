import { countForeground, requireSameMaskSize, type Mask } from '../../mask.js';

/** Why a value stands although its formula divides by zero. */
export type EmptyFlag = 'both empty' | 'reference empty' | 'estimate empty';

/**
 * Dice coefficient, 2 |R ∩ E| / (|R| + |E|), in [0, 1].
 * @returns 1 with the flag `both empty` for two empty masks.
 */
export function dice(reference: Mask, estimate: Mask): { value: number; flag?: EmptyFlag } {
  requireSameMaskSize('dice', reference, estimate);
  const r = countForeground(reference);
  const e = countForeground(estimate);
  if (r + e === 0) return { value: 1, flag: 'both empty' };
  const value = (2 * overlap(reference.data, estimate.data)) / (r + e);
  if (r === 0) return { value, flag: 'reference empty' };
  if (e === 0) return { value, flag: 'estimate empty' };
  return { value };
}

/** clDice and its two parts, all in [0, 1]. */
export interface ClDice {
  readonly value: number;
  /** Share of the estimate's skeleton inside the reference's mask. */
  readonly precision: number;
  /** Share of the reference's skeleton inside the estimate's mask. */
  readonly recall: number;
  readonly flag?: EmptyFlag;
}

/**
 * Centreline Dice, 2 P S / (P + S) of the skeletons' precision P and recall S (Shit et al. 2021, arXiv:2003.07311), on
 * given skeletons.
 * @returns 1 flagged `both empty`; 0 flagged if one mask is empty; 0 for disjoint masks.
 */
export function clDice(reference: Mask, estimate: Mask, skeletons: { reference: Mask; estimate: Mask }): ClDice {
  requireSameMaskSize('clDice', reference, estimate);
  requireSameMaskSize('clDice skeleton', reference, skeletons.reference);
  requireSameMaskSize('clDice skeleton', reference, skeletons.estimate);
  const r = countForeground(skeletons.reference);
  const e = countForeground(skeletons.estimate);
  if (r === 0 && e === 0) return { value: 1, precision: 1, recall: 1, flag: 'both empty' };
  if (r === 0 || e === 0)
    return { value: 0, precision: 0, recall: 0, flag: r === 0 ? 'reference empty' : 'estimate empty' };
  const precision = overlap(skeletons.estimate.data, reference.data) / e;
  const recall = overlap(skeletons.reference.data, estimate.data) / r;
  return { value: precision + recall === 0 ? 0 : (2 * precision * recall) / (precision + recall), precision, recall };
}

function overlap(a: Uint8Array, b: Uint8Array): number {
  let count = 0;
  for (let i = 0; i < a.length; i++) count += a[i] & b[i];
  return count;
}

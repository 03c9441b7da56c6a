import { InputError } from '@lacuna/core';
import type { Intensities } from '../../intensities.js';
import { countForeground, type Mask } from '../../mask.js';
import { levelsByShare } from '../segmentation/levels.js';
import { threshold } from '../segmentation/threshold.js';
import { skeletonize } from '../thinning/skeletonize.js';
import { clDice } from './overlap.js';

/** An estimate, smoothed as for a mask, beside the network that it should show. */
export interface ValidationPair {
  readonly reference: { readonly mask: Mask; readonly skeleton: Mask };
  readonly estimate: Intensities;
}

/** The level at which a method's images show the network best. */
export interface OwnLevel {
  readonly level: number;
  /** Mean clDice of the pairs at that level. */
  readonly clDice: number;
  /** Mean clDice at every level that was tried, by falling level. */
  readonly curve: readonly { readonly level: number; readonly clDice: number }[];
}

/** Levels of the second pass, between the neighbours of the best one of the first. */
const FINER = 7;

/**
 * A method's own level: the one of largest mean clDice over validation pairs, the same rule for every method. First
 * `levels` levels that make the foreground 1/16 to 8 times the references', then seven between the neighbours of the
 * best. Of equal ones the highest is taken.
 * @throws {InputError} without pairs, where no reference has a network, and for fewer than 2 levels.
 */
export function ownLevel(
  pairs: readonly ValidationPair[],
  { levels = 24 }: { readonly levels?: number } = {},
): OwnLevel {
  const pixels = pairs.reduce((sum, { reference }) => sum + reference.mask.data.length, 0);
  const share = pairs.reduce((sum, { reference }) => sum + countForeground(reference.mask), 0) / pixels;
  if (!(share > 0))
    throw new InputError({
      who: 'ownLevel',
      got: pairs.length === 0 ? 'no pairs' : `${pairs.length} pairs without a network in any reference`,
      wanted: 'validation pairs with a network',
      remedy: 'choose a larger validation region, or a common level',
    });
  const score = (level: number) => ({ level, clDice: meanClDice(pairs, level) });
  const estimates = pairs.map(({ estimate }) => estimate);
  const coarse = levelsByShare(estimates, share, levels).map(score);
  const top = coarse.indexOf(best(coarse));
  const from = coarse[Math.max(0, top - 1)].level;
  const to = coarse[Math.min(coarse.length - 1, top + 1)].level;
  const fine = Array.from({ length: FINER }, (_, k) => from + ((to - from) * (k + 1)) / (FINER + 1))
    .filter((level) => coarse.every((known) => known.level !== level))
    .map(score);
  const curve = [...coarse, ...fine].sort((a, b) => b.level - a.level);
  return { ...best(curve), curve };
}

/** The first of largest clDice. */
function best<Point extends { readonly clDice: number }>(curve: readonly Point[]): Point {
  return curve.reduce((a, b) => (b.clDice > a.clDice ? b : a));
}

function meanClDice(pairs: readonly ValidationPair[], level: number): number {
  let sum = 0;
  for (const { reference, estimate } of pairs) {
    const mask = threshold(estimate, level);
    const skeletons = { reference: reference.skeleton, estimate: skeletonize(mask) };
    sum += clDice(reference.mask, mask, skeletons).value;
  }
  return sum / pairs.length;
}

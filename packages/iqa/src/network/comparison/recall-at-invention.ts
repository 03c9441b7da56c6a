import { InputError } from '@lacuna/core';
import { requireOneChannel, type Intensities } from '../../intensities.js';
import { countForeground, type Mask, type Spacing } from '../../mask.js';
import { nearMask } from '../distance/near-mask.js';
import { pixelLengths, type PixelLengths } from '../graph/pixel-lengths.js';
import { levelsByShare } from '../segmentation/levels.js';
import { threshold } from '../segmentation/threshold.js';
import { skeletonize } from '../thinning/skeletonize.js';

/** What an estimate finds and invents when it is cut at one level. */
export interface RecallPoint {
  readonly level: number;
  /** Share of the reference's centreline within the tolerance of the estimate's. */
  readonly recall: number;
  /**
   * Share of the estimate's centreline outside of the reference's network and farther than the tolerance from its
   * centreline; 0 where it has none.
   */
  readonly invented: number;
}

/** Recall against invented share over the levels of an estimate. */
export interface RecallAtInvention {
  /** By falling level. */
  readonly curve: readonly RecallPoint[];
  /** Largest recall at an invented share of at most `share`. */
  readonly at: (share: number) => number;
  /** Mean of that over shares from 0 to .2. */
  readonly area: number;
}

/** Options of {@link recallAtInvention}. */
export interface RecallAtInventionOptions {
  /** How far apart two centrelines may lie and still be one, in the unit of the spacing; the same along every axis. */
  readonly tolerance: number;
  /** Size of a pixel along each axis; 1 px by default. */
  readonly spacing?: Spacing;
  /** How many levels; 24 by default. */
  readonly levels?: number;
}

/** Largest invented share of {@link RecallAtInvention.area}, and the parts it is read in. */
const AREA_UP_TO = 0.2;
const AREA_STEPS = 40;

/**
 * Recall of the reference's centreline at equal invented share, so that no level favours any method: the estimate is
 * cut at levels that make its foreground 1/16 to 8 times the reference's (at most .9 of the image), each mask is
 * thinned, and the two centrelines are compared within the tolerance. A centreline inside of the reference's network is
 * not invented: that of a cell's cavity, which is wide and has none of its own, or of a wide vessel. Lengths are sums
 * of half the steps at each pixel; a point by itself counts one pixel of x, so that specks are not invented for
 * nothing. Between neighbouring levels the curve is straight; above the highest one it starts at nothing found and
 * nothing invented.
 * @param reference the network and its centreline.
 * @param estimate intensities, smoothed as for a mask.
 * @returns null if the reference has no centreline. @throws {InputError} for a negative tolerance, fewer than 2 levels.
 */
export function recallAtInvention(
  reference: { readonly mask: Mask; readonly skeleton: Mask },
  estimate: Intensities,
  { tolerance, spacing = { x: 1, y: 1 }, levels = 24 }: RecallAtInventionOptions,
): RecallAtInvention | null {
  requireOneChannel('recallAtInvention', estimate);
  if (!(tolerance >= 0))
    throw new InputError({ who: 'recallAtInvention', got: `a tolerance of ${tolerance}`, wanted: 'a number >= 0' });
  const wanted = pixelLengths(reference.skeleton, spacing);
  if (wanted.pixels.length === 0) return null;
  const isNearReference = nearMask(reference.skeleton, tolerance, spacing);
  const isKnown = (pixel: number) => reference.mask.data[pixel] === 1 || isNearReference(pixel);
  const share = countForeground(reference.mask) / reference.mask.data.length;
  const curve = levelsByShare([estimate], share, levels).map((level): RecallPoint => {
    const skeleton = skeletonize(threshold(estimate, level));
    const drawn = pixelLengths(skeleton, spacing);
    if (drawn.pixels.length === 0) return { level, recall: 0, invented: 0 };
    return {
      level,
      recall: shareOf(wanted, nearMask(skeleton, tolerance, spacing)),
      invented: 1 - shareOf(drawn, isKnown),
    };
  });
  const at = (limit: number) => bestRecall(curve, limit);
  let sum = 0;
  for (let k = 0; k <= AREA_STEPS; k++)
    sum += at((AREA_UP_TO * k) / AREA_STEPS) * (k === 0 || k === AREA_STEPS ? 0.5 : 1);
  return { curve, at, area: sum / AREA_STEPS };
}

/** Share of a centreline's length whose pixels are known. */
function shareOf({ pixels, lengths }: PixelLengths, isKnown: (pixel: number) => boolean): number {
  let near = 0;
  let total = 0;
  for (let p = 0; p < pixels.length; p++) {
    total += lengths[p];
    if (isKnown(pixels[p])) near += lengths[p];
  }
  return near / total;
}

/** The largest recall of the curve's straight pieces where at most `limit` is invented. */
function bestRecall(curve: readonly RecallPoint[], limit: number): number {
  let best = 0;
  let before: Omit<RecallPoint, 'level'> = { recall: 0, invented: 0 };
  for (const point of curve) {
    if (point.invented <= limit) best = Math.max(best, point.recall);
    if (before.invented <= limit !== point.invented <= limit) {
      const part = (limit - before.invented) / (point.invented - before.invented);
      best = Math.max(best, before.recall + part * (point.recall - before.recall));
    }
    before = point;
  }
  return best;
}

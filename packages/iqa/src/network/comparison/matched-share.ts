import type { Mask, Spacing } from '../../mask.js';
import { nearMask } from '../distance/near-mask.js';
import type { Branch } from '../graph/graph.js';

/** Share of a branch's pixels of which something holds, 0..1. */
export function shareOf({ pixels }: Pick<Branch, 'pixels'>, holds: (pixel: number) => boolean): number {
  let count = 0;
  for (const pixel of pixels) if (holds(pixel)) count++;
  return count / pixels.length;
}

/**
 * How much of each branch another network has: the share of its pixels within the tolerance of the other's centreline,
 * as {@link compareNetworks} counts them.
 * @param options.tolerance in the unit of the spacing.
 */
export function matchedShares(
  branches: readonly Pick<Branch, 'pixels'>[],
  centreline: Mask,
  { tolerance, spacing }: { readonly tolerance: number; readonly spacing: Spacing },
): number[] {
  const isNear = nearMask(centreline, tolerance, spacing);
  return branches.map((branch) => shareOf(branch, isNear));
}

/**
 * How much of each branch is no invention: the share of its pixels that lie in the reference's network or within the
 * tolerance of its centreline, as {@link recallAtInvention} counts. The centreline of a wide tube that is drawn too
 * thin or in pieces may lie off the reference's own, and is still there.
 */
export function knownShares(
  branches: readonly Pick<Branch, 'pixels'>[],
  { mask, skeleton }: { readonly mask: Mask; readonly skeleton: Mask },
  { tolerance, spacing }: { readonly tolerance: number; readonly spacing: Spacing },
): number[] {
  const isNear = nearMask(skeleton, tolerance, spacing);
  return branches.map((branch) => shareOf(branch, (pixel) => mask.data[pixel] === 1 || isNear(pixel)));
}

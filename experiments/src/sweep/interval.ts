import { estimate } from '@lacuna/sweep';
import type { Estimate } from '../figures/types.js';

/**
 * Mean and 95 % interval of the mean over seeds (Student's t), as figures and report show it. With two seeds t is 12.7:
 * such intervals are wide because two values say little, and are shown as they are. One value has no interval: low and
 * high equal it.
 * @returns null where no value is finite; values that are not finite are left out.
 */
export function meanInterval(values: readonly number[]): Estimate | null {
  const over = estimate(values.filter(Number.isFinite));
  if (over === null) return null;
  const half = over.halfWidth ?? 0;
  return { mean: over.mean, low: over.mean - half, high: over.mean + half };
}

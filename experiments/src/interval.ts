import type { Estimate } from './figures/types.js';

/** Student's t at 97.5 %, for 1 to 30 degrees of freedom (Abramowitz and Stegun, table 26.10). */
const t975 = [
  12.706, 4.303, 3.182, 2.776, 2.571, 2.447, 2.365, 2.306, 2.262, 2.228, 2.201, 2.179, 2.16, 2.145, 2.131,
  2.12, 2.11, 2.101, 2.093, 2.086, 2.08, 2.074, 2.069, 2.064, 2.06, 2.056, 2.052, 2.048, 2.045, 2.042,
] as const;

/**
 * Mean and 95 % interval of the mean over seeds, by Student's t: mean ± t·s/√n with n - 1 degrees of freedom. With two seeds t is 12.7: such intervals are wide because two
 * values say little, and are shown as they are. One value has no interval: low and high equal it.
 * @returns null where no value is finite; values that are not finite are left out.
 */
export function meanInterval(values: readonly number[]): Estimate | null {
  const finite = values.filter(Number.isFinite);
  const n = finite.length;
  if (n === 0) return null;
  const mean = finite.reduce((sum, value) => sum + value, 0) / n;
  if (n === 1) return { mean, low: mean, high: mean };
  const variance = finite.reduce((sum, value) => sum + (value - mean) ** 2, 0) / (n - 1);
  const half = (tQuantile(n - 1) * Math.sqrt(variance)) / Math.sqrt(n);
  return { mean, low: mean - half, high: mean + half };
}

/** Above 30 degrees of freedom: Cornish-Fisher around the normal quantile (A&S 26.7.5), good to 1e-4. */
function tQuantile(freedom: number): number {
  if (freedom <= t975.length) return t975[freedom - 1]!;
  const z = 1.959964;
  return z + (z ** 3 + z) / (4 * freedom) + (5 * z ** 5 + 16 * z ** 3 + 3 * z) / (96 * freedom ** 2);
}

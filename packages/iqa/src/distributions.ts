/** Wasserstein-1 distance of two samples, the area between their cumulative distributions; null if one is empty. */
export function wasserstein1(a: ArrayLike<number>, b: ArrayLike<number>): number | null {
  return sweep(a, b, (difference, step, sum) => sum + Math.abs(difference) * step);
}

/**
 * Kolmogorov-Smirnov statistic of two samples, the largest gap of their cumulative distributions; null if one is empty.
 */
export function kolmogorovSmirnov(a: ArrayLike<number>, b: ArrayLike<number>): number | null {
  return sweep(a, b, (difference, _, largest) => Math.max(largest, Math.abs(difference)));
}

function sweep(
  a: ArrayLike<number>,
  b: ArrayLike<number>,
  combine: (difference: number, step: number, soFar: number) => number,
): number | null {
  if (a.length === 0 || b.length === 0) return null;
  const p = Float64Array.from(a).sort();
  const q = Float64Array.from(b).sort();
  const all = Float64Array.from([...p, ...q]).sort();
  let i = 0;
  let j = 0;
  let result = 0;
  for (let k = 0; k + 1 < all.length; k++) {
    while (i < p.length && p[i] <= all[k]) i++;
    while (j < q.length && q[j] <= all[k]) j++;
    result = combine(i / p.length - j / q.length, all[k + 1] - all[k], result);
  }
  return result;
}

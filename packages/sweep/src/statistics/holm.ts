import { InputError } from '@lacuna/core';

/**
 * Holm's step-down correction (1979) of p values of several comparisons: in rising order the k-th of m is multiplied by
 * m - k + 1, and none is smaller than the one before it; at most 1.
 * @returns corrected p values, in the order that they came in.
 * @throws {InputError} for a value outside of 0..1.
 */
export function holm(values: readonly number[]): number[] {
  for (const p of values)
    if (!(p >= 0 && p <= 1)) throw new InputError({ who: 'holm', got: `p = ${p}`, wanted: 'between 0 and 1' });
  const order = values.map((_, i) => i).sort((i, j) => values[i] - values[j]);
  const corrected = new Array<number>(values.length);
  let largest = 0;
  order.forEach((i, rank) => {
    largest = Math.max(largest, Math.min(1, values[i] * (values.length - rank)));
    corrected[i] = largest;
  });
  return corrected;
}

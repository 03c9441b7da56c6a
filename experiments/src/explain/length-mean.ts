import type { MeasuredBranch } from '../network/measured.js';

/** Mean of a number over the length of the branches that have it; null where none has. */
export function lengthMean(branches: readonly MeasuredBranch[], values: readonly (number | null)[]): number | null {
  let sum = 0;
  let total = 0;
  branches.forEach(({ length }, i) => {
    const value = values[i];
    if (value === null) return;
    sum += length * value;
    total += length;
  });
  return total > 0 ? sum / total : null;
}

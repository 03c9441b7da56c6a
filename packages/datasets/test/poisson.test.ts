import { createRng } from '@lacuna/core';
import { expect, it } from 'vitest';
import { PoissonField } from '../src/noise/poisson-field.js';

/** Inversion one by one: the first count whose cumulative probability reaches u. */
function walk(mean: number, u: number): number {
  let left = u;
  let probability = Math.exp(-mean);
  let count = 0;
  while (left > probability && count < 200) {
    left -= probability;
    probability *= mean * (1 / ++count);
  }
  return count;
}

it.each([1, 7, 8, 9, 5000])('%i numbers that walk together are those that walk alone', (length) => {
  const choose = createRng(length);
  const means = Float64Array.from({ length }, (_, i) => (i % 97 === 0 ? 0 : 59.99 * choose.uniform()));
  const words = createRng(3);
  const counts = means.slice();
  const wanted = Array.from(means, (mean) => walk(mean, (words.uint32() + 0.5) / 4294967296));
  new PoissonField(createRng(3)).replace(counts);
  expect([...counts]).toEqual(wanted);
});

it('has the mean and the variance of its distribution: walked, from a table, and by quantiles', () => {
  const n = 200_000;
  for (const mean of [0.3, 12, 59, 61, 2000]) {
    for (const alike of [true, false]) {
      // Nearly alike is not alike: then no table is made.
      const counts = Float64Array.from({ length: n }, (_, i) => (alike ? mean : mean * (1 + 1e-9 * (i % 2))));
      new PoissonField(createRng(5)).replace(counts);
      const average = counts.reduce((sum, count) => sum + count, 0) / n;
      const variance = counts.reduce((sum, count) => sum + (count - average) ** 2, 0) / n;
      // Five standard errors.
      expect(Math.abs(average - mean)).toBeLessThan(5 * Math.sqrt(mean / n));
      expect(Math.abs(variance - mean)).toBeLessThan(5 * Math.sqrt((mean + 2 * mean * mean) / n));
    }
  }
});

import { percentileOfSorted } from '@lacuna/core';
/** Number that sums up a sample, with its name. */
export interface Statistic {
  readonly name: string;
  readonly of: (values: readonly number[]) => number;
}

const meanOf = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length;

/** p-quantile, linear between the values. */
function quantile(values: readonly number[], p: number): number {
  return percentileOfSorted(Float64Array.from(values).sort(), p);
}

export const mean: Statistic = { name: 'mean', of: meanOf };
export const median: Statistic = { name: 'median', of: (values) => quantile(values, 0.5) };
/** Of a sample, n - 1 in the denominator. */
export const deviation: Statistic = {
  name: 'SD',
  of: (values) => {
    const centre = meanOf(values);
    return Math.sqrt(values.reduce((sum, value) => sum + (value - centre) ** 2, 0) / (values.length - 1));
  },
};

/** P(value >= least). */
export const reaches = (least: number): Statistic => ({
  name: `P(≥ ${least})`,
  of: (values) => values.filter((value) => value >= least).length / values.length,
});
/** Share of values from low to high, both included. */
export const within = (low: number, high: number): Statistic => ({
  name: `share in ${low}-${high}`,
  of: (values) => values.filter((value) => value >= low && value <= high).length / values.length,
});
export const percentile = (p: number): Statistic => ({ name: `${p} %`, of: (values) => quantile(values, p / 100) });

/**
 * k of P(value >= x) = A·exp(-k·x), by least squares of ln P over places from low to high; NaN where fewer than three
 * places have any value.
 */
export const decay = (low: number, high: number, step: number): Statistic => ({
  name: `fall of P(≥ x), ${low}-${high}`,
  of: (values) => {
    const xs: number[] = [];
    const ys: number[] = [];
    for (let x = low; x <= high + 1e-9; x += step) {
      const share = reaches(x).of(values);
      if (share > 0) {
        xs.push(x);
        ys.push(Math.log(share));
      }
    }
    if (xs.length < 3) return NaN;
    const mx = meanOf(xs);
    const my = meanOf(ys);
    return -xs.reduce((sum, x, i) => sum + (x - mx) * (ys[i] - my), 0) / xs.reduce((sum, x) => sum + (x - mx) ** 2, 0);
  },
});

import { readFileSync } from 'node:fs';
import { createRng } from '@lacuna/core';
import { describe, expect, it } from 'vitest';
import {
  criticalDifference,
  friedman,
  createResampler,
  hierarchicalBootstrap,
  holm,
  pairedDifference,
  studentizedRangeQuantile,
} from '../src/index.js';
import { normalCdf, upperGamma } from '../src/statistics/special-functions.js';

interface Golden {
  readonly friedman: { table: number[][]; statistic: number; p: number; meanRanks: number[] }[];
  readonly signFlips: { difference: number[]; p: number }[];
  readonly holm: { values: number[]; corrected: number[] }[];
  readonly studentizedRange: { k: number; p: number; quantile: number }[];
  readonly normal: { x: number; cdf: number }[];
  readonly upperGamma: { a: number; x: number; q: number }[];
}
/** Made by tools/golden/rank_tests.py with SciPy. */
const golden = JSON.parse(readFileSync(new URL('golden/statistics.json', import.meta.url), 'utf8')) as Golden;
const rng = (label: string) => createRng(3).fork(label);

describe('as SciPy', () => {
  it('special functions', () => {
    for (const { x, cdf } of golden.normal) expect(Math.abs(normalCdf(x) / cdf - 1), `${x}`).toBeLessThan(1e-11);
    for (const { a, x, q } of golden.upperGamma)
      expect(Math.abs(upperGamma(a, x) / q - 1), `${a} ${x}`).toBeLessThan(1e-10);
  });

  it("Friedman's test, with ties and without", () => {
    for (const { table, statistic, p, meanRanks } of golden.friedman) {
      const ours = friedman(table, 'higher');
      expect(ours.statistic).toBeCloseTo(statistic, 10);
      expect(ours.p).toBeCloseTo(p, 12);
      ours.meanRanks.forEach((rank, k) => expect(rank).toBeCloseTo(meanRanks[k], 12));
    }
  });

  it('the studentised range', () => {
    for (const { k, p, quantile } of golden.studentizedRange)
      expect(studentizedRangeQuantile(p, k), `${k} at ${p}`).toBeCloseTo(quantile, 5);
  });

  it('all sign flips of paired differences', () => {
    for (const { difference, p } of golden.signFlips) {
      const zero = difference.map(() => 0);
      const ours = pairedDifference([difference], [zero], { rng: rng('flips'), unit: 'region', draws: 50 });
      expect(ours).toMatchObject({ exact: true, exchanges: 2 ** difference.length, units: difference.length });
      expect(ours.p).toBeCloseTo(p, 12);
    }
  });

  it("Holm's correction", () => {
    for (const { values, corrected } of golden.holm)
      holm(values).forEach((p, k) => expect(p).toBeCloseTo(corrected[k], 14));
    expect(() => holm([0.2, 1.5])).toThrow('holm: got p = 1.5, wanted between 0 and 1');
  });
});

describe('hierarchicalBootstrap', () => {
  it('stays within the scores, where three seeds near 1 left the range by Student’s t', () => {
    const scores = [
      [0.21, 0.98, 1],
      [0.95, 0.99, 1],
      [0.9, 1, 1],
    ];
    const { mean, low, high, seeds, regions } = hierarchicalBootstrap(scores, { rng: rng('range') });
    expect(mean).toBeCloseTo(scores.flat().reduce((a, b) => a + b) / 9, 12);
    expect([seeds, regions]).toEqual([3, 3]);
    expect(low!).toBeGreaterThanOrEqual(0.21);
    expect(low!).toBeLessThan(mean);
    expect(high!).toBeGreaterThan(mean);
    expect(high!).toBeLessThanOrEqual(1);
  });

  it('is the same for the same seed, and equal scores have an interval of no width', () => {
    const scores = [
      [1, 2, 5],
      [3, 4, 9],
    ];
    const once = hierarchicalBootstrap(scores, { rng: rng('twice'), draws: 500 });
    expect(hierarchicalBootstrap(scores, { rng: rng('twice'), draws: 500 })).toEqual(once);
    const equal = hierarchicalBootstrap([[0.1, 0.1, 0.1]], { rng: rng('equal'), draws: 100 });
    expect([equal.low, equal.high]).toEqual([0.1, 0.1]);
  });

  it('of one seed is the plain bootstrap over regions: the normal interval of many', () => {
    const draw = rng('normal');
    const scores = [Array.from({ length: 400 }, () => draw.normal())];
    const { mean, low, high } = hierarchicalBootstrap(scores, { rng: rng('wide') });
    const deviation = Math.sqrt(scores[0].reduce((sum, v) => sum + (v - mean) ** 2, 0) / 400);
    expect((high! - low!) / 2 / ((1.96 * deviation) / 20)).toBeGreaterThan(0.95);
    expect((high! - low!) / 2 / ((1.96 * deviation) / 20)).toBeLessThan(1.05);
  });

  it('knows that seeds differ: its interval is wider than that of all values thrown together', () => {
    const scores = [Array.from({ length: 20 }, () => 0), Array.from({ length: 20 }, () => 1)];
    const nested = hierarchicalBootstrap(scores, { rng: rng('nested') });
    const together = hierarchicalBootstrap([scores.flat()], { rng: rng('together') });
    expect(nested.high! - nested.low!).toBe(1);
    expect(together.high! - together.low!).toBeLessThan(0.4);
  });

  it('made beforehand for its counts gives the same intervals, and refuses other counts', () => {
    const scores = [
      [1, 2, 5],
      [3, 4],
    ];
    const resample = createResampler([3, 2], { rng: rng('beforehand'), draws: 300 });
    for (const factor of [1, -2]) {
      const scaled = scores.map((list) => list.map((value) => factor * value));
      expect(resample(scaled)).toEqual(hierarchicalBootstrap(scaled, { rng: rng('beforehand'), draws: 300 }));
    }
    expect(() =>
      resample([
        [1, 2],
        [3, 4],
      ]),
    ).toThrow('createResampler: got 2+2 scores, wanted 3+2');
    const options = { rng: rng('paired'), unit: 'region', draws: 300 } as const;
    const zero = scores.map((list) => list.map(() => 0));
    const { low, high } = pairedDifference(scores, zero, { ...options, resample });
    expect({ low, high }).toEqual({ low: resample(scores).low, high: resample(scores).high });
  });

  it('refuses what has no mean; one value has no interval', () => {
    expect(hierarchicalBootstrap([[0.5]], { rng: rng('one') })).toMatchObject({ mean: 0.5, low: null, high: null });
    expect(() => hierarchicalBootstrap([], { rng: rng('none') })).toThrow('a seed without scores');
    expect(() => hierarchicalBootstrap([[1, Infinity]], { rng: rng('infinite') })).toThrow(
      'hierarchicalBootstrap: got Infinity, wanted finite scores; leave such regions out',
    );
  });
});

describe('pairedDifference', () => {
  const a = [
    [0.9, 0.8, 0.7, 0.95, 0.85, 0.75],
    [0.91, 0.82, 0.69, 0.96, 0.84, 0.77],
  ];
  const b = a.map((list) => list.map((value) => value - 0.01));

  it('sees a small difference that regions of very different difficulty would hide', () => {
    const { mean, low, high, p } = pairedDifference(a, b, { rng: rng('small'), unit: 'region', draws: 1000 });
    expect(mean).toBeCloseTo(0.01, 12);
    expect([low, high].map((end) => Number(end!.toFixed(9)))).toEqual([0.01, 0.01]);
    expect(p).toBe(2 / 2 ** 6);
  });

  it('the unit decides: two seeds cannot tell, twelve pairs can', () => {
    const p = (unit: 'region' | 'seed' | 'each') => pairedDifference(a, b, { rng: rng('unit'), unit, draws: 99 }).p;
    expect([p('seed'), p('region'), p('each')]).toEqual([0.5, 2 / 64, 2 / 4096]);
  });

  it('draws exchanges where there are too many, near the exact p', () => {
    const draw = rng('many');
    const many = [Array.from({ length: 13 }, () => draw.normal() + 0.5)];
    const zeros = [many[0].map(() => 0)];
    const exact = pairedDifference(many, zeros, { rng: rng('exact'), unit: 'region', draws: 100 });
    const halves = [many[0].flatMap((value) => [value, 0])];
    const drawn = pairedDifference(halves, [halves[0].map(() => 0)], {
      rng: rng('drawn'),
      unit: 'region',
      draws: 20_000,
    });
    expect([exact.exact, drawn.exact, drawn.exchanges]).toEqual([true, false, 20_000]);
    expect(Math.abs(drawn.p - exact.p)).toBeLessThan(0.01);
  });

  it('equal methods have p = 1; other regions are refused', () => {
    expect(pairedDifference(a, a, { rng: rng('equal'), unit: 'region', draws: 50 }).p).toBe(1);
    expect(() => pairedDifference(a, [[1]], { rng: rng('sizes'), unit: 'region' })).toThrow(
      'pairedDifference: got 6+6 against 1 scores, wanted the same seeds and regions for both methods',
    );
  });
});

describe('criticalDifference', () => {
  it("is Demšar's: 5 methods on 10 data sets at .05 lie 1.929 apart (q = 2.728)", () => {
    const table = Array.from({ length: 10 }, () => [5, 4, 3, 2, 1]);
    const { criticalDifference: distance, meanRanks, order, groups } = criticalDifference(table, { better: 'higher' });
    expect(distance).toBeCloseTo(2.728 * Math.sqrt(30 / 60), 3);
    expect(meanRanks).toEqual([1, 2, 3, 4, 5]);
    expect(order).toEqual([0, 1, 2, 3, 4]);
    expect(groups).toEqual([
      [0, 1],
      [1, 2],
      [2, 3],
      [3, 4],
    ]);
    expect(criticalDifference(table, { better: 'lower' }).order).toEqual([4, 3, 2, 1, 0]);
  });

  it('one run where nothing differs; all ties have no statistic; two methods are refused', () => {
    const equal = criticalDifference(
      [
        [1, 1, 1],
        [2, 2, 2],
      ],
      { better: 'higher' },
    );
    expect(equal).toMatchObject({ statistic: null, p: null, groups: [[0, 1, 2]], meanRanks: [2, 2, 2] });
    expect(() => friedman([[1, 2]], 'higher')).toThrow('friedman: got 1 data sets of 2 methods');
  });
});

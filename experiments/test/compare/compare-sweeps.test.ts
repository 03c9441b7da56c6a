import { describe, expect, it } from 'vitest';
import { rankOverDataSets, type NamedComparison } from '../../src/compare/compare-sweeps.js';
import { rankingsCsv, rankingsText } from '../../src/compare/ranking-text.js';
import { drawRankings } from '../../src/figures/index.js';
import { readCsv } from '../../src/iqa/csv.js';
import { comparisonOf, resultOf } from '../sweep/fixtures.js';

/** A data set by the methods' clDice at the common level; at their own levels the order is turned about. */
function dataSet(name: string, means: Readonly<Record<string, number>>): NamedComparison {
  const results = Object.entries(means).map(([method, mean]) => ({
    ...resultOf(method, 0, { common: [mean], own: [1 - mean] }),
    id: `${name} ${method}`,
  }));
  return { name, comparison: comparisonOf(results, { title: name }) };
}

const six = Array.from({ length: 6 }, (_, i) =>
  dataSet(`set ${i}`, { bicubic: 0.5 + i / 100, paired: 0.6 + i / 100, geometry: 0.7 + i / 100 }),
);

describe('methods over data sets', () => {
  const [common, own] = rankOverDataSets(six);

  it('are ranked at both levels, with Friedman’s test and the critical difference', () => {
    expect(common.score).toMatchObject({ metric: 'cldice', level: 'common' });
    expect(common.meanRanks).toEqual([3, 2, 1]);
    // 12 N / (k (k + 1)) Σ (R - 2)² = 12 with 2 degrees of freedom: p = exp(-6)
    expect(common.statistic).toBeCloseTo(12, 10);
    expect(common.p).toBeCloseTo(Math.exp(-6), 10);
    // q(.05, 3) = 2.343 (Demšar 2006, table 5): 2.343 √(3 · 4 / (6 · 6)) = 1.353
    expect(common.criticalDifference).toBeCloseTo(1.353, 2);
    expect(common.groups).toEqual([
      [2, 1],
      [1, 0],
    ]);
    expect(own.score).toMatchObject({ metric: 'cldice', level: 'own' });
    expect(own.meanRanks).toEqual([1, 2, 3]);
  });

  it('as text name who cannot be told apart, and say that data sets are few', () => {
    const text = rankingsText([common]);
    expect(text).toContain('clDice: 6 data sets, Friedman p .002, mean ranks differ from 1.35 on (Nemenyi, .05)');
    expect(text).toContain('not told apart: geometry, paired; paired, bicubic');
    expect(text).toMatch(/\ngeometry +1.00 +0.700\*/);
    expect(rankingsText(rankOverDataSets(six.slice(0, 2)))).toContain(
      '2 data sets (few: only large differences can show)',
    );
  });

  it('as CSV have a line for each method and data set', () => {
    const [head, ...lines] = readCsv(rankingsCsv([common]));
    expect(lines).toHaveLength(18);
    expect(Object.fromEntries(head.map((name, i) => [name, lines[0][i]]))).toMatchObject({
      metric: 'cldice',
      level: 'common',
      method: 'bicubic',
      data_set: 'set 0',
      mean: '0.5',
      mean_rank: '3',
    });
  });

  it('are drawn at their mean rank, with bars over those that do not differ', () => {
    const methods = common.methods.map((method, i) => ({ method, rank: common.meanRanks[i] }));
    const chart = {
      name: 'clDice',
      test: 'Friedman p .002',
      methods,
      criticalDifference: 1.353,
      groups: common.groups,
    };
    const drawn = drawRankings({ title: 't', note: 'n', charts: [chart] });
    for (const label of ['geometry (1.00)', 'paired (2.00)', 'bicubic (3.00)', 'critical difference 1.35'])
      expect(drawn).toContain(`>${label}<`);
    expect(drawn.match(/stroke-width="2"/g)).toHaveLength(2);
    const alone = drawRankings({ title: 't', note: 'n', charts: [{ ...chart, criticalDifference: 3, groups: [] }] });
    expect(alone).not.toMatch(/stroke-width="2"/);
    expect(alone).toContain('3.00, longer than the axis');
  });

  it.each<[string, () => unknown, RegExp]>([
    ['one data set', () => rankOverDataSets(six.slice(0, 1)), /got 1 data set, wanted at least two/],
    [
      'too few methods in common',
      () => rankOverDataSets([six[0], dataSet('b', { bicubic: 0.1, other: 0.2 })]),
      /got bicubic on all data sets \(set 0: bicubic, paired, geometry; b: bicubic, other\)/,
    ],
    [
      'the same trials twice',
      () => rankOverDataSets([six[0], { ...six[0], name: 'copy' }]),
      /twice, in set 0 and in copy/,
    ],
    [
      'a metric of none',
      () => rankOverDataSets(six, { metric: 'psnr' }),
      /--metric psnr: got no such score.*one of cldice/,
    ],
  ])('are refused for %s', (_, act, message) => {
    expect(act).toThrow(message);
  });
});

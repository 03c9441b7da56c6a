import { describe, expect, it } from 'vitest';
import { readCsv } from '../../src/iqa/csv.js';
import { differencesOf } from '../../src/sweep/leaderboard/differences.js';
import { requireComparedMethod } from '../../src/sweep/plan/compared-method.js';
import { differencesCsv, differencesText, formatP } from '../../src/sweep/leaderboard/differences-text.js';
import { scoreInterval } from '../../src/sweep/results/interval.js';
import { leaderboardCsv } from '../../src/sweep/leaderboard/leaderboard-csv.js';
import { leaderboardText } from '../../src/sweep/leaderboard/leaderboard.js';
import type { TrialResult } from '../../src/sweep/results/results.js';
import { meanScores } from '../../src/trial/scores/scores.js';
import { comparisonOf, resultOf, scoresOf } from './fixtures.js';

describe('an interval of scores', () => {
  it('of two far seeds stays within the metric’s range, where Student’s t gave .21 to 1.33', () => {
    const results = [0.725, 0.815].map((value, seed) => resultOf('cyclegan', seed, { common: [value] }));
    const estimate = scoreInterval(results, { metric: 'cldice', level: 'common' })!;
    expect(estimate).toEqual({ mean: 0.77, low: 0.725, high: 0.815, values: [0.725, 0.815] });
  });

  it('narrows with the regions, and is the same each time', () => {
    const few = [resultOf('a', 0, { common: [0.6, 0.8] })];
    const many = [resultOf('a', 0, { common: Array.from({ length: 40 }, (_, i) => (i % 2 === 0 ? 0.6 : 0.8)) })];
    const width = (results: typeof few) => {
      const { low, high } = scoreInterval(results, { metric: 'cldice', level: 'common' })!;
      return high - low;
    };
    expect(width(few)).toBeCloseTo(0.2, 10);
    expect(width(many)).toBeGreaterThan(0.05);
    // 1.96 times the standard error of the mean, .1 / √40, both ways
    expect(width(many)).toBeCloseTo((2 * 1.96 * 0.1) / Math.sqrt(40), 2);
    expect(width(many)).toBe(width(many.map((result) => ({ ...result }))));
  });

  it('leaves out regions without a value, and results of older versions have one value a seed', () => {
    const key = { metric: 'cldice', level: 'common' } as const;
    expect(scoreInterval([resultOf('a', 0, { common: [null, 0.5] })], key)).toMatchObject({ mean: 0.5, low: 0.5 });
    const { cases: _, ...old } = scoresOf([0.4, 0.6]);
    expect(scoreInterval([{ test: old }], key)).toMatchObject({ mean: 0.5, low: 0.5, high: 0.5 });
    expect(scoreInterval([{ test: old }], { ...key, level: 'own' })).toBeNull();
    expect(scoreInterval([], key)).toBeNull();
  });
});

describe('the leaderboard', () => {
  const results = [
    resultOf('bicubic', 0, { common: [0.5, 0.6], own: [0.8, 0.9] }),
    resultOf('geometry', 0, { common: [0.7, 0.8], own: [0.7, 0.8] }),
    resultOf('foreign', 0, { common: [0.1, 0.1], own: [0.1, 0.1] }),
  ];
  const ceiling = {
    test: scoresOf([0.95, 0.97]),
    ownLevel: { level: 0.09, clDice: 0.99 },
    testOwnLevel: scoresOf([0.99, 1]),
  };
  const comparison = comparisonOf(results, { ceiling });
  const text = leaderboardText([comparison]);
  const [common, own] = text.split('each method at its own level');

  it('shows every method at both levels, and says who wins at one only', () => {
    expect(common).toMatch(/bicubic +0.550 \[0.500, 0.600\] /);
    expect(common).toMatch(/geometry +0.750 \[0.700, 0.800\]\*/);
    expect(own).toMatch(/bicubic +0.250 +0.850 \[0.800, 0.900\]\*/);
    expect(text).toContain(
      'clDice: geometry wins at the common level only; each method at its own level, bicubic wins',
    );
    const agreed = comparisonOf(results.filter(({ method }) => method !== 'bicubic'));
    expect(leaderboardText([agreed])).not.toContain('wins at the common level only');
  });

  it('compares the levels among methods that have both: older results have no own level', () => {
    const old = resultOf('old', 0, { common: [0.9, 0.95] });
    const mixed = comparisonOf([old, ...results.filter(({ method }) => method !== 'bicubic')]);
    expect(leaderboardText([mixed])).not.toContain('wins at the common level only');
  });

  it('counts regions and seeds of a method, not of all together', () => {
    expect(text).toContain('95 % interval: bootstrap over 2 regions within seeds and 1 seed;');
  });

  it('has a row for the HR image, which is never the best, at both levels', () => {
    expect(common).toMatch(/HR image \(ceiling\) +0.960 \[0.950, 0.970\] +– +– +–\n/);
    expect(own).toMatch(/HR image \(ceiling\) +0.090 +0.995 \[0.990, 1.000\]\n/);
    expect(leaderboardText([comparisonOf(results)])).not.toContain('HR image');
  });

  it('has scores over all levels beside those at own levels, not at the common one', () => {
    const name = 'recall_at_invention_10';
    const free = results.map((result) => ({
      ...result,
      test: {
        ...result.test,
        cases: result.test.cases!.map((each) => ({ ...each, values: { ...each.values, [name]: 0.4 } })),
      },
    }));
    const both = comparisonOf(free, { metrics: ['cldice', name] });
    const [first, second] = leaderboardText([both]).split('each method at its own level');
    expect(first).not.toContain('Recall at 10 % invented');
    expect(second).toMatch(/all levels\n\nmethod +level +clDice +Recall at 10 % invented/);
    expect(second).toMatch(/bicubic +0.250 +0.850 \[0.800, 0.900\]\* +0.400/);
  });

  it('shows no training time of a network that others trained', () => {
    expect(common).toMatch(/foreign .* –\n/);
    expect(common).not.toContain(' 0 s');
  });

  it('of older results has the common level alone', () => {
    const old = [0, 1].map((seed) => resultOf('bicubic', seed, { common: [0.5, 0.6] }));
    expect(leaderboardText([comparisonOf(old)])).not.toContain('own level');
  });

  it('as CSV names level, seeds and regions, and ends of the interval', () => {
    const [head, ...lines] = readCsv(leaderboardCsv([comparison]));
    const rows = lines.map((line) => Object.fromEntries(line.map((cell, i) => [head[i], cell])));
    const of = (method: string, metric: string, level: string) =>
      rows.find((row) => row['method'] === method && row['metric'] === metric && row['level'] === level)!;
    expect(of('bicubic', 'cldice', 'own')).toMatchObject({ seeds: '1', regions: '2', low_95: '0.8', high_95: '0.9' });
    expect(of('HR image (ceiling)', 'cldice', 'common')).toMatchObject({ mean: '0.96' });
    expect(of('bicubic', 'own_level', 'own')).toMatchObject({ mean: '0.25' });
    expect(of('foreign', 'train_seconds', '')).toMatchObject({ mean: '' });
  });
});

describe('paired differences', () => {
  const regions = [0.5, 0.6, 0.7, 0.55, 0.65, 0.75];
  const shifted = regions.map((value) => value + 0.1);
  const results = [0, 1].flatMap((seed) => [
    resultOf('bicubic', seed, { common: regions, validation: 0.6 }),
    resultOf('paired', seed, { common: regions.map((v, i) => v + (i % 2 === 0 ? 0.01 : -0.01)), validation: 0.5 }),
    resultOf('geometry', seed, { common: shifted, validation: 0.9 }),
  ]);

  it('hold the others to the best on validation that is not geometry-informed, regions exchanged', () => {
    const found = differencesOf(comparisonOf(results))!;
    expect(found).toMatchObject({ to: 'bicubic', unit: 'region', units: 6, smallestP: 2 / 64 });
    const [{ score, methods }] = found.scores;
    expect(score).toMatchObject({ metric: 'cldice', level: 'common' });
    const [paired, geometry] = methods;
    // Six equal differences: only all signs as they are, or all turned, are as large.
    expect(geometry).toMatchObject({ method: 'geometry', p: 2 / 64, corrected: 4 / 64 });
    expect(geometry.mean).toBeCloseTo(0.1, 12);
    expect([geometry.low, geometry.high].map((end) => end!.toFixed(6))).toEqual(['0.100000', '0.100000']);
    expect(paired).toMatchObject({ method: 'paired', p: 1, corrected: 1 });
  });

  it('are held to the method that the spec names', () => {
    expect(differencesOf(comparisonOf(results, { compare: { to: 'geometry' } }))!.to).toBe('geometry');
    expect(() => requireComparedMethod('geometri', ['bicubic', 'geometry'])).toThrow(
      'compare.to: got a method that is not there, "geometri", wanted one of bicubic, geometry; did you mean geometry?',
    );
  });

  it('say the smallest p that few regions can reach', () => {
    const few = comparisonOf([
      resultOf('bicubic', 0, { common: [0.5, 0.6] }),
      resultOf('geometry', 0, { common: [0.6, 0.8] }),
    ]);
    const text = differencesText(differencesOf(few)!);
    expect(text).toContain('the smallest p that 2 regions can reach is .500: fewer than six, so none can be below .05');
    expect(text).toMatch(/geometry +\+0.150 \[\+0.100, \+0.200\] p .500/);
    expect(differencesText(differencesOf(comparisonOf(results))!)).toContain('6 regions can reach is .031');
    expect(differencesText(differencesOf(comparisonOf(results))!)).not.toContain('fewer than six');
  });

  it('take seeds and regions that both methods have', () => {
    const gap = [
      resultOf('bicubic', 0, { common: [0.5, null, 0.7] }),
      resultOf('geometry', 0, { common: [0.6, 0.9, null] }),
      resultOf('geometry', 1, { common: [0.9, 0.9, 0.9] }),
    ];
    const [{ methods }] = differencesOf(comparisonOf(gap))!.scores;
    expect(methods[0]).toMatchObject({ seeds: 1, units: 1, p: 1 });
    expect(methods[0].mean).toBeCloseTo(0.1, 12);
    expect(differencesOf(comparisonOf([results[0]]))).toBeNull();
  });

  it('stand in a CSV with p before and after the correction', () => {
    const [head, ...lines] = readCsv(differencesCsv([differencesOf(comparisonOf(results))!]));
    expect(head.join()).toBe('comparison,method,to,metric,level,difference,low_95,high_95,p,p_holm,unit,units');
    expect(lines[1].slice(0, 5)).toEqual(['dentin, x4', 'geometry', 'bicubic', 'cldice', 'common']);
    expect(lines[1].slice(8)).toEqual(['0.03125', '0.0625', 'region', '6']);
  });

  it('print p as papers do', () => {
    expect([1, 0.5, 0.03125, 0.0001].map(formatP)).toEqual(['1', '.500', '.031', '< .001']);
  });
});

describe('regions in which neither image has a network', () => {
  const empty = (result: TrialResult, count: number): TrialResult => ({
    ...result,
    test: { ...result.test, bothEmpty: { cldice: count } },
  });

  it('are said of the means that they flatter', () => {
    const results = [
      empty(resultOf('bicubic', 0, { common: [1, 1, 0.5] }), 2),
      empty(resultOf('paired', 0, { common: [1, 0.2, 0.5] }), 1),
      empty(resultOf('paired', 1, { common: [1, 0.3, 0.5] }), 1),
      resultOf('geometry', 0, { common: [0.1, 0.3, 0.5] }),
    ];
    expect(leaderboardText([comparisonOf(results)])).toContain(
      '\nmean of clDice: regions in which neither image has a network count 1: bicubic 2 of 3, paired 2 of 6\n',
    );
  });

  it('are counted where regions are scored', () => {
    const region = (name: string, value: number | null, note?: string) => ({
      name,
      values: { cldice: value },
      notes: note === undefined ? {} : { cldice: note },
      referenceValues: {},
    });
    const options = { metrics: ['cldice'], protocol: 'p' } as const;
    const regions = [region('a', 1, 'both empty'), region('b', 0.5), region('c', 0, 'estimate empty')];
    expect(meanScores(regions, options)).toMatchObject({ values: { cldice: 0.5 }, bothEmpty: { cldice: 1 } });
    expect(meanScores(regions.slice(1), options)).not.toHaveProperty('bothEmpty');
  });
});

import { createImage, type Image } from '@lacuna/core';
import { comparisonLabels, threshold } from '@lacuna/iqa';
import { describe, expect, it } from 'vitest';
import {
  costsFromResults,
  curvesFromTrials,
  drawPanel,
  drawScoresVsCost,
  drawTrainingCurves,
  mark,
  methodStyle,
  methodsInOrder,
  networkMarks,
  panelFromImages,
} from '../../src/figures/index.js';
import type { TrialResult } from '../../src/sweep/results/results.js';

function result(
  method: string,
  seed: number,
  clDice: number | null,
  status: TrialResult['status'] = 'finished',
): TrialResult {
  const scores = { values: { clDice }, undefinedBecause: {}, protocol: 'test' };
  return {
    id: `${method}-${seed}`,
    name: method,
    group: 'g',
    method,
    seed,
    factor: 4,
    status,
    steps: 10,
    bestStep: 10,
    validation: scores,
    test: scores,
    engine: 'tensorflow',
    cost: {
      parameters: method === 'bicubic' ? 0 : 1000,
      macs720p: method === 'bicubic' ? 0 : 1e9,
      macsPerPixel: 1,
      receptiveField: 9,
      trainSeconds: 1,
      stepMs: 1,
      dataWaitShare: 0,
      energy: { joules: null, reason: 'no counter' },
    },
  };
}
const results = [
  result('fsrcnn', 1, 0.8),
  result('fsrcnn', 2, 0.9),
  result('bicubic', 1, 0.7),
  result('pix2pix', 1, null),
  result('fsrcnn', 3, 0.1, 'diverged'),
];
const metrics = [{ metric: 'clDice', name: 'clDice', digits: 2, better: 'higher' as const }];

describe('figures from results', () => {
  it('keep the order of the sweep and put strangers last', () => {
    expect(methodsInOrder(results, ['bicubic', 'cyclegan', 'fsrcnn'])).toEqual(['bicubic', 'fsrcnn', 'pix2pix']);
  });

  it('average seeds, leave diverged trials out, and skip scores without a value', () => {
    const data = costsFromResults(results, { title: 't', order: ['bicubic'], metrics });
    expect(data.interval).toBe('95 % interval: bootstrap over 1 region within seeds and 2 seeds');
    expect(data.points.map((point) => [point.method, point.scores.clDice?.mean.toFixed(2)])).toEqual([
      ['bicubic', '0.70'],
      ['fsrcnn', '0.85'],
      ['pix2pix', undefined],
    ]);
    expect(drawScoresVsCost(data)).toContain('>fsrcnn<');
    expect(drawScoresVsCost(data)).not.toContain('>pix2pix<');
    const first = costsFromResults([result('pix2pix', 1, 0.1, 'diverged'), result('fsrcnn', 1, 0.8)], {
      title: 't',
      order: ['pix2pix', 'fsrcnn'],
      metrics,
    });
    expect(drawScoresVsCost(first)).toContain(`fill="${methodStyle(1).colour}"`);
    expect(drawScoresVsCost(first)).not.toContain(`fill="${methodStyle(0).colour}"`);
  });

  it('show a score at each method’s own level beside the common one, and what the HR image scores', () => {
    const own = (value: number) => ({ values: { clDice: value }, undefinedBecause: {}, protocol: 'test at own level' });
    const both = results.map((each) => ({ ...each, testOwnLevel: own(each.method === 'bicubic' ? 0.95 : 0.9) }));
    const scores = [
      { ...metrics[0], level: 'common' as const },
      { ...metrics[0], level: 'own' as const },
    ];
    const ceiling = { test: own(0.97), testOwnLevel: own(0.99) };
    const data = costsFromResults(both, { title: 't', order: ['bicubic'], metrics: scores, ceilings: [ceiling] });
    expect(data.scores.map(({ name, ceiling: most }) => [name, most])).toEqual([
      ['clDice', 0.97],
      ['clDice, own level', 0.99],
    ]);
    expect(data.points[0].scores).toMatchObject({ clDice: { mean: 0.7 }, 'clDice, own level': { mean: 0.95 } });
    const drawn = drawScoresVsCost(data);
    expect(drawn.match(/>HR image</g)).toHaveLength(8);
    expect(drawScoresVsCost(costsFromResults(both, { title: 't', order: [], metrics: scores }))).not.toContain(
      'HR image',
    );
  });

  it('draw the curves that exist', () => {
    const at = (name: string) => [2, 1].map((step) => ({ step, time: 0, name, value: 1 / step }));
    const data = curvesFromTrials(
      [
        { result: results[0], curves: at('loss/pixel') },
        { result: results[1], curves: at('loss/pixel') },
      ],
      {
        title: 't',
        order: ['bicubic', 'fsrcnn'],
        curves: [
          { metric: 'loss/pixel', name: 'L1', scale: 'log' },
          { metric: 'loss/adversarial', name: 'GAN', scale: 'linear' },
        ],
      },
    );
    expect(
      data.charts.map((chart) => [chart.name, chart.methods[0].seeds.length, chart.methods[0].seeds[0].points]),
    ).toEqual([
      [
        'L1',
        2,
        [
          [1, 1],
          [2, 0.5],
        ],
      ],
    ]);
    expect(drawTrainingCurves(data)).toContain('>L1<');
  });
});

describe('the panel from images', () => {
  it('shares its codes with the comparison of networks', () => {
    expect(mark).toEqual({
      none: comparisonLabels.background,
      found: comparisonLabels.found,
      missed: comparisonLabels.missed,
      invented: comparisonLabels.invented,
    });
  });

  it('is drawn from images, a rule and the evaluation’s segmentation', () => {
    const image = (width: number, height: number, f: (x: number, y: number) => number): Image =>
      createImage({
        width,
        height,
        dataRange: [0, 1],
        data: Float32Array.from({ length: width * height }, (_, i) => f(i % width, Math.floor(i / width))),
      });
    const hr = image(32, 32, (_x, y) => (Math.abs(y - 12) < 2 ? 0.9 : 0.1));
    const images = {
      hr,
      lr: image(8, 8, (_x, y) => (y === 3 ? 0.7 : 0.1)),
      sr: [{ method: 'fsrcnn', image: image(32, 32, (x, y) => (Math.abs(y - 12) < 2 && x < 16 ? 0.8 : 0.1)) }],
      truth: null,
    };
    const marks = networkMarks(images, { tolerance: 1, segment: (grey) => threshold(grey, 0.5) });
    const panel = panelFromImages(images, marks, results, {
      title: 't',
      rule: { kind: 'fixed', size: 32, x: 0, y: 0 },
      factor: 4,
      metrics,
    });
    expect(panel.methods[0].scores).toEqual([
      { name: 'clDice', value: expect.closeTo(0.85, 10) as number, digits: 2, better: 'higher' },
    ]);
    const counts = [mark.found, mark.missed, mark.invented].map(
      (code) => panel.methods[0].marks.filter((m) => m === code).length,
    );
    expect(Math.abs(counts[0] - counts[1])).toBeLessThanOrEqual(4);
    expect(counts[2]).toBe(0);
    expect(drawPanel(panel)).toContain('>0.85<');
  });
});

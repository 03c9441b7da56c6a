import { describe, expect, it } from 'vitest';
import { divergenceWarnings, leaderboardFromResults, ownLevelBoard, trainingData } from '../../src/report/index.js';
import type { TrialResult } from '../../src/sweep/results/results.js';

const trial = (method: string, seed: number, psnr: number, more: Partial<TrialResult> = {}): TrialResult => {
  const scores = { values: { psnr }, undefinedBecause: {}, protocol: 'test' };
  return {
    id: `${method}-${seed}`,
    name: method,
    group: 'g',
    method,
    seed,
    factor: 4,
    status: 'finished',
    steps: 1,
    bestStep: 1,
    validation: scores,
    test: scores,
    engine: 'tensorflow',
    cost: {
      parameters: 1000,
      macs720p: 1e9,
      macsPerPixel: 1,
      receptiveField: null,
      trainSeconds: 60 * seed,
      stepMs: 1,
      dataWaitShare: 0,
      energy: seed === 1 ? { joules: 3600, source: 'RAPL' } : { joules: null, reason: 'none' },
    },
    ...more,
  };
};

describe('the leaderboard', () => {
  const results = [
    trial('gan', 1, 20, { status: 'diverged', reason: 'flat output' }),
    trial('fsrcnn', 1, 28),
    trial('fsrcnn', 2, 30),
  ];
  const board = leaderboardFromResults(results, {
    order: ['fsrcnn', 'gan'],
    scores: [{ metric: 'psnr', level: 'common', name: 'PSNR', unit: 'dB', digits: 1, better: 'higher' }],
  });

  it('has costs beside the methods, then scores', () => {
    expect(board.columns.map((column) => column.name)).toEqual(['Parameters', 'MACs', 'Time', 'Energy', 'PSNR']);
    expect(board.columns[4]).toEqual({ name: 'PSNR', unit: 'dB', digits: 1, better: 'higher' });
  });

  it('averages over seeds: 28 and 30 dB, 60 and 120 s, 1 Wh where it was measured', () => {
    const [parameters, , time, energy, psnr] = board.rows[0].cells;
    expect(board.rows[0].seeds).toBe(2);
    expect(psnr!.mean).toBe(29);
    // Of two seeds with one region each a draw takes the same one twice in a quarter of the cases.
    expect(psnr).toEqual({ mean: 29, low: 28, high: 30, values: [28, 30] });
    expect(parameters).toEqual({ mean: 1000, low: 1000, high: 1000 });
    expect(time).toEqual({ mean: 90, low: 90, high: 90 });
    expect(energy).toEqual({ mean: 1, low: 1, high: 1 });
  });

  it('at own levels has the level first, and the HR image as its last row', () => {
    const scores = (value: number) => ({ values: { cldice: value }, undefinedBecause: {}, protocol: 'own' });
    const own = results.map((result, i) => ({
      ...result,
      ownLevel: { level: 0.2 + i / 10, clDice: 0.9 },
      testOwnLevel: scores(0.7 + i / 10),
    }));
    const ceiling = { test: scores(0.95), ownLevel: { level: 0.1, clDice: 1 }, testOwnLevel: scores(0.99) };
    const table = ownLevelBoard(own, {
      order: ['fsrcnn', 'gan'],
      scores: [{ metric: 'cldice', level: 'own', name: 'clDice', digits: 3, better: 'higher' }],
      ceilings: [ceiling],
    });
    expect(table.columns.map(({ name }) => name)).toEqual(['Own level', 'clDice']);
    const [fsrcnn, gan, fine] = table.rows;
    expect(fsrcnn.cells.map((cell) => cell!.mean)).toEqual([expect.closeTo(0.35, 12), expect.closeTo(0.85, 12)]);
    expect(gan.cells).toEqual([null, null]);
    expect(fine).toMatchObject({ method: 'HR image (ceiling)', isCeiling: true });
    expect(fine.cells.map((cell) => cell!.mean)).toEqual([0.1, 0.99]);
  });

  it('keeps the row of a method that only diverged, empty, and says why', () => {
    expect(board.rows[1]).toEqual({ method: 'gan', seeds: 0, cells: [null, null, null, null, null] });
    expect(divergenceWarnings(results)).toEqual(['gan, seed 1 diverged (flat output) and counts in no mean.']);
  });

  it('says once what a method without pairs was trained on', () => {
    const unpaired = [1, 2].map((seed) =>
      trial('cyclegan', seed, 24, { trainedOn: 'LR of a.tif, HR of b.tif; no place is in both' }),
    );
    expect(trainingData([...results, ...unpaired])).toEqual([
      ['training data of cyclegan', 'LR of a.tif, HR of b.tif; no place is in both'],
    ]);
  });
});

import { createRng } from '@lacuna/core';
import { describe, expect, it } from 'vitest';
import {
  attackCurve,
  disagreement,
  extractGraph,
  frc,
  gmsd,
  msSsim,
  spectrumError,
  vif,
  type ScoreRow,
} from '../src/index.js';
import { draw, paint } from './draw.js';

const rows: ScoreRow[] = ['a', 'b', 'c', 'd'].flatMap((name, k) => [
  { method: 'bicubic', case: name, values: { psnr: 24 + k, cldice: 0.7, error: 9 } },
  { method: 'smooth', case: name, values: { psnr: 29 + k, cldice: 0.6, error: 3 } },
  { method: 'geometry', case: name, values: { psnr: 28 + k, cldice: k === 3 ? 0.5 : 0.9, error: 4 } },
]);

describe('disagreement', () => {
  const better = { psnr: 'higher', cldice: 'higher', error: 'lower' } as const;
  it('finds the metrics that order methods differently, the methods, and the case', () => {
    const { pairs } = disagreement(rows, { better });
    const pair = pairs.find((p) => p.a === 'psnr' && p.b === 'cldice')!;
    // psnr: smooth > geometry > bicubic. clDice: geometry > bicubic > smooth, in d bicubic > smooth > geometry.
    expect(pair.tau).toBeCloseTo(-1 / 3, 12);
    expect(pair.worst).toEqual({ case: 'a', tau: -1 / 3 });
    expect(pair.conflicts).toContainEqual({ preferredByA: 'smooth', preferredByB: 'geometry' });
    expect(pair.interval).toEqual([expect.closeTo(-1 / 3, 12), expect.closeTo(-1 / 3, 12)]);
    // Means of clDice: bicubic 0.7, smooth 0.6, geometry 0.8.
    expect(pair.ranks).toEqual([
      { method: 'bicubic', a: 3, b: 2 },
      { method: 'smooth', a: 1, b: 3 },
      { method: 'geometry', a: 2, b: 1 },
    ]);
    const agreeing = pairs.at(-1)!;
    expect([agreeing.a, agreeing.b, agreeing.tau]).toEqual(['psnr', 'error', 1]);
  });

  it('shares ranks between equal means', () => {
    const tied = ['p', 'q', 'r'].map((method, k) => ({
      method,
      case: '1',
      values: { psnr: k, cldice: k === 2 ? 0 : 1 },
    }));
    const [pair] = disagreement(tied, { better: { psnr: 'higher', cldice: 'higher' } }).pairs;
    expect(pair.ranks.map(({ a, b }) => [a, b])).toEqual([
      [3, 1.5],
      [2, 1.5],
      [1, 3],
    ]);
    expect(pair.conflicts).toEqual([
      { preferredByA: 'r', preferredByB: 'p' },
      { preferredByA: 'r', preferredByB: 'q' },
    ]);
  });

  it('leaves out cases without values, and refuses what it cannot compare', () => {
    const sparse = rows.map((row) => (row.case === 'a' ? { ...row, values: { ...row.values, cldice: null } } : row));
    expect(disagreement(sparse, { better }).pairs.find((p) => p.b === 'cldice')!.cases).toBe(3);
    expect(() => disagreement(rows.slice(0, 1), { better })).toThrow(
      'disagreement: got 1 methods and 3 metrics, wanted at least two of each',
    );
    expect(() => disagreement(rows, { better: { psnr: 'higher', cldice: 'higher' } })).toThrow(
      'metric error without a direction',
    );
  });
});

describe('attackCurve', () => {
  const cross = draw(
    '....#....',
    '....#....',
    '....#....',
    '....#....',
    '#########',
    '....#....',
    '....#....',
    '....#....',
    '....#....',
  );
  it('falls from the whole to nothing', () => {
    const { removed, largest, robustness } = attackCurve(extractGraph(cross), 'longest');
    expect([...removed]).toEqual([0, 0.25, 0.5, 0.75, 1]);
    expect([...largest]).toEqual([1, 0.75, 0.5, 0.25, 0]);
    expect(robustness).toBeCloseTo(0.5, 12);
    const random = attackCurve(extractGraph(cross), 'random', createRng(3));
    expect(random.largest[0]).toBe(1);
    expect(attackCurve(extractGraph(draw('...')), 'thinnest').robustness).toBe(0);
  });
});

describe('structure and spectrum', () => {
  const image = paint(
    192,
    180,
    (x, y) => 0.5 + 0.3 * Math.sin(x / 3) * Math.cos(y / 5) + 0.2 * Math.sin((x * y) / 300),
  );
  it('identical images are perfect and flagged', () => {
    const options = { dataRange: 1 };
    expect([msSsim(image, image, options), gmsd(image, image, options), spectrumError(image, image)]).toEqual([
      expect.closeTo(1, 12),
      0,
      0,
    ]);
    expect(vif(image, image, options)).toBeCloseTo(1, 8);
    expect(frc(image, image)).toMatchObject({ resolution: null, flag: 'identical' });
  });

  it('half the contrast is a spectrum error of log10 4, and no loss of correlation', () => {
    const half = paint(192, 180, (x, y) => image.data[y * 192 + x] / 2);
    expect(spectrumError(image, half, { floor: 0 })).toBeCloseTo(Math.log10(4), 3);
    expect(frc(image, half).area).toBeCloseTo(1, 4);
  });

  it('constant images have no spectrum, small ones no scales', () => {
    const flat = paint(64, 64, () => 0.3);
    expect(spectrumError(flat, flat)).toBeNull();
    expect(frc(flat, flat)).toMatchObject({ resolution: null, flag: 'no signal' });
    expect(() => msSsim(flat, flat, { dataRange: 1 })).toThrow(
      'msSsim: got 64 x 64, wanted a plane of at least 161 x 161',
    );
  });
});

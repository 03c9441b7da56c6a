import { createImage } from '@lacuna/core';
import { describe, expect, it } from 'vitest';
import {
  bettiNumbers,
  clDice,
  createMask,
  dice,
  distanceTransform,
  eulerNumber,
  extractGraph,
  labelComponents,
  mse,
  nrmse,
  otsuThreshold,
  pearson,
  psnr,
  skeletonize,
  ssim,
  ssimMap,
  surfaceDistances,
  threshold,
  trainingTargets,
  type Intensities,
} from '../src/index.js';
import { draw, paint } from './draw.js';

const flat = paint(16, 16, () => 0.5);
const slope = paint(16, 16, (x, y) => (x + y) / 30);
const one = draw('......', '.####.', '......');
const other = draw('......', '......', '.####.');
const none = draw('......', '......', '......');
const all = draw('######', '######', '######');
const score = (a: typeof one, b: typeof one) => clDice(a, b, { reference: skeletonize(a), estimate: skeletonize(b) });

describe('constant images', () => {
  it('give values, or null and never NaN by surprise', () => {
    expect(psnr(flat, flat, { dataRange: 1 })).toBe(Infinity);
    expect(ssim(flat, flat, { dataRange: 1 })).toBeCloseTo(1, 14);
    expect(pearson(flat, slope)).toBeNull();
    expect(nrmse(flat, flat, { normalization: 'min-max' })).toBeNaN();
    expect(nrmse(flat, slope, { normalization: 'min-max' })).toBe(Infinity);
    expect(otsuThreshold(flat)).toBe(0.5);
    expect(threshold(flat, otsuThreshold(flat)).data.some(Boolean)).toBe(false);
  });
});

describe('values that are not finite', () => {
  it.each([NaN, Infinity, -Infinity])('%s is refused with its first index', (bad) => {
    const broken: Intensities = { ...slope, data: slope.data.slice() };
    broken.data[37] = bad;
    const message = `got ${bad} in the estimate at index 37 (x 5, y 2, z 0), wanted finite values`;
    expect(() => mse(slope, broken)).toThrow(`mse: ${message}`);
    expect(() => ssim(slope, broken, { dataRange: 1 })).toThrow(`ssim: ${message}`);
    expect(() => otsuThreshold(broken)).toThrow('in the image at index 37');
  });
});

describe('sizes and ranges', () => {
  it('sizes that differ are a typed error naming both', () => {
    const wide = paint(17, 16, () => 0);
    expect(() => psnr(flat, wide, { dataRange: 1 })).toThrow(
      "mse: got an estimate of 17 x 16, wanted the reference's 16 x 16; crop or resample one of them first",
    );
    expect(() => dice(one, draw('...'))).toThrow(
      "dice: got an estimate of 3 x 1 x 1, wanted the reference's 6 x 3 x 1",
    );
  });

  it.each([NaN, 0, -1, Infinity])('a data range of %s is refused', (dataRange) => {
    expect(() => psnr(flat, slope, { dataRange })).toThrow(
      `psnr: got data range ${dataRange}, wanted a positive number; give the span of intensities`,
    );
    expect(() => ssim(flat, slope, { dataRange })).toThrow('ssim: got data range');
  });

  it('12 bits in 16: the range decides, not the file', () => {
    const a = createImage({
      width: 16,
      height: 16,
      dataRange: [0, 65535],
      data: Float32Array.from(slope.data, (v) => v * 4095),
    });
    const b = createImage({
      width: 16,
      height: 16,
      dataRange: [0, 65535],
      data: Float32Array.from(slope.data, (v, i) => v * 4095 + (i % 3)),
    });
    expect(psnr(a, b, { dataRange: 65535 }) - psnr(a, b, { dataRange: 4095 })).toBeCloseTo(
      20 * Math.log10(65535 / 4095),
      10,
    );
  });

  it('smaller than the window: a typed error with the smallest size', () => {
    const small = paint(10, 30, () => 0.1);
    expect(() => ssim(small, small, { dataRange: 1 })).toThrow('ssim: got 10 x 30, wanted at least 11 x 11');
  });

  it('a large offset costs no digits', () => {
    const a = paint(64, 64, (x, y) => 65536 + ((x * 7 + y * 13) % 32) / 32);
    const b = paint(64, 64, (x, y) => 65536 + ((x * 7 + y * 13) % 32) / 32 + 0.25);
    expect(mse(a, b)).toBe(0.0625);
    expect(pearson(a, b)).toBeCloseTo(1, 12);
  });
});

describe('empty, disjoint and full masks', () => {
  it('both empty: 1 with a flag; one empty: 0; disjoint: 0', () => {
    expect(dice(none, none)).toEqual({ value: 1, flag: 'both empty' });
    expect(score(none, none)).toEqual({ value: 1, precision: 1, recall: 1, flag: 'both empty' });
    expect(dice(none, one)).toEqual({ value: 0, flag: 'reference empty' });
    expect(score(one, none)).toEqual({ value: 0, precision: 0, recall: 0, flag: 'estimate empty' });
    expect(dice(one, other)).toEqual({ value: 0 });
    expect(score(one, other)).toEqual({ value: 0, precision: 0, recall: 0 });
    expect(surfaceDistances(none, none, { tolerance: 1 })).toEqual({
      hd: 0,
      hd95: 0,
      assd: 0,
      nsd: 1,
      flag: 'both empty',
    });
    expect(surfaceDistances(one, none, { tolerance: 1 })).toEqual({
      hd: Infinity,
      hd95: Infinity,
      assd: Infinity,
      nsd: 0,
      flag: 'estimate empty',
    });
    expect(surfaceDistances(one, other, { tolerance: 1 })).toEqual({ hd: 1, hd95: 1, assd: 1, nsd: 1 });
    expect(extractGraph(none)).toEqual({ nodes: [], branches: [], length: 0 });
  });

  it('all foreground: finite where a value exists, Infinity for the distance to a background that is not there', () => {
    expect(bettiNumbers(all)).toEqual({ b0: 1, b1: 0, b2: 0, euler: 1 });
    expect(labelComponents(all).sizes[1]).toBe(18);
    expect(score(all, all).value).toBe(1);
    expect(distanceTransform(all).every((d) => d === Infinity)).toBe(true);
    expect([...trainingTargets(all).distance].every((d) => d === 1)).toBe(true);
  });
});

describe('properties', () => {
  const noisy = createMask(
    Array.from({ length: 31 * 22 }, (_, i) => Math.abs(Math.sin(i * 12.9898) * 43758.5453) % 1 < 0.55),
    31,
    22,
  );
  const transposed = createMask(
    Array.from({ length: 31 * 22 }, (_, i) => noisy.data[(i % 22) * 31 + Math.floor(i / 22)]),
    22,
    31,
  );
  const inverse = (pad: number) => {
    const w = 31 + 2 * pad;
    const h = 22 + 2 * pad;
    return createMask(
      Array.from({ length: w * h }, (_, i) => {
        const x = (i % w) - pad;
        const y = Math.floor(i / w) - pad;
        return x < 0 || y < 0 || x >= 31 || y >= 22 || !noisy.data[y * 31 + x];
      }),
      w,
      h,
    );
  };

  it.each(['full', 'face'] as const)(
    '%s: Euler number, transposition, and duality with the background',
    (connectivity) => {
      const betti = bettiNumbers(noisy, { connectivity });
      expect(betti.euler).toBe(eulerNumber(noisy, { connectivity }));
      expect(bettiNumbers(transposed, { connectivity })).toEqual(betti);
      const dual = bettiNumbers(inverse(1), { connectivity: connectivity === 'full' ? 'face' : 'full' });
      // A component of the foreground is a hole of the background, and the other way round, but for the frame itself.
      expect([dual.b0 - 1, dual.b1]).toEqual([betti.b1, betti.b0]);
    },
  );

  it('metrics are symmetric, and do not change under transposition and common scaling', () => {
    const a = paint(24, 19, (x, y) => Math.sin(x * 1.3) * Math.cos(y * 0.7));
    const b = paint(24, 19, (x, y) => Math.sin(x * 1.2) * Math.cos(y * 0.8));
    const turn = (g: Intensities) => paint(19, 24, (x, y) => g.data[x * 24 + y]);
    const scale = (g: Intensities) => ({ ...g, data: g.data.map((v) => v * 8) });
    const options = { dataRange: 2 };
    expect(ssim(a, b, options)).toBeCloseTo(ssim(b, a, options), 14);
    expect(ssim(turn(a), turn(b), options)).toBeCloseTo(ssim(a, b, options), 13);
    expect(ssim(scale(a), scale(b), { dataRange: 16 })).toBeCloseTo(ssim(a, b, options), 13);
    expect(psnr(scale(a), scale(b), { dataRange: 16 })).toBeCloseTo(psnr(a, b, options), 11);
    const map = ssimMap(a, b, options);
    let sum = 0;
    for (let y = 5; y < 14; y++) for (let x = 5; x < 19; x++) sum += map[y * 24 + x];
    expect(sum / (9 * 14)).toBeCloseTo(ssim(a, b, options), 13);
  });
});

describe('trainingTargets', () => {
  it('tube, skeleton, distance, centreline and orientation of a horizontal bar', () => {
    const bar = createMask(
      Array.from(
        { length: 30 * 15 },
        (_, i) => Math.floor(i / 30) >= 5 && Math.floor(i / 30) < 10 && i % 30 >= 3 && i % 30 < 27,
      ),
      30,
      15,
    );
    const { tube, skeleton, distance, centreline, orientation } = trainingTargets(bar, { distanceScale: 3 });
    const at = (x: number, y: number) => y * 30 + x;
    expect([skeleton[at(15, 7)], skeleton[at(15, 6)], tube[at(15, 6)], tube[at(15, 5)]]).toEqual([1, 0, 1, 0]);
    expect([distance[at(15, 7)], distance[at(15, 4)]]).toEqual([1, 0]);
    expect(centreline[at(15, 7)]).toBe(1);
    expect(centreline[at(15, 10)]).toBeCloseTo(Math.exp(-0.5 * 4), 6);
    expect([orientation[at(15, 6)], orientation[450 + at(15, 6)], orientation[at(15, 2)]]).toEqual([1, 0, 0]);
  });

  it('the doubled angle of a vertical line is pi', () => {
    const { orientation } = trainingTargets(draw(...Array.from({ length: 12 }, () => '...#...')));
    expect(orientation[5 * 7 + 3]).toBe(-1);
  });
});

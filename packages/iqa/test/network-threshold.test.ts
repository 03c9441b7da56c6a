import { createRng } from '@lacuna/core';
import { describe, expect, it } from 'vitest';
import {
  createMask,
  dice,
  evaluate,
  frechetDistance,
  geometryFeatureNames,
  geometryFeatures,
  maskedScores,
  mse,
  networkThreshold,
  otsuThreshold,
  pearson,
  psnr,
  smooth,
  ssim,
  threshold,
} from '../src/index.js';
import { draw, paint } from './draw.js';

describe('networkThreshold', () => {
  const sharp = paint(80, 60, (x) => (x >= 40 ? 0.9 : 0.1));
  it('lies half-way up an edge, however unequal the sides', () => {
    expect(networkThreshold([smooth(sharp, 1)])).toBeCloseTo(0.5, 3);
    expect(
      networkThreshold([
        smooth(
          paint(80, 60, (x) => (x >= 74 ? 0.9 : 0.1)),
          1,
        ),
      ]),
    ).toBeCloseTo(0.5, 2);
  });

  it("keeps a network of half a percent that Otsu's level loses in the noise", () => {
    const random = createRng(7);
    const on = (x: number, y: number) => Math.abs(y - 100) < 2 && x > 60 && x < 140;
    const truth = createMask(paint(200, 200, (x, y) => (on(x, y) ? 1 : 0)).data, 200, 200);
    const image = smooth(
      paint(200, 200, (x, y) => (on(x, y) ? 0.6 : 0.2) + 0.16 * random.normal()),
      1,
    );
    const overlap = (level: number) => dice(truth, threshold(image, level)).value;
    expect(overlap(otsuThreshold(image))).toBeLessThan(0.1);
    expect(overlap(networkThreshold([image]))).toBeGreaterThan(0.85);
  });

  it('several images give one level; a constant one its value', () => {
    const dim = smooth(
      paint(80, 60, (x) => (x >= 40 ? 0.5 : 0.1)),
      1,
    );
    const bright = smooth(sharp, 1);
    const level = networkThreshold([dim, bright]);
    expect(level).toBeGreaterThan(networkThreshold([dim]));
    expect(level).toBeLessThan(networkThreshold([bright]));
    expect(networkThreshold([paint(9, 9, () => 0.25)])).toBeCloseTo(0.25, 12);
    expect(() => networkThreshold([])).toThrow('networkThreshold: got no images, wanted at least one');
  });

  it('is a protocol of its own', () => {
    const options = { dataRange: 1, metrics: ['dice'] as const };
    const network = evaluate(sharp, sharp, { ...options, threshold: 'network' });
    const otsu = evaluate(sharp, sharp, options);
    expect(network.values.dice).toBe(1);
    expect(network.protocol).not.toBe(otsu.protocol);
  });
});

describe('maskedScores', () => {
  const random = createRng(3);
  const a = paint(40, 30, (x, y) => Math.sin(x / 4) * Math.cos(y / 5));
  const b = paint(40, 30, (x, y) => a.data[y * 40 + x] + 0.1 * random.normal());
  it("over everything they are the whole image's", () => {
    const all = maskedScores(a, b, { within: createMask(new Uint8Array(1200).fill(1), 40, 30), dataRange: 2 });
    // The sums go in another order.
    expect(all.mse).toBeCloseTo(mse(a, b), 14);
    expect(all.psnr).toBeCloseTo(psnr(a, b, { dataRange: 2 }), 12);
    expect(all.pearson).toBeCloseTo(pearson(a, b) ?? NaN, 14);
    expect(all.ssim).toBeCloseTo(ssim(a, b, { dataRange: 2 }), 12);
  });

  it('over a part they never see the rest', () => {
    const within = createMask(
      Array.from({ length: 1200 }, (_, i) => i % 40 < 20),
      40,
      30,
    );
    const broken = { ...b, data: b.data.map((v, i) => (i % 40 < 20 ? v : NaN)) };
    const part = maskedScores(a, broken, { within, dataRange: 2 });
    const cut = (g: typeof a) => paint(20, 30, (x, y) => g.data[y * 40 + x]);
    expect(part.pixels).toBe(600);
    expect(part.mse).toBeCloseTo(mse(cut(a), cut(b)), 14);
    expect(part.ssim).toBeCloseTo(ssim(cut(a), cut(b), { dataRange: 2 }), 12);
    expect(
      maskedScores(a, b, {
        within: createMask(
          Array.from({ length: 1200 }, (_, i) => i % 40 < 8),
          40,
          30,
        ),
        dataRange: 2,
      }).ssim,
    ).toBeNull();
    expect(() =>
      maskedScores(a, broken, { within: createMask(new Uint8Array(1200).fill(1), 40, 30), dataRange: 2 }),
    ).toThrow('maskedScores: got NaN in the estimate at index 20');
    expect(() => maskedScores(a, b, { within: createMask(new Uint8Array(1200), 40, 30), dataRange: 2 })).toThrow(
      'maskedScores: got an empty mask, wanted at least one pixel',
    );
  });
});

describe('geometryFeatures', () => {
  const network = (bend: number) =>
    createMask(
      paint(60, 50, (x, y) => (Math.abs(y - 20 - bend * Math.sin(x / 6)) < 2 && x > 4 && x < 55 ? 1 : 0)).data,
      60,
      50,
    );
  it('are numbers of known names; equal sets lie at no distance, other ones do', () => {
    const straight = [0, 1, 2, 3].map((k) => geometryFeatures(network(k / 10))!);
    const bent = [0, 1, 2, 3].map((k) => geometryFeatures(network(6 + k / 10))!);
    expect(straight[0]).toHaveLength(geometryFeatureNames.length);
    const tortuosity = geometryFeatureNames.indexOf('tortuosity');
    expect(bent[0][tortuosity]).toBeGreaterThan(straight[0][tortuosity]);
    expect(frechetDistance(straight, straight, { scale: 'reference' })).toBeLessThan(1e-6);
    expect(frechetDistance(straight, bent, { scale: 'reference' })).toBeGreaterThan(1);
    expect(geometryFeatures(draw('....', '....'))).toBeNull();
  });
});

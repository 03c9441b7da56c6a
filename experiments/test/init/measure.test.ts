import { createImage, createRng } from '@lacuna/core';
import { smooth } from '@lacuna/iqa';
import { describe, expect, it } from 'vitest';
import { clippingOf, lightOf, noiseLevel, polarityOf, resolutionOf } from '../../src/init/measure.js';
import { chooseRule, networkOf, widthOf } from '../../src/init/network.js';
import { asIntegers, drawNetwork } from './specimens.js';

const size = { width: 160, height: 160 };

describe('what pixels say', () => {
  it('finds the noise that was added, beside the structure', () => {
    for (const noise of [0.02, 0.1]) {
      const found = noiseLevel(drawNetwork({ ...size, seed: 1, noise }));
      expect(found / noise).toBeGreaterThan(0.9);
      expect(found / noise).toBeLessThan(1.15);
    }
  });

  it('tells bright networks from dark ones, and noise from both', () => {
    const bright = drawNetwork({ ...size, seed: 2 });
    const found = polarityOf(bright);
    expect(found.lines).toBeGreaterThan(0.3);
    const turned = polarityOf({ ...bright, data: bright.data.map((value) => 1 - value) });
    expect(turned.lines).toBeCloseTo(-found.lines, 5);
    expect(turned.skewness).toBeCloseTo(-found.skewness, 4);
    const rng = createRng(3).fork('noise');
    const data = Float32Array.from({ length: 160 * 160 }, () => rng.normal());
    expect(Math.abs(polarityOf(createImage({ ...size, data, dataRange: [-5, 5] })).lines)).toBeLessThan(0.1);
  });

  it('counts what is cut off, also below what the type holds', () => {
    const image = drawNetwork({ ...size, seed: 4 });
    expect(clippingOf(asIntegers(image, 100, 3000, 4095)).high).toBe(0);
    const cut = asIntegers(image, 1000, 6000, 4095);
    const share = cut.data.filter((value) => value === 4095).length / cut.data.length;
    expect(share).toBeGreaterThan(0.01);
    expect(clippingOf(cut)).toEqual({ low: 0, high: share });
  });

  it('reads the light of the background', () => {
    const block = (level: number) => new Float32Array(64).fill(level);
    const even = Array.from({ length: 64 }, () => block(100));
    expect(lightOf(even, false)).toEqual({ ratio: 1, span: 0 });
    const ramp = Array.from({ length: 64 }, (_, i) => block(100 * (1 + (i % 8))));
    // The outermost blocks take the median of theirs and their neighbours'.
    expect(lightOf(ramp, false)).toEqual({ ratio: 5, span: 600 });
  });

  it('finds blurred images blurred', () => {
    const sharp = drawNetwork({ ...size, seed: 5, sigma: 0.8, noise: 0.01 });
    expect(resolutionOf(sharp)).toBeLessThan(6);
    const rng = createRng(6).fork('noise');
    const blurred = smooth(sharp, 5);
    const data = Float32Array.from(blurred.data, (value) => value + 0.03 * rng.normal());
    expect(resolutionOf({ ...sharp, data })).toBeGreaterThan(10);
  });

  it('measures bars by their width', () => {
    for (const width of [3, 7]) {
      const image = createImage({ ...size, dataRange: [0, 1] });
      for (let i = 0; i < image.data.length; i++) image.data[i] = (i % 160) % 40 < width ? 1 : 0;
      const rule = chooseRule([image], 0.01);
      expect(widthOf(networkOf(image, rule))).toBe(width);
    }
  });
});

import { describe, expect, it } from 'vitest';
import { createRng } from '@lacuna/core';
import { fft2, shufflePhases, type Intensities } from '../src/index.js';

function lines(width: number, height: number, depth: number): Intensities {
  const data = Float32Array.from({ length: width * height * depth }, (_, i) => ((i % width) % 5 === 0 ? 1 : 0.1));
  return { data, width, height, depth, channels: 1 };
}
const mean = (values: ArrayLike<number>): number => Array.from(values).reduce((a, b) => a + b, 0) / values.length;
const power = (values: ArrayLike<number>): number => mean(Array.from(values, (value) => value * value));

describe('shuffled phases', () => {
  it('keep the magnitude at every frequency of a plane', () => {
    const { data, ...size } = lines(12, 9, 1);
    const shuffled = shufflePhases({ data, ...size }, createRng(1));
    const before = fft2(data, 12, 9);
    const after = fft2(shuffled, 12, 9);
    for (let i = 0; i < data.length; i++)
      expect(Math.hypot(after.re[i], after.im[i])).toBeCloseTo(Math.hypot(before.re[i], before.im[i]), 4);
  });
  it('keep mean and power of a volume', () => {
    const image = lines(16, 10, 6);
    const shuffled = shufflePhases(image, createRng(2));
    expect(mean(shuffled)).toBeCloseTo(mean(image.data), 5);
    expect(power(shuffled)).toBeCloseTo(power(image.data), 5);
  });
  it('spread a point over the volume', () => {
    const data = new Float32Array(16 * 10 * 6);
    data[500] = 1;
    const shuffled = shufflePhases({ data, width: 16, height: 10, depth: 6, channels: 1 }, createRng(2));
    // White noise of the point's power: four standard deviations, of 960 values, and a little more.
    const deviation = Math.sqrt(1 / data.length);
    expect(Math.max(...shuffled)).toBeLessThan(5 * deviation);
    expect(power(shuffled)).toBeCloseTo(1 / data.length, 6);
  });
  it('differ by seed alone', () => {
    const image = lines(8, 8, 1);
    expect(shufflePhases(image, createRng(3))).toEqual(shufflePhases(image, createRng(3)));
    expect(shufflePhases(image, createRng(3))).not.toEqual(shufflePhases(image, createRng(4)));
  });
});

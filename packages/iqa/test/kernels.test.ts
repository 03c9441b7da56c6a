import { createRng } from '@lacuna/core';
import { describe, expect, it } from 'vitest';
import { mse, ssim, ssimMap, type Intensities } from '../src/index.js';
import { sumSquaredDifferences, sumSquares } from '../src/pixel/kernels/sum-kernel.js';
import { gaussianWeights } from '../src/pixel/gaussian.js';
import { filterValid } from '../src/pixel/planes.js';
import { filterRow, similarityOf, squaredDifferences } from './plain/filter.js';

const rng = createRng(17);
const noise = (length: number) => Float32Array.from({ length }, () => rng.uniform());

describe('sums equal their plain twin', () => {
  // Around the eight values of a turn, and the 4096 that are copied at once.
  it.each([1, 7, 8, 9, 4095, 4096, 4097, 9001])('of %i values', (length) => {
    const a = noise(length);
    const b = noise(length);
    const zero = new Float32Array(length);
    expect(sumSquares(a)).toBeCloseTo(squaredDifferences(a, zero), 9);
    expect(sumSquaredDifferences(a, b)).toBeCloseTo(squaredDifferences(a, b), 9);
  });

  it('and so does the error of images of whole numbers', () => {
    const grey = (data: Uint8Array): Intensities => ({ data, width: 31, height: 1, depth: 1, channels: 1 });
    const a = Uint8Array.from({ length: 31 }, () => rng.integer(256));
    const b = Uint8Array.from({ length: 31 }, () => rng.integer(256));
    expect(mse(grey(a), grey(b))).toBe(squaredDifferences(a, b) / 31);
  });
});

describe('filters equal their plain twin', () => {
  it.each([
    [11, 9, 3],
    [16, 16, 7],
    [33, 20, 17],
  ])('%i x %i under %i weights', (width, height, size) => {
    const data = Float64Array.from(noise(width * height));
    const weights = gaussianWeights(size / 5, (size - 1) / 2);
    const filtered = filterValid({ data, width, height }, weights);
    const rows = Array.from({ length: height }, (_, y) =>
      filterRow(data.subarray(y * width, (y + 1) * width), weights),
    );
    for (let x = 0; x < filtered.width; x++) {
      const column = filterRow(
        rows.map((row) => row[x]),
        weights,
      );
      for (let y = 0; y < filtered.height; y++)
        expect(Math.abs(filtered.data[y * filtered.width + x] - column[y])).toBeLessThan(1e-14);
    }
  });
});

describe('windows of SSIM equal their plain twin', () => {
  it.each([
    [11, 11],
    [13, 12],
    [20, 15],
  ])('%i x %i', (width, height) => {
    const image = (): Intensities => ({ data: noise(width * height), width, height, depth: 1, channels: 1 });
    const [a, b] = [image(), image()];
    const line = gaussianWeights(1.5, 5);
    const weights = Array.from({ length: 121 }, (_, k) => line[Math.floor(k / 11)] * line[k % 11]);
    const window = ({ data }: Intensities, x: number, y: number) =>
      Array.from({ length: 121 }, (_, k) => data[(y + Math.floor(k / 11)) * width + x + (k % 11)]);
    let sum = 0;
    for (let y = 0; y + 11 <= height; y++)
      for (let x = 0; x + 11 <= width; x++)
        sum += similarityOf(window(a, x, y), window(b, x, y), weights, 1).similarity;
    expect(ssim(a, b, { dataRange: 1 })).toBeCloseTo(sum / ((width - 10) * (height - 10)), 12);
    expect(ssimMap(a, b, { dataRange: 1 })[5 * width + 5]).toBeCloseTo(
      similarityOf(window(a, 0, 0), window(b, 0, 0), weights, 1).similarity,
      12,
    );
  });
});

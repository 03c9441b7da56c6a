import { createRng, type Rng } from '@lacuna/core';
import { describe, expect, it } from 'vitest';
import {
  fitLmmse,
  fitRidge,
  interpolationMatrix,
  smoothedInterpolation,
  type LinearFilter,
  type Pixels,
} from '../../src/index.js';
import { applied, largestDifference } from './applied.js';

const factor = [1, 2, 2];

interface Size {
  readonly width: number;
  readonly height: number;
  readonly depth: number;
}

const noise = (rng: Rng, { width, height, depth }: Size): Pixels => ({
  data: Float32Array.from({ length: width * height * depth }, () => rng.normal()),
  width,
  height,
  depth,
  channels: 1,
});

function randomFilter(rng: Rng, kernel: number): LinearFilter {
  const draw = (count: number) => Float64Array.from({ length: count }, () => rng.normal());
  return { kernel, factor, weights: draw(kernel ** 3 * 4), bias: draw(4) };
}

describe('linear filters of volumes', () => {
  it('weigh the voxels that the formula names', async () => {
    const rng = createRng(1);
    const filter = randomFilter(rng, 3);
    const lr = noise(rng, { width: 7, height: 6, depth: 5 });
    const sr = await applied(filter, lr);
    expect([sr.width, sr.height, sr.depth]).toEqual([14, 12, 5]);
    // SR voxel (9, 6, 2): phase y 0, x 1 of the coarse voxel (4, 3, 2).
    let sum = filter.bias[1];
    for (let tap = 0; tap < 27; tap++) {
      const z = 2 + Math.floor(tap / 9) - 1;
      const y = 3 + (Math.floor(tap / 3) % 3) - 1;
      const x = 4 + (tap % 3) - 1;
      sum += filter.weights[4 * tap + 1] * lr.data[(z * 6 + y) * 7 + x];
    }
    expect(sr.data[(2 * 12 + 6) * 14 + 9]).toBeCloseTo(sum, 4);
  });

  it('are found by ridge regression from what they made', async () => {
    const rng = createRng(2);
    const truth = randomFilter(rng, 3);
    const lr = noise(rng, { width: 16, height: 14, depth: 12 });
    const found = fitRidge([{ lr, hr: await applied(truth, lr) }], { kernel: 3, factor, ridge: 1e-9 });
    expect(largestDifference(found.weights, truth.weights)).toBeLessThan(1e-4);
    expect(largestDifference(found.bias, truth.bias)).toBeLessThan(1e-4);
  });

  it('of least error are what ridge regression finds in many pairs', () => {
    const rng = createRng(3);
    const size = { width: 96, height: 96, depth: 48 };
    const hr = noise(rng, size);
    // A mean over 2 x 2 x 1 voxels, and noise.
    const lr = { width: 48, height: 48, depth: 48, channels: 1, data: new Float32Array(48 ** 3) };
    for (let i = 0; i < lr.data.length; i++) {
      const z = Math.floor(i / 2304);
      const corner = (z * 96 + 2 * (Math.floor(i / 48) % 48)) * 96 + 2 * (i % 48);
      const cells = [corner, corner + 1, corner + 96, corner + 97];
      lr.data[i] = cells.reduce((sum, cell) => sum + hr.data[cell], 0) / 4 + 0.3 * rng.normal();
    }
    const box = { kernel: [0.5, 0.5], offset: 0 };
    const lmmse = fitLmmse([hr], { kernel: 3, factor, forward: { x: box, y: box }, noiseVariance: 0.09 });
    const ridge = fitRidge([{ lr, hr }], { kernel: 3, factor, ridge: 1e-9 });
    // 97,000 samples: a weight of the regression is known to about 0.01.
    expect(largestDifference(lmmse.weights, ridge.weights)).toBeLessThan(0.03);
  });

  it('interpolate along each axis by its own factor', async () => {
    const rng = createRng(4);
    const filter = smoothedInterpolation({ factor, sigma: 0 });
    const lr = noise(rng, { width: 11, height: 12, depth: 9 });
    const sr = await applied(filter, lr);
    const alongX = interpolationMatrix(11, 2, 'bicubic');
    const alongY = interpolationMatrix(12, 2, 'bicubic');
    let sum = 0;
    for (let y = 0; y < 12; y++) {
      for (let x = 0; x < 11; x++) sum += alongY[13 * 12 + y] * alongX[10 * 11 + x] * lr.data[(4 * 12 + y) * 11 + x];
    }
    expect(sr.data[(4 * 24 + 13) * 22 + 10]).toBeCloseTo(sum, 5);
  });

  it('smooth along z by as many LR planes as along the others', () => {
    const { kernel, weights } = smoothedInterpolation({ factor, sigma: 0.5 });
    const total = (deep: number) =>
      weights.reduce((sum, value, i) => {
        const z = Math.floor(i / 4 / kernel ** 2) - (kernel - 1) / 2;
        return z === deep && i % 4 === 0 ? sum + value : sum;
      }, 0);
    expect(total(1) / total(0)).toBeCloseTo(Math.exp(-1 / (2 * 0.25)), 5);
  });
});

import { createRng, type Rng } from '@lacuna/core';
import { describe, expect, it } from 'vitest';
import {
  fitLmmse,
  fitRidge,
  interpolationMatrix,
  modelCost,
  modelSpec,
  smoothedInterpolation,
  type LinearFilter,
  type Pixels,
} from '../../src/index.js';
import { applied, largestDifference } from './applied.js';

const noise = (rng: Rng, width: number, height: number): Pixels => ({
  data: Float32Array.from({ length: width * height }, () => rng.normal()),
  width,
  height,
  channels: 1,
});

/** The formula of {@link LinearFilter}, tap by tap; edges mirrored without repeating them. */
function applyFilter({ kernel, factor: perAxis, weights, bias }: LinearFilter, lr: Pixels): Pixels {
  const factor = perAxis as number;
  const half = (kernel - 1) / 2;
  const phases = factor * factor;
  const width = lr.width * factor;
  const height = lr.height * factor;
  const data = new Float32Array(width * height);
  const inside = (at: number, length: number) => {
    if (at < 0) return -at;
    return at < length ? at : 2 * length - 2 - at;
  };
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const p = (y % factor) * factor + (x % factor);
      let sum = bias[p];
      for (let i = 0; i < kernel; i++) {
        for (let j = 0; j < kernel; j++) {
          const row = inside(Math.floor(y / factor) + i - half, lr.height);
          const column = inside(Math.floor(x / factor) + j - half, lr.width);
          sum += weights[(i * kernel + j) * phases + p] * lr.data[row * lr.width + column];
        }
      }
      data[y * width + x] = sum;
    }
  }
  return { data, width, height, channels: 1 };
}

function randomFilter(rng: Rng, kernel: number, factor: number): LinearFilter {
  const draw = (count: number) => Float64Array.from({ length: count }, () => rng.normal());
  return { kernel, factor, weights: draw(kernel * kernel * factor * factor), bias: draw(factor * factor) };
}

describe('the architecture `linear`', () => {
  it('computes what the formula of a linear filter says, also in tiles', async () => {
    const rng = createRng(1);
    const filter = randomFilter(rng, 5, 3);
    const lr = noise(rng, 23, 17);
    const sr = await applied(filter, lr, 16);
    expect(largestDifference(sr.data, applyFilter(filter, lr).data)).toBeLessThan(1e-4);
  });

  it('has k² f² + f² parameters and sees k pixels', () => {
    const cost = modelCost(modelSpec.parse({ name: 'linear', kernel: 7 }), { factor: 4, channels: 1 });
    expect(cost.parameters).toBe(7 * 7 * 16 + 16);
    expect(cost.receptiveField).toBe(7);
  });

  it('refuses an even kernel with its place', () => {
    const { error } = modelSpec.safeParse({ name: 'linear', kernel: 4 });
    expect(error?.issues).toMatchObject([
      { path: ['kernel'], message: 'wanted an odd number: the filter is centred on a coarse pixel' },
    ]);
  });
});

describe('ridge', () => {
  it('finds the filter that made the images', () => {
    const rng = createRng(2);
    const truth = randomFilter(rng, 3, 2);
    const pairs = [noise(rng, 40, 30), noise(rng, 25, 25)].map((lr) => ({ lr, hr: applyFilter(truth, lr) }));
    const found = fitRidge(pairs, { kernel: 3, factor: 2, ridge: 1e-9 });
    expect(largestDifference(found.weights, truth.weights)).toBeLessThan(1e-5);
    expect(largestDifference(found.bias, truth.bias)).toBeLessThan(1e-5);
  });

  it('shrinks to the mean of the targets as the ridge grows', () => {
    const rng = createRng(3);
    const truth = randomFilter(rng, 3, 2);
    const lr = noise(rng, 40, 30);
    const { weights } = fitRidge([{ lr, hr: applyFilter(truth, lr) }], { kernel: 3, factor: 2, ridge: 1e9 });
    expect(Math.max(...weights.map(Math.abs))).toBeLessThan(1e-6);
  });

  it('says that images are too small, and what to change', () => {
    const rng = createRng(4);
    const pair = { lr: noise(rng, 5, 9), hr: noise(rng, 10, 18) };
    expect(() => fitRidge([pair], { kernel: 7, factor: 2, ridge: 1e-3 })).toThrow(
      'ridge: got training images below the kernel, wanted at least one of 7 x 7 LR pixels; make regime.kernel smaller',
    );
  });
});

describe('LMMSE', () => {
  // x[n + 1] = a x[n] + e along both axes: covariance a^|dy| a^|dx| / (1 - a²)², known in closed form.
  const a = 0.8;
  const covariance = (lag: number) => a ** Math.abs(lag) / (1 - a * a);

  function process(rng: Rng, side: number): Pixels {
    const { data } = noise(rng, side, side);
    const at = (y: number, x: number) => y * side + x;
    for (let i = 0; i < side; i++) {
      data[at(i, 0)] /= Math.sqrt(1 - a * a);
      for (let j = 1; j < side; j++) data[at(i, j)] += a * data[at(i, j - 1)];
    }
    for (let j = 0; j < side; j++) {
      data[at(0, j)] /= Math.sqrt(1 - a * a);
      for (let i = 1; i < side; i++) data[at(i, j)] += a * data[at(i - 1, j)];
    }
    return { data, width: side, height: side, channels: 1 };
  }

  it('equals the normal equations written out with the known covariance', () => {
    const rng = createRng(5);
    const images = Array.from({ length: 6 }, () => process(rng, 500));
    const forward = { kernel: [0.25, 0.5, 0.25], offset: 0 };
    const noiseVariance = 0.3;
    const kernel = 3;
    const factor = 2;
    const filter = fitLmmse(images, { kernel, factor, noiseVariance, forward: { x: forward, y: forward } });
    // Error of any filter w for phase (0, 0): var(x) - 2 wᵀ c + wᵀ (C + noise) w; it is least at the LMMSE.
    const taps = Array.from({ length: 9 }, (_, i) => [Math.floor(i / 3) - 1, (i % 3) - 1]);
    const along = (from: number, to: number, both: boolean) => {
      let sum = 0;
      for (const [s, p] of forward.kernel.entries()) {
        if (!both) sum += p * covariance(from * factor + s - to);
        else for (const [t, q] of forward.kernel.entries()) sum += p * q * covariance((from - to) * factor + s - t);
      }
      return sum;
    };
    const errorOf = (w: readonly number[]) => {
      let error = covariance(0) ** 2;
      taps.forEach(([y, x], i) => {
        error -= 2 * w[i] * along(y, 0, false) * along(x, 0, false);
        taps.forEach(([v, u], k) => {
          error += w[i] * w[k] * (along(y, v, true) * along(x, u, true) + (i === k ? noiseVariance : 0));
        });
      });
      return error;
    };
    const found = taps.map((_, i) => filter.weights[i * 4]);
    const least = errorOf(found);
    // The optimum's gradient vanishes; what is left comes from the covariance of finite images.
    for (let i = 0; i < 9; i++) {
      for (const step of [0.05, -0.05]) {
        const other = found.map((value, k) => (k === i ? value + step : value));
        expect(errorOf(other)).toBeGreaterThan(least);
      }
    }
    expect(least).toBeLessThan(covariance(0) ** 2);
  });

  it('leaves a constant image as it is, but for the noise it expects', () => {
    const rng = createRng(6);
    const image = process(rng, 200);
    const lifted = { ...image, data: image.data.map((value) => value + 7) };
    const forward = { kernel: [1], offset: 0 };
    const filter = fitLmmse([lifted], {
      kernel: 5,
      factor: 2,
      noiseVariance: 0.1,
      forward: { x: forward, y: forward },
    });
    const { mean } = { mean: lifted.data.reduce((sum, value) => sum + value, 0) / lifted.data.length };
    const flat = { data: new Float32Array(400).fill(mean), width: 20, height: 20, channels: 1 };
    expect(largestDifference(applyFilter(filter, flat).data, new Float32Array(1600).fill(mean))).toBeLessThan(1e-4);
  });
});

describe('smoothed interpolation', () => {
  it('is bicubic interpolation where sigma is 0', () => {
    const filter = smoothedInterpolation({ factor: 4, sigma: 0 });
    const matrix = interpolationMatrix(21, 4, 'bicubic');
    for (let phase = 0; phase < 4; phase++) {
      for (let k = 0; k < filter.kernel; k++) {
        const taps = Array.from(
          { length: filter.kernel },
          (_, j) => filter.weights[(k * filter.kernel + j) * 16 + phase * 4],
        );
        const sum = taps.reduce((total, value) => total + value, 0);
        expect(sum).toBeCloseTo(matrix[(40 + phase) * 21 + 10 + k - (filter.kernel - 1) / 2], 6);
      }
    }
  });

  it('is the Gaussian of the interpolated image', () => {
    const rng = createRng(7);
    const lr = noise(rng, 31, 1);
    const sigma = 2.5;
    const factor = 4;
    const filter = smoothedInterpolation({ factor, sigma: sigma / factor });
    const matrix = interpolationMatrix(31, factor, 'bicubic');
    const interpolated = Float64Array.from({ length: 124 }, (_, i) =>
      lr.data.reduce((sum, value, k) => sum + matrix[i * 31 + k] * value, 0),
    );
    const gaussian = Array.from({ length: 21 }, (_, i) => Math.exp(-((i - 10) ** 2) / (2 * sigma * sigma)));
    const total = gaussian.reduce((sum, value) => sum + value, 0);
    // Rows alike: the taps summed over rows act along x alone.
    for (const x of [50, 61, 67]) {
      const expected = gaussian.reduce((sum, g, u) => sum + (g / total) * interpolated[x + u - 10], 0);
      let found = 0;
      for (let i = 0; i < filter.kernel * filter.kernel; i++) {
        const column = Math.floor(x / factor) + (i % filter.kernel) - (filter.kernel - 1) / 2;
        found += filter.weights[i * 16 + (x % factor)] * lr.data[column];
      }
      expect(found).toBeCloseTo(expected, 5);
    }
  });

  it('keeps the mean: the taps of each phase sum to 1', () => {
    const { kernel, weights } = smoothedInterpolation({ factor: 3, sigma: 0.5 });
    for (let p = 0; p < 9; p++) {
      let sum = 0;
      for (let i = 0; i < kernel * kernel; i++) sum += weights[i * 9 + p];
      expect(sum).toBeCloseTo(1, 6);
    }
  });
});

import { createRng } from '@lacuna/core';
import { describe, expect, it } from 'vitest';
import {
  Graph,
  buildGenerator,
  closedFormFit,
  createProgram,
  createTensorFlowEngine,
  fitCorrection,
  forwardWeights,
  modelSpec,
  sizeOf,
  type FitSource,
} from '../../src/index.js';
import { solvePositiveDefinite } from '../../src/linear/cholesky.js';
import { forwardMatrix } from '../../src/losses/consistency.js';

const engine = createTensorFlowEngine({ threads: 1 });

/** A Gaussian of 1 HR pixel, taken at the centre of each coarse pixel of two. */
const gaussian = (() => {
  const raw = Array.from({ length: 8 }, (_, k) => Math.exp(-((k - 3.5) ** 2) / 2));
  const sum = raw.reduce((a, b) => a + b);
  return { kernel: raw.map((weight) => weight / sum), offset: -3 };
})();
const FACTOR = 2;
const forward = { x: gaussian, y: gaussian };

/** [LR pixels, HR pixels] of a square plane. */
function denseForward(side: number): Float64Array[] {
  const along = forwardMatrix(gaussian, side * FACTOR, FACTOR);
  const hr = side * FACTOR;
  return Array.from({ length: side * side }, (_, i) => {
    const [y, x] = [Math.floor(i / side), i % side];
    return Float64Array.from(
      { length: hr * hr },
      (__, j) => along[y * hr + Math.floor(j / hr)] * along[x * hr + (j % hr)],
    );
  });
}

const dot = (a: Float64Array, b: Float64Array) => a.reduce((sum, value, i) => sum + value * b[i], 0);

describe('the degradation on phases', () => {
  it('is that of the consistency loss, away from the rim', () => {
    const side = 9;
    const centre = (side * side - 1) / 2;
    const row = denseForward(side)[centre];
    const { shape, values } = forwardWeights(forward, { kernel: 5, factor: FACTOR, field: 'kernel' });
    expect(shape).toEqual([5, 5, 4, 1]);
    for (let i = 0; i < 10; i++) {
      for (let j = 0; j < 10; j++) {
        const [ty, py, tx, px] = [Math.floor(i / 2), i % 2, Math.floor(j / 2), j % 2];
        const at = (4 + i) * side * FACTOR + 4 + j;
        expect(values[(ty * 5 + tx) * 4 + py * 2 + px]).toBeCloseTo(row[at], 6);
      }
    }
  });

  it('refuses a blur that reaches beyond the kernel', () => {
    expect(() => forwardWeights(forward, { kernel: 1, factor: FACTOR, field: 'model.kernel' })).toThrow(
      'a point spread function that reaches beyond 1 LR pixels, wanted one within them; make model.kernel larger',
    );
  });
});

it('the correction comes to the exact Aᵀ(AAᵀ + νI)⁻¹ as its support grows', () => {
  const side = 17;
  const n = side * side;
  const middle = (side - 1) / 2;
  const along = forwardMatrix(gaussian, side * FACTOR, FACTOR);
  const row = (i: number) => Float64Array.from(along.subarray(i * side * FACTOR, (i + 1) * side * FACTOR));
  /** A Aᵀ is the product of its like along each axis. */
  const gram = Array.from({ length: n }, (_, i) => dot(row(Math.floor(i / side)), row(i % side)));
  const nu = 0.1;
  const matrix = new Float64Array(n * n);
  for (let i = 0; i < n; i++)
    for (let j = 0; j <= i; j++) {
      const alongY = gram[Math.floor(i / side) * side + Math.floor(j / side)];
      const alongX = gram[(i % side) * side + (j % side)];
      matrix[i * n + j] = alongY * alongX + (i === j ? nu : 0);
    }
  // What each LR pixel says about the first HR pixel of the coarse pixel in the middle.
  const column = Float64Array.from({ length: n }, (_, i) => {
    const [y, x] = [row(Math.floor(i / side)), row(i % side)];
    return y[middle * FACTOR] * x[middle * FACTOR];
  });
  const exact = solvePositiveDefinite(matrix, column, n);
  const errors = [3, 5, 7].map((kernel) => {
    const { weights } = fitCorrection({ kernel, factor: FACTOR, forward, noiseVariance: nu });
    const half = (kernel - 1) / 2;
    const difference = exact.map((value, i) => {
      const [y, x] = [Math.floor(i / side) - middle + half, (i % side) - middle + half];
      const isInside = y >= 0 && y < kernel && x >= 0 && x < kernel;
      return value - (isInside ? weights[(y * kernel + x) * FACTOR ** 2] : 0);
    });
    return Math.sqrt(dot(difference, difference) / dot(exact, exact));
  });
  // As shares of the exact filter's norm: 6 %, .9 %, .12 %.
  expect(errors[0]).toBeLessThan(0.1);
  expect(errors[1]).toBeLessThan(0.02);
  expect(errors[2]).toBeLessThan(0.002);
});

describe('a step', () => {
  const random = (side: number, label: string) => {
    const rng = createRng(3).fork(label);
    return {
      data: Float32Array.from({ length: side * side }, () => rng.uniform()),
      width: side,
      height: side,
      channels: 1,
    };
  };
  const source: FitSource = {
    pairs: [{ lr: random(16, 'lr'), hr: random(32, 'hr') }],
    forward,
    noiseVariance: () => 0.01,
    turns: { mirrors: false, exchange: 'none' },
    engine,
  };

  /** The LR image, and the degraded SR image of a network that refines nothing. */
  async function contradiction(nu: number): Promise<number> {
    const model = modelSpec.parse({ name: 'unrolled', steps: 2, filters: 2, layers: 0, kernel: 9, nu });
    const g = new Graph();
    const lr = g.input('lr', [1, 24, 24, 1]);
    const { sr } = buildGenerator(g, 'generator', lr, model, { factor: FACTOR, channels: 1, training: false });
    const fit = await closedFormFit(model)!.weights(source, { factor: FACTOR, channels: 1 });
    const executable = await engine.compile(createProgram(g, { predict: { fetches: { sr } } }));
    await executable.write(
      Object.fromEntries(
        [...g.variables.values()].map(({ name, shape }) => [
          name,
          fit[name.replace('generator.', '')]?.values ?? new Float32Array(sizeOf(shape)),
        ]),
      ),
    );
    const { data } = random(24, 'seen');
    const image = Float64Array.from((await executable.run('predict', { lr: data }))['sr']);
    executable.dispose();
    let sum = 0;
    denseForward(24).forEach((row, i) => {
      const [y, x] = [Math.floor(i / 24), i % 24];
      if (Math.min(y, x) >= 8 && Math.max(y, x) < 16) sum += (dot(row, image) - data[i]) ** 2;
    });
    return Math.sqrt(sum / 64);
  }

  it('takes back what the scan contradicts, the less the noisier it is', async () => {
    const trusted = await contradiction(1e-3);
    const doubted = await contradiction(10);
    expect(trusted).toBeLessThan(0.05 * doubted);
  });

  it('needs a known degradation', () => {
    const fit = closedFormFit(modelSpec.parse({ name: 'unrolled' }))!;
    expect(() => fit.weights({ ...source, forward: null }, { factor: FACTOR, channels: 1 })).toThrow(
      'model unrolled: got degradation.kind blind, which draws another blur for each region, wanted a known one',
    );
  });
});

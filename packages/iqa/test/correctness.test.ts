import { createRng } from '@lacuna/core';
import { describe, expect, it } from 'vitest';
import {
  bettiNumbers,
  clDice,
  createMask,
  dice,
  evaluate,
  extractGraph,
  frc,
  gmsd,
  morphometry,
  mse,
  msSsim,
  nrmse,
  pathSimilarity,
  pearson,
  psnr,
  resolutionScaled,
  skeletonize,
  smooth,
  spectrumError,
  ssim,
  surfaceDistances,
  vif,
  type Intensities,
} from '../src/index.js';
import { draw, paint } from './draw.js';

/** Values that follow from the formulas by hand. */
describe('intensities', () => {
  const a = paint(180, 170, (x, y) => 0.4 + 0.3 * Math.sin(x / 4) * Math.cos(y / 6));
  const map = (f: (v: number) => number): Intensities => ({ ...a, data: Float64Array.from(a.data, f) });
  it('a shift of all by d', () => {
    const b = map((v) => v + 0.05);
    const power = Math.sqrt(a.data.reduce((sum, v) => sum + v * v, 0) / a.data.length);
    expect(mse(a, b)).toBeCloseTo(0.0025, 12);
    expect(psnr(a, b, { dataRange: 1 })).toBeCloseTo(20 * Math.log10(1 / 0.05), 9);
    expect(nrmse(a, b)).toBeCloseTo(0.05 / power, 9);
    expect([pearson(a, b), spectrumError(a, b), frc(a, b).area]).toEqual([
      expect.closeTo(1, 12),
      expect.closeTo(0, 6),
      expect.closeTo(1, 9),
    ]);
    // Gradients do not see it, except against the zeros around the image.
    const edge = (g: Intensities) =>
      gmsd(g, { ...g, data: Float64Array.from(g.data, (v) => v + 0.05) }, { dataRange: 1 });
    expect(edge(a)).toBeLessThan(0.02);
    expect(
      pearson(
        a,
        map((v) => 1 - 3 * v),
      ),
    ).toBeCloseTo(-1, 12);
  });

  it('constant images: the luminance term alone, at the coarsest scale of five', () => {
    const p = map(() => 0.2);
    const q = map(() => 0.5);
    const luminance = (2 * 0.2 * 0.5 + 1e-4) / (0.04 + 0.25 + 1e-4);
    expect(ssim(p, q, { dataRange: 1 })).toBeCloseTo(luminance, 9);
    expect(msSsim(p, q, { dataRange: 1 })).toBeCloseTo(luminance ** 0.1333, 9);
  });

  it('information: less with noise or blur, more with contrast', () => {
    const rng = createRng(2);
    const noisy = map((v) => v + 0.05 * rng.normal());
    const options = { dataRange: 1 };
    expect(vif(a, noisy, options)).toBeLessThan(0.95);
    expect(vif(a, smooth(a, 3), options)).toBeLessThan(0.95);
    expect(
      vif(
        a,
        map((v) => 0.4 + 1.2 * (v - 0.4)),
        options,
      ),
    ).toBeGreaterThan(1);
  });

  it('a reference that is the blurred and scaled estimate is explained, and the blur found', () => {
    const sharp = paint(64, 60, (x, y) => ((x * 7 + y * 3) % 11 === 0 ? 1 : 0));
    const { rse, rsp, fit } = resolutionScaled(
      { ...sharp, data: Float64Array.from(smooth(sharp, 1.7).data, (v) => 3 * v + 2) },
      sharp,
    );
    expect([rse, rsp, fit.sigma, fit.a, fit.b]).toEqual([
      expect.closeTo(0, 3),
      expect.closeTo(1, 5),
      expect.closeTo(1.7, 2),
      expect.closeTo(3, 2),
      expect.closeTo(2, 2),
    ]);
  });
});

describe('Fourier correlation', () => {
  const noise = (seed: number, n: number) => {
    const rng = createRng(seed);
    return Float64Array.from({ length: n }, () => rng.normal());
  };
  it.each([
    ['rings', 128, 128, 1],
    ['shells', 24, 24, 24],
  ] as const)('of two noisy copies is signal over signal and noise: %s', (_, width, height, depth) => {
    const n = width * height * depth;
    const signal = noise(1, n);
    const one = noise(2, n);
    const two = noise(3, n);
    const add = (b: Float64Array): Intensities => ({
      data: signal.map((v, i) => v + b[i]),
      width,
      height,
      depth,
      channels: 1,
    });
    // Equal powers: one half. Rings of few frequencies scatter.
    const { correlation } = frc(add(one), add(two), { window: 'none' });
    const outer = correlation.subarray(correlation.length >> 1);
    expect(outer.reduce((sum, c) => sum + c, 0) / outer.length).toBeCloseTo(0.5, 1);
  });

  it('ends where the estimate does', () => {
    // Waves of the reference; the estimate has those below .2 cycles per px, and others above.
    const rng = createRng(5);
    const n = 48;
    const waves = Array.from({ length: (n * n) / 2 }, (_, i) => ({
      u: (i % n) - n / 2,
      v: Math.floor(i / n),
      p: 6.28 * rng.uniform(),
      q: 6.28 * rng.uniform(),
    }));
    const image = (own: boolean) =>
      paint(n, n, (x, y) =>
        waves.reduce(
          (sum, { u, v, p, q }) =>
            sum + Math.cos((2 * Math.PI * (u * x + v * y)) / n + (own && Math.hypot(u, v) > 0.2 * n ? q : p)),
          0,
        ),
      );
    const { resolution } = frc(image(false), image(true), { window: 'none' });
    expect(1 / resolution!).toBeGreaterThan(0.185);
    expect(1 / resolution!).toBeLessThan(0.24);
  });
});

describe('networks that one can count', () => {
  const T = draw('.........', '.#######.', '....#....', '....#....', '....#....', '.........');
  const line = draw('.........', '.#######.', '.........', '.........', '.........', '.........');
  it('a T: lengths, nodes, degrees', () => {
    const { lengthDensity, nodeDensity, meanDegree, tortuosity, porosity, largestComponent } = morphometry(
      T,
      extractGraph(T),
    );
    expect([lengthDensity, nodeDensity, meanDegree, tortuosity, porosity, largestComponent]).toEqual([
      9 / 54,
      4 / 54,
      1.5,
      1,
      10 / 54,
      1,
    ]);
  });

  it('a T and its bar: overlaps', () => {
    expect(dice(T, line).value).toBeCloseTo((2 * 7) / 17, 12);
    expect(clDice(T, line, { reference: T, estimate: line })).toEqual({
      value: expect.closeTo((2 * 0.7) / 1.7, 12),
      precision: 1,
      recall: 0.7,
    });
    // Of the T's joined pairs, only the bar's ends lie in the bar at their own places; all of the bar's pairs lie in
    // the T.
    const there = 2 / 12;
    const back = 1;
    expect(pathSimilarity(T, line, { snap: 0.5, skeletons: { reference: T, estimate: line } })).toBeCloseTo(
      (2 * there * back) / (there + back),
      12,
    );
  });

  it('two lines apart: distances', () => {
    const low = draw('.........', '.........', '.........', '.........', '.#######.', '.........');
    expect(surfaceDistances(line, low, { tolerance: 2.9 })).toEqual({ hd: 3, hd95: 3, assd: 3, nsd: 0 });
    expect(surfaceDistances(line, low, { tolerance: 3 }).nsd).toBe(1);
  });

  it('a ring, a shell, a torus: Betti numbers', () => {
    const ball = (f: (r: number, z: number, rho: number) => boolean) =>
      createMask(
        Array.from({ length: 17 ** 3 }, (_, i) => {
          const [x, y, z] = [i % 17, Math.floor(i / 17) % 17, Math.floor(i / 289)].map((v) => v - 8);
          return f(Math.hypot(x, y, z), z, Math.hypot(x, y));
        }),
        17,
        17,
        17,
      );
    expect(bettiNumbers(ball((r) => r > 4 && r < 7))).toEqual({ b0: 1, b1: 0, b2: 1, euler: 2 });
    expect(bettiNumbers(ball((_, z, rho) => Math.hypot(rho - 5, z) < 2))).toEqual({ b0: 1, b1: 1, b2: 0, euler: 0 });
    expect(
      bettiNumbers(
        ball((_, z, rho) => {
          const r = Math.hypot(rho - 5, z);
          return r > 1 && r < 3;
        }),
      ),
    ).toEqual({ b0: 1, b1: 2, b2: 1, euler: 0 });
    expect(bettiNumbers(draw('.###.', '.#.#.', '.###.'))).toEqual({ b0: 1, b1: 1, b2: 0, euler: 0 });
  });

  it('a cut line: components, weak branches, inventions, by name', () => {
    const grey = (gap: boolean, extra: boolean) =>
      paint(60, 50, (x, y) => {
        const along = x > 4 && x < 56;
        if (Math.abs(y - 12) < 2 && along) return 1;
        if (Math.abs(y - 36) < 2 && along && !(gap && x > 28 && x < 34)) return 0.6;
        return extra && Math.abs(x - 30) < 2 && y > 40 && y < 49 ? 0.8 : 0;
      });
    const { values } = evaluate(grey(false, false), grey(true, true), {
      dataRange: 1,
      threshold: 0.3,
      smoothing: 0,
      metrics: ['betti0_error', 'euler_error', 'weak_branch_recall', 'branch_recall', 'invented_length'],
    });
    expect([values.betti0_error, values.euler_error]).toEqual([2, 2]);
    expect(values.weak_branch_recall).toBeLessThan(values.branch_recall!);
    expect(values.branch_recall).toBeLessThan(1);
    expect(values.invented_length).toBeGreaterThan(0.03);
    expect(
      extractGraph(
        skeletonize(
          createMask(
            grey(true, true).data.map((v) => (v > 0.3 ? 1 : 0)),
            60,
            50,
          ),
        ),
      ).branches,
    ).toHaveLength(4);
  });
});

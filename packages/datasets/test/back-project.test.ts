import { describe, expect, it } from 'vitest';
import { createImage, createRng, type Image } from '@lacuna/core';
import {
  backProject,
  degradationSpec,
  degrade,
  forwardOperator,
  noiseVariance,
  splitNoise,
  type DegradationSpec,
} from '../src/index.js';

function random(width: number, height: number, depth = 1, seed = 1): Image {
  const rng = createRng(seed);
  const data = Float32Array.from({ length: width * height * depth }, () => rng.uniform());
  return createImage({ data, width, height, depth, dataRange: [0, 1], name: 'random' });
}

const minus = (a: Image, b: Image): Image => ({ ...a, data: a.data.map((value, i) => value - b.data[i]) });
const largest = ({ data }: Image): number => data.reduce((most, value) => Math.max(most, Math.abs(value)), 0);

describe.each([
  ['confocal', { kind: 'confocal', factor: 4 }, 1],
  ['ct', { kind: 'ct', factor: 2 }, 1],
  ['bicubic', { kind: 'bicubic', factor: 3 }, 1],
  ['confocal volume', { kind: 'confocal', factor: { x: 2, y: 2, z: 2 }, psfSigmaPx: { x: 1, y: 1, z: 1 } }, 4],
])('what a %s scan determines', (_, given, depth) => {
  const spec = degradationSpec.parse(given);
  const hr = random(24, 12, depth);
  const operator = forwardOperator(spec, hr);
  const measured = backProject(operator, operator.apply(hr), 1e-5);

  it('is seen as the whole image is, and the rest is not seen', () => {
    expect(largest(minus(operator.apply(measured), operator.apply(hr)))).toBeLessThan(2e-3);
    expect(largest(operator.apply(minus(hr, measured)))).toBeLessThan(2e-3);
    // The rest is most of a random image: LR pixels are few.
    expect(largest(minus(hr, measured))).toBeGreaterThan(0.2);
  });
  it('of itself is itself, and of the rest nothing', () => {
    expect(largest(minus(backProject(operator, operator.apply(measured), 1e-5), measured))).toBeLessThan(5e-3);
    expect(largest(backProject(operator, operator.apply(minus(hr, measured)), 1e-5))).toBeLessThan(5e-3);
  });
});

describe('back projection', () => {
  const spec = degradationSpec.parse({ kind: 'confocal', factor: 2 });
  const operator = forwardOperator(spec, { width: 4, height: 2, depth: 1 });

  it('solves (A A^T + nu I) u = y: against elimination', () => {
    const nu = 0.1;
    const units = [0, 1].map((k) =>
      createImage({ data: Float32Array.of(1 - k, k), width: 2, height: 1, dataRange: [0, 1] }),
    );
    const [[a, b], [c, d]] = units.map((unit) => [...operator.apply(operator.adjoint(unit)).data]);
    const [p, q] = [0.7, -0.2];
    const determinant = (a + nu) * (d + nu) - b * c;
    const u = Float32Array.of(((d + nu) * p - b * q) / determinant, ((a + nu) * q - c * p) / determinant);
    const found = backProject(operator, { ...units[0], data: Float32Array.of(p, q) }, nu);
    expect(largest(minus(found, operator.adjoint({ ...units[0], data: u })))).toBeLessThan(1e-4);
  });
  it('refuses no noise', () => {
    const lr = createImage({ width: 2, height: 1, dataRange: [0, 1] });
    expect(() => backProject(operator, lr, 0)).toThrow(
      'back projection: got a noise of 0, wanted a finite number above 0',
    );
  });
  it('of darkness is darkness', () => {
    const lr = createImage({ width: 2, height: 1, dataRange: [0, 1] });
    expect(largest(backProject(operator, lr, 0.1))).toBe(0);
  });
});

describe('a scan in two', () => {
  const flat = (spec: DegradationSpec, level: number) => {
    const hr = createImage({ width: 512, height: 256, dataRange: [0, 1] });
    const light = { ...hr, data: hr.data.fill(level) };
    return degrade(light, spec, createRng(3));
  };
  const mean = (values: Float32Array) => values.reduce((sum, value) => sum + value, 0) / values.length;
  const covariance = (a: Float32Array, b: Float32Array) => {
    const [meanA, meanB] = [mean(a), mean(b)];
    return a.reduce((sum, value, i) => sum + (value - meanA) * (b[i] - meanB), 0) / a.length;
  };

  it.each([
    [{ kind: 'confocal', factor: 2, photons: 60, readNoise: 0 }],
    [{ kind: 'confocal', factor: 2, photons: 60, readNoise: 0.1, background: 0.2 }],
    [{ kind: 'confocal', factor: 2, photons: 4000, readNoise: 0.02 }],
    [{ kind: 'confocal', factor: 2, photons: null, readNoise: 0.1 }],
    [{ kind: 'ct', factor: 2, noise: 0.05, noiseSigmaPx: 0 }],
    [{ kind: 'bicubic', factor: 2, noise: 0.05 }],
  ])('of %j has halves of twice the noise that share none of it', (given) => {
    const spec = degradationSpec.parse(given);
    const lr = flat(spec, 0.4);
    const variance = noiseVariance(spec, 0.4)!;
    const [first, second] = splitNoise(lr, spec, createRng(4));
    // The standard error of a variance of 32,768 normal numbers is .8 % of it; four of them, and both halves' sum.
    expect(covariance(lr.data, lr.data) / variance).toBeCloseTo(1, 1);
    expect(covariance(first.data, first.data) / (2 * variance)).toBeCloseTo(1, 1);
    expect(covariance(second.data, second.data) / (2 * variance)).toBeCloseTo(1, 1);
    expect(Math.abs(covariance(first.data, second.data)) / variance).toBeLessThan(0.05);
    expect(
      largest(minus({ ...lr, data: first.data.map((value, i) => (value + second.data[i]) / 2) }, lr)),
    ).toBeLessThan(1e-5);
  });
  it.each([
    [{ kind: 'bicubic', factor: 2 }, 'bicubic without noise'],
    [{ kind: 'blind', factor: 2 }, 'a degradation that draws its noise (blind)'],
  ])('refuses %j', (given, got) => {
    const lr = createImage({ width: 4, height: 4, dataRange: [0, 1] });
    expect(() => splitNoise(lr, degradationSpec.parse(given), createRng(0))).toThrow(
      `split of a scan: got ${got}, wanted a scan whose noise is known; say its photons or its noise`,
    );
  });
});

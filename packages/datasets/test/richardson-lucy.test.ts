import { createImage, createRng, type Image } from '@lacuna/core';
import { describe, expect, it } from 'vitest';
import { degrade, degradationSpec, enlarge, forwardOperator, richardsonLucy } from '../src/index.js';

/** Bright lines on a dark ground, in [0, 1]. */
function lines(width: number, height: number): Image {
  const data = new Float32Array(width * height).fill(0.1);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      if ((x + 2 * y) % 23 < 3) data[y * width + x] = 0.9;
    }
  }
  return createImage({ data, width, height, dataRange: [0, 1], name: 'lines' });
}

const spec = degradationSpec.parse({ kind: 'ct', factor: 2, psfSigmaPx: 1.5, noise: 0 });
const hr = lines(96, 64);
const rng = createRng(1);
const operator = forwardOperator(spec, hr);
const lr = degrade(hr, spec, rng);

const distance = (a: Image, b: Image) => a.data.reduce((sum, value, i) => sum + (value - b.data[i]) ** 2, 0);

describe('Richardson-Lucy', () => {
  it('raises the likelihood of the scan with each step, and comes nearer to the fine image than interpolation', () => {
    const likelihoods: number[] = [];
    const estimate = richardsonLucy(lr, operator, {
      factor: 2,
      iterations: 40,
      onIteration: (_, image) => {
        const predicted = operator.apply(image).data;
        likelihoods.push(lr.data.reduce((sum, y, i) => sum + y * Math.log(predicted[i]) - predicted[i], 0));
      },
    });
    for (let i = 1; i < likelihoods.length; i++) expect(likelihoods[i]).toBeGreaterThan(likelihoods[i - 1] - 1e-3);
    expect(distance(estimate, hr)).toBeLessThan(0.7 * distance(enlarge(lr, 2, 'bicubic'), hr));
  });

  it('keeps the light of the scan: the sum of A x equals the sum of y after one step', () => {
    const estimate = richardsonLucy(lr, operator, { factor: 2, iterations: 1 });
    const sensitivity = operator.adjoint({ ...lr, data: new Float32Array(lr.data.length).fill(1) }).data;
    const light = estimate.data.reduce((sum, value, i) => sum + value * sensitivity[i], 0);
    const seen = lr.data.reduce((sum, value) => sum + value, 0);
    expect(Math.abs(light / seen - 1)).toBeLessThan(1e-4);
  });

  it('stays positive where noise makes the scan negative', () => {
    const noisy = { ...lr, data: lr.data.map((value, i) => (i % 7 === 0 ? -0.2 : value)) };
    const { data } = richardsonLucy(noisy, operator, { factor: 2, iterations: 10 });
    expect(data.every((value) => value >= 0 && Number.isFinite(value))).toBe(true);
  });

  it('refuses a scan of another size, naming both', () => {
    const small = lines(20, 20);
    expect(() => richardsonLucy(small, operator, { factor: 2, iterations: 1 })).toThrow(
      'forward operator on lines: got 20 x 20, wanted 48 x 32',
    );
  });
});

import { describe, expect, it } from 'vitest';
import {
  Graph,
  attributeAlong,
  compileTarget,
  conv,
  createTfjsEngine,
  diffusionIndex,
  firstLayerOf,
  giniCoefficient,
  initialVariables,
  normal,
  type Tensor,
} from '../src/index.js';
import { createRng } from '@lacuna/core';

describe('Gini', () => {
  it('is 0 for equal shares, and towards 1 where one has all', () => {
    expect(giniCoefficient([2, 2, -2, 2])).toBe(0);
    expect(giniCoefficient([0, 0, 0, 5])).toBe(0.75);
    // Ascending 1, 3: ((2·1 - 3)·1 + (2·2 - 3)·3) / (2·4).
    expect(giniCoefficient([3, 1])).toBe(0.25);
    expect(giniCoefficient([0, 0])).toBe(0);
    expect(diffusionIndex([0, 0, 0, 5])).toBe(25);
  });
});

describe('attribution along a path', () => {
  it('of a linear target is its weight times the change of the input', async () => {
    const weights = [1, -2, 0.5];
    const target = (x: Float32Array) =>
      Promise.resolve({
        value: x.reduce((sum, value, i) => sum + weights[i] * value, 0),
        gradient: Float32Array.from(weights),
      });
    const end = [3, 1, 4];
    const found = await attributeAlong((t) => Float32Array.from(end, (value) => t * value), target, 3);
    expect([...found.values]).toEqual([3, -2, 2]);
    expect([found.from, found.to]).toEqual([0, 3]);
  });
  it('sums to the change of a curved target', async () => {
    const target = (x: Float32Array) =>
      Promise.resolve({
        value: x.reduce((sum, value) => sum + value ** 3, 0),
        gradient: x.map((value) => 3 * value ** 2),
      });
    const { values, from, to } = await attributeAlong((t) => Float32Array.of(1 + t, 2 * t * t), target, 80);
    // The midpoint rule errs with the square of the step.
    expect(values[0] + values[1]).toBeCloseTo(to - from, 2);
    expect(to - from).toBe(15);
  });
  it('refuses no steps', async () => {
    const target = () => Promise.resolve({ value: 0, gradient: new Float32Array(1) });
    await expect(attributeAlong(() => new Float32Array(1), target, 0)).rejects.toThrow('attribution: got 0 steps');
  });
});

describe('the first layer', () => {
  it('is the convolution with most filters that sees the input itself', () => {
    const g = new Graph();
    const input = g.input('input', [1, 8, 8, 1]);
    const scaled = g.shift(g.scale(input, 2), -1);
    const skip = conv(g, 'skip', scaled, { filters: 1, kernel: 5, initializer: normal(0.1) });
    const first = g.relu(conv(g, 'first', scaled, { filters: 6, kernel: 3, initializer: normal(0.1) }));
    const wide = conv(g, 'wide', first, { filters: 20, kernel: 3, initializer: normal(0.1) });
    const out = g.add(skip, conv(g, 'last', wide, { filters: 1, kernel: 1, initializer: normal(0.1) }));
    const layer = firstLayerOf([out], input)!;
    expect([layer.filters, layer.shape]).toEqual(['first.weight', [3, 3, 1, 6]]);
    expect(layer.response.shape).toEqual([1, 8, 8, 6]);
  });
  it('of a network without convolutions is none', () => {
    const g = new Graph();
    const input = g.input('input', [1, 4, 4, 1]);
    expect(firstLayerOf([g.relu(input)], input)).toBeNull();
  });
});

describe('a target of a network', () => {
  const build = (g: Graph, input: Tensor): Tensor => {
    const features = g.tanh(conv(g, 'first', input, { filters: 3, kernel: 3, initializer: normal(0.5) }));
    return conv(g, 'last', features, { filters: 1, kernel: 3, initializer: normal(0.5) });
  };
  const shape = [1, 5, 4, 1];
  const rng = createRng(2);
  const weights = Float32Array.from({ length: 20 }, () => rng.normal());
  const image = Float32Array.from({ length: 20 }, () => rng.uniform());

  it('has the gradient that small changes of the input tell', async () => {
    const g = new Graph();
    build(g, g.input('input', shape));
    const target = await compileTarget(await createTfjsEngine('cpu'), {
      build,
      shape,
      weights,
      variables: initialVariables(g, createRng(1)),
    });
    const { gradient } = await target.at(image);
    for (const i of [0, 7, 19]) {
      const moved = async (by: number) =>
        (await target.at(image.map((value, k) => (k === i ? value + by : value)))).value;
      const slope = ((await moved(1e-2)) - (await moved(-1e-2))) / 2e-2;
      expect(gradient[i]).toBeCloseTo(slope, 3);
    }
    target.dispose();
  });
  it('refuses weights of another size', async () => {
    await expect(
      compileTarget(await createTfjsEngine('cpu'), { build, shape, weights: new Float32Array(3), variables: {} }),
    ).rejects.toThrow('target of an attribution: got 3 weights, wanted 20 for');
  });
});

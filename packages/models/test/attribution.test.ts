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
  lineSelectivity,
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

/** A filter of one channel whose weights are a function of the place about its middle. */
function filterOf(sides: readonly number[], at: (...place: number[]) => number): Float32Array {
  const [depth, height, width] = [...(sides.length === 3 ? [] : [1]), ...sides];
  return Float32Array.from({ length: depth * height * width }, (_, i) => {
    const x = (i % width) - (width - 1) / 2;
    const y = (Math.floor(i / width) % height) - (height - 1) / 2;
    const z = Math.floor(i / (width * height)) - (depth - 1) / 2;
    return sides.length === 3 ? at(z, y, x) : at(y, x);
  });
}

describe('selectivity for lines', () => {
  const of = (sides: readonly number[], at: (...place: number[]) => number, spacing = sides.map(() => 1)) =>
    lineSelectivity(filterOf(sides, at), [...sides, 1, 1], spacing)[0];
  const angleOf = ([y, x]: readonly number[]) => (((Math.atan2(y, x) * 180) / Math.PI + 360) % 180).toFixed(0);

  it.each([0, 30, 45, 90, 120])('finds a ridge at %d°', (degrees) => {
    const angle = (degrees * Math.PI) / 180;
    // A Gaussian ridge along the direction, with dark flanks: its second derivative across.
    const found = of([7, 7], (y, x) => {
      const across = -Math.sin(angle) * x + Math.cos(angle) * y;
      return (1 - across ** 2) * Math.exp(-0.5 * across ** 2) * Math.exp(-0.1 * (x * x + y * y));
    });
    // Square pixels draw a direction a little towards the axes.
    expect(Math.abs(Number(angleOf(found.direction)) - degrees)).toBeLessThanOrEqual(1);
    expect(found.selectivity).toBeGreaterThan(0.3);
    expect(found.symmetry).toBeCloseTo(1, 5);
  });
  it('is near 0 for a spot, whatever its sign', () => {
    for (const sign of [1, -1]) {
      const spot = of([5, 5], (y, x) => sign * Math.exp(-0.5 * (x * x + y * y)));
      expect(spot.selectivity).toBeLessThan(0.03);
      expect([spot.symmetry, spot.average]).toEqual([1, 1]);
    }
  });
  it('tells an edge from a line: it is odd, and nothing is left of an even field', () => {
    const edge = of([5, 5], (y) => y);
    expect([edge.symmetry, edge.average]).toEqual([-1, 0]);
    // Lines along x lie on one side of it or the other; those along y cross it.
    expect(Number(angleOf(edge.direction)) % 180).toBe(0);
    expect(edge.selectivity).toBeGreaterThan(0.5);
  });
  it.each([
    [[1, 0, 0], 0],
    [[0, 1, 0], 1],
    [[0, 0, 1], 2],
  ] as const)('finds a tube of a volume along %j', (_, axis) => {
    const found = of([5, 5, 5], (...place) => {
      const across = place.reduce((sum, value, i) => sum + (i === axis ? 0 : value ** 2), 0);
      return (1 - across / 2) * Math.exp(-0.5 * across);
    });
    expect(Math.abs(found.direction[axis])).toBeGreaterThan(0.99);
    expect(found.selectivity).toBeGreaterThan(0.2);
  });
  it('gives directions in space: a diagonal of pixels that are twice as deep as wide', () => {
    const { direction } = of([5, 5, 5], (z, y, x) => Math.exp(-((z - x) ** 2) - y * y) - 0.2, [2, 1, 1]);
    // (z, x) = (2, 1) / √5.
    expect(Math.abs(direction[0])).toBeCloseTo(2 / Math.sqrt(5), 1);
    expect(Math.sign(direction[0])).toBe(Math.sign(direction[2]));
  });
  it('says nothing of a filter of zeros, and refuses filters of several channels', () => {
    expect(of([3, 3], () => 0)).toMatchObject({ selectivity: 0, symmetry: 0, average: 0 });
    expect(() => lineSelectivity(new Float32Array(18), [3, 3, 2, 1], [1, 1])).toThrow(
      /^lineSelectivity: got 18 weights of .*, wanted filters of one channel/,
    );
  });
});

import { createRng, reflectIndex, type Rng } from '@lacuna/core';
import { describe, expect, it } from 'vitest';
import {
  Graph,
  bankOf,
  buildGenerator,
  createProgram,
  createTensorFlowEngine,
  gradients,
  initialVariables,
  modelCost,
  modelSpec,
  orientedGates,
  orientedOptions,
  sizeOf,
  type Tensor,
} from '../../src/index.js';

const engine = createTensorFlowEngine({ threads: 1 });

const light = { name: 'oriented', kernel: 3, orientations: 4, coherences: 2, strengths: 2, sharpness: 3 } as const;
const lightVolume = { ...light, orientations: 7 };

/** Runs a graph of one input once. */
async function computed(
  shape: readonly number[],
  values: Float32Array,
  build: (g: Graph, x: Tensor) => Record<string, Tensor>,
  weights: Record<string, Float32Array> = {},
): Promise<Record<string, Float32Array>> {
  const g = new Graph();
  const program = createProgram(g, { run: { fetches: build(g, g.input('x', shape)) } });
  const executable = await engine.compile(program);
  const drawn = [...g.variables.values()]
    .filter(({ initializer }) => initializer.kind === 'fitted')
    .map(({ name, shape: size }) => [name, uniform(createRng(1), sizeOf(size)).map((value) => value - 0.5)] as const);
  await executable.write(initialVariables(g, createRng(1), { ...Object.fromEntries(drawn), ...weights }));
  const found = await executable.run('run', { x: values });
  executable.dispose();
  return found;
}

const enlarged = (spec: object, factor: number | readonly number[]) => (g: Graph, x: Tensor) => {
  const model = modelSpec.parse(spec);
  return { sr: buildGenerator(g, 'generator', x, model, { factor, channels: 1, training: false }).sr };
};

const uniform = (rng: Rng, count: number) => Float32Array.from({ length: count }, () => rng.uniform());

const largest = (values: Float32Array) => values.reduce((most, value) => Math.max(most, Math.abs(value)), 0);

/** The gates in the middle of a plane whose intensities change along one direction, `angle` across the stripes. */
async function gatesOfStripes(angle: number, options: object): Promise<Float32Array> {
  const side = 25;
  const along = (i: number) => Math.cos(angle) * (i % side) + Math.sin(angle) * Math.floor(i / side);
  const stripes = Float32Array.from({ length: side * side }, (_, i) => 0.5 + 0.4 * Math.sin(0.9 * along(i)));
  const bank = bankOf(orientedOptions.parse(options), 2);
  const { gates } = await computed([1, side, side, 1], stripes, (g, x) => ({ gates: orientedGates(g, x, bank)! }));
  const buckets = gates.length / side ** 2;
  const middle = (side * side - 1) / 2;
  return gates.slice(middle * buckets, (middle + 1) * buckets);
}

describe('the gates of planes', () => {
  const alone = { orientations: 8, coherences: 1, strengths: 1, sharpness: 8 };

  it('follow the direction along stripes, cos^2n of the angle, and sum to 1', async () => {
    for (const across of [0, Math.PI / 8, Math.PI / 3]) {
      const gates = await gatesOfStripes(across, alone);
      const along = across + Math.PI / 2;
      const powers = Array.from({ length: 8 }, (_, k) => Math.cos(along - (Math.PI * k) / 8) ** 16);
      const sum = powers.reduce((total, each) => total + each, 0);
      gates.forEach((gate, k) => expect(gate).toBeCloseTo(powers[k] / sum, 2));
    }
  });

  it('choose by coherence and by strength', async () => {
    const bins = { orientations: 1, coherences: 2, strengths: 3 };
    // Slopes of .36 from pixel to pixel in one direction: the strongest bin, and the coherent one.
    const gates = await gatesOfStripes(0.3, bins);
    expect(gates[5]).toBeGreaterThan(0.99);
    const side = 21;
    const flat = uniform(createRng(2), side * side).map((value) => 0.5 + 1e-4 * value);
    const bank = bankOf(orientedOptions.parse(bins), 2);
    const found = await computed([1, side, side, 1], flat, (g, x) => ({ gates: orientedGates(g, x, bank)! }));
    const middle = found['gates'].slice(6 * 220, 6 * 221);
    expect(middle[0] + middle[1]).toBeGreaterThan(0.99);
    expect(middle.reduce((sum, gate) => sum + gate, 0)).toBeCloseTo(1, 5);
  });
});

describe('the gates of volumes', () => {
  it('follow the direction along a tube, and share a plate among the directions in it', async () => {
    const side = 13;
    const middle = (side ** 3 - 1) / 2;
    const bank = bankOf(orientedOptions.parse({ orientations: 13, coherences: 1, strengths: 1 }), 3);
    const gatesOf = async (intensity: (x: number, y: number, z: number) => number) => {
      const volume = Float32Array.from({ length: side ** 3 }, (_, i) =>
        intensity((i % side) - 6, (Math.floor(i / side) % side) - 6, Math.floor(i / side ** 2) - 6),
      );
      const { gates } = await computed([1, side, side, side, 1], volume, (g, x) => ({
        gates: orientedGates(g, x, bank)!,
      }));
      return [...gates.slice(13 * middle, 13 * (middle + 1))];
    };
    const tube = (direction: readonly number[]) => (x: number, y: number, z: number) => {
      const along = x * direction[0] + y * direction[1] + z * direction[2];
      return Math.exp(-(x * x + y * y + z * z - along * along) / 6);
    };
    for (const own of [0, 2, 4, 8]) {
      const gates = await gatesOf(tube(bank.directions[own]));
      expect(gates.indexOf(Math.max(...gates))).toBe(own);
      expect(gates.reduce((sum, gate) => sum + gate, 0)).toBeCloseTo(1, 5);
    }
    const plate = await gatesOf((_, __, z) => Math.exp((-z * z) / 6));
    // x and y lie in the plate, z across it.
    expect(plate[0]).toBeCloseTo(plate[1], 4);
    expect(plate[2]).toBeLessThan(0.1 * plate[0]);
  });

  it('refuse numbers of directions that a cube does not have', () => {
    expect(() => bankOf(orientedOptions.parse({ orientations: 8 }), 3)).toThrow(
      'oriented: orientations: got 8 for volumes, wanted 1, 3, 7, 13',
    );
  });
});

describe('the architecture `oriented`', () => {
  it('with one bucket is the linear filter', async () => {
    const rng = createRng(3);
    const one = { name: 'oriented', kernel: 5, orientations: 1, coherences: 1, strengths: 1 };
    const weights = {
      'generator.filter.weight': uniform(rng, 25 * 9),
      'generator.filter.bias': uniform(rng, 9),
    };
    const image = uniform(rng, 11 * 8);
    const a = await computed([1, 11, 8, 1], image, enlarged(one, 3), weights);
    const b = await computed([1, 11, 8, 1], image, enlarged({ name: 'linear', kernel: 5 }, 3), weights);
    expect(largest(a['sr'].map((value, i) => value - b['sr'][i]))).toBeLessThan(1e-5);
  });

  it.each([
    [[7, 12], 2],
    [[2, 5], 2],
    [
      [3, 9, 6],
      [1, 2, 2],
    ],
  ] as const)('takes %j as if the image went on mirrored', async (sizes, factor) => {
    const spec = sizes.length === 2 ? light : lightVolume;
    const rng = createRng(4);
    const image = uniform(rng, sizeOf(sizes));
    const margin = 9;
    const wide = sizes.map((length) => length + 2 * margin);
    const placeOf = (i: number, shape: readonly number[]) =>
      shape.map((length, axis) => Math.floor(i / sizeOf(shape.slice(axis + 1))) % length);
    const numberOf = (place: readonly number[], shape: readonly number[]) =>
      place.reduce((sum, at, axis) => sum * shape[axis] + at, 0);
    const mirrored = Float32Array.from({ length: sizeOf(wide) }, (_, i) => {
      const from = placeOf(i, wide).map((at, axis) => reflectIndex(at - margin, sizes[axis]));
      return image[numberOf(from, sizes)];
    });
    const { sr } = await computed([1, ...sizes, 1], image, enlarged(spec, factor));
    const whole = await computed([1, ...wide, 1], mirrored, enlarged(spec, factor));
    const factors = typeof factor === 'number' ? sizes.map(() => factor) : factor;
    const small = sizes.map((length, axis) => length * factors[axis]);
    const large = wide.map((length, axis) => length * factors[axis]);
    const difference = sr.map((value, i) => {
      const place = placeOf(i, small).map((at, axis) => at + margin * factors[axis]);
      return value - whole['sr'][numberOf(place, large)];
    });
    expect(largest(difference)).toBeLessThan(1e-4);
  });

  it.each([
    ['planes', light, [6, 5], 2],
    ['volumes', lightVolume, [4, 5, 4], [1, 2, 2]],
  ] as const)('has the slopes that differences show, of %s', async (_, spec, sizes, factor) => {
    const rng = createRng(5);
    const shape = [1, ...sizes, 1];
    const image = uniform(rng, sizeOf(shape));
    const loss = (g: Graph, x: Tensor) => {
      const { sr } = enlarged(spec, factor)(g, x);
      return g.sum(g.mul(sr, g.constant(uniform(createRng(6), sizeOf(sr.shape)), sr.shape)));
    };
    const { slope, byWeight } = await computed(shape, image, (g, x) => {
      const value = loss(g, x);
      const [ofImage, ofWeight] = gradients(g, value, [x, g.read('generator.filter.weight')]);
      return { slope: ofImage, byWeight: ofWeight };
    });
    expect(largest(byWeight)).toBeGreaterThan(0.1);
    // Along the slope itself the difference is far above the rounding of float32.
    const norm = Math.hypot(...slope);
    const step = 2e-3;
    const at = async (sign: number) => {
      const moved = image.map((value, i) => value + (sign * step * slope[i]) / norm);
      return (await computed(shape, moved, (g, x) => ({ value: loss(g, x) })))['value'][0];
    };
    const difference = ((await at(1)) - (await at(-1))) / (2 * step);
    expect(Math.abs(difference / norm - 1)).toBeLessThan(0.01);
  });

  it('counts filters, gates and reach', () => {
    const cost = modelCost(modelSpec.parse({ name: 'oriented' }), { factor: 4, channels: 1 });
    // The bins have two edges each.
    expect(cost.parameters).toBe(72 * 16 * (7 * 7 + 1) + 4);
    // 72 filters of 49 taps for each HR pixel and their sum; tensor and gates are a twentieth besides.
    expect(cost.macsPerPixel).toBeGreaterThan(72 * (49 + 1));
    expect(cost.macsPerPixel).toBeLessThan(1.05 * 72 * (49 + 1));
    // Derivatives see 2 pixels to either side, and their average 4 more.
    expect(cost.receptiveField).toBe(13);
  });
});

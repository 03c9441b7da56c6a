import { createRng, type Rng } from '@lacuna/core';
import { describe, expect, it } from 'vitest';
import {
  Graph,
  buildGenerator,
  convolutionWeights,
  createProgram,
  createTensorFlowEngine,
  fitOrientedRidge,
  fitRidge,
  type FittedWeights,
  modelSpec,
  orientedOptions,
  type LinearPair,
  type ModelSpec,
  type Pixels,
} from '../../src/index.js';
import { largestDifference } from '../linear/applied.js';

const engine = createTensorFlowEngine({ threads: 1 });
const asIs = { mirrors: false, exchange: 'none' } as const;
const turnedAll = { mirrors: true, exchange: 'xyz' } as const;

const noise = (rng: Rng, width: number, height: number, depth?: number): Pixels => ({
  data: Float32Array.from({ length: width * height * (depth ?? 1) }, () => rng.uniform()),
  width,
  height,
  ...(depth === undefined ? {} : { depth }),
  channels: 1,
});

/** Stripes of random strength, constant along x or along y. */
function stripes(rng: Rng, along: 'x' | 'y', side: number): Pixels {
  const lines = Float32Array.from({ length: side }, () => rng.uniform());
  const data = Float32Array.from({ length: side * side }, (_, i) =>
    along === 'x' ? lines[Math.floor(i / side)] : lines[i % side],
  );
  return { data, width: side, height: side, channels: 1 };
}

/** Enlarges by a model and its weights. */
async function applied(spec: ModelSpec, weights: FittedWeights, factor: number | number[], lr: Pixels) {
  const g = new Graph();
  const sizes = lr.depth === undefined ? [lr.height, lr.width] : [lr.depth, lr.height, lr.width];
  const x = g.input('lr', [1, ...sizes, 1]);
  const { sr } = buildGenerator(g, 'generator', x, spec, { factor, channels: 1, training: false });
  const executable = await engine.compile(createProgram(g, { predict: { fetches: { sr } } }));
  await executable.write(
    Object.fromEntries(Object.entries(weights).map(([name, { values }]) => [`generator.${name}`, values])),
  );
  const found = await executable.run('predict', { lr: lr.data });
  executable.dispose();
  return found['sr'];
}

const bankSpec = (options: object) => ({
  model: modelSpec.parse({ name: 'oriented', ...options }),
  bank: orientedOptions.parse(options),
});

describe('oriented ridge', () => {
  it('with one bucket is plain ridge', async () => {
    const rng = createRng(1);
    const pairs = [noise(rng, 20, 17), noise(rng, 15, 19)].map((lr) => ({
      lr,
      hr: noise(rng, 2 * lr.width, 2 * lr.height),
    }));
    const options = { factor: 2, ridge: 1e-3 };
    const { bank } = bankSpec({ kernel: 3, orientations: 1, coherences: 1, strengths: 1 });
    const found = await fitOrientedRidge(pairs, { ...options, bank, shrinkage: 20, turns: asIs, engine });
    const plain = convolutionWeights(fitRidge(pairs, { ...options, kernel: 3 }), 'filter');
    expect(Object.keys(found).sort()).toEqual(Object.keys(plain).sort());
    for (const [name, { shape, values }] of Object.entries(plain)) {
      expect(found[name].shape).toEqual(shape);
      expect(largestDifference(found[name].values, values)).toBeLessThan(1e-6);
    }
  });

  it('gives stripes the filter of their own direction', async () => {
    const rng = createRng(2);
    // What runs along x is doubled, what runs along y is halved: no single filter does both.
    const pairs = (['x', 'y'] as const).flatMap((along) =>
      [0, 1].map((): LinearPair => {
        const lr = stripes(rng, along, 40);
        return { lr, hr: { ...lr, data: lr.data.map((value) => (along === 'x' ? 2 : 0.5) * value) } };
      }),
    );
    const { model, bank } = bankSpec({ kernel: 3, orientations: 4, coherences: 1, strengths: 1 });
    const options = { factor: 1, bank, ridge: 1e-6, shrinkage: 0.1, turns: asIs, engine };
    const weights = await fitOrientedRidge(pairs, options);
    const plain = convolutionWeights(fitRidge(pairs, { factor: 1, ridge: 1e-6, kernel: 3 }), 'filter');
    for (const along of ['x', 'y'] as const) {
      const lr = stripes(rng, along, 24);
      const wanted = lr.data.map((value) => (along === 'x' ? 2 : 0.5) * value);
      expect(largestDifference(await applied(model, weights, 1, lr), wanted)).toBeLessThan(0.02);
      const linear = modelSpec.parse({ name: 'linear', kernel: 3 });
      expect(largestDifference(await applied(linear, plain, 1, lr), wanted)).toBeGreaterThan(0.2);
    }
    // The weights of the bucket along x (the first of four) add up to 2, those along y (the third) to a half.
    const sums = [0, 2].map((own) =>
      weights['filter.weight'].values.reduce((sum, value, i) => (i % 4 === own ? sum + value : sum), 0),
    );
    expect(sums[0] + weights['filter.bias'].values[0]).toBeCloseTo(2, 1);
    expect(sums[1] + weights['filter.bias'].values[2]).toBeCloseTo(0.5, 1);
  });

  it('is the plain filter where a bucket has no pixels', async () => {
    const rng = createRng(3);
    const pairs = [{ lr: stripes(rng, 'x', 30), hr: noise(rng, 30, 30) }];
    const options = { factor: 1, ridge: 1e-3, shrinkage: 20, turns: asIs, engine };
    const { bank } = bankSpec({ kernel: 3, orientations: 2, coherences: 1, strengths: 1, sharpness: 16 });
    const found = await fitOrientedRidge(pairs, { ...options, bank });
    const plain = fitRidge(pairs, { factor: 1, ridge: 1e-3, kernel: 3 });
    const across = found['filter.weight'].values.filter((_, i) => i % 2 === 1);
    expect(largestDifference(across, plain.weights)).toBeLessThan(1e-4);
  });

  it('asks for images that hold a patch', async () => {
    const rng = createRng(4);
    const pair = { lr: noise(rng, 5, 9), hr: noise(rng, 10, 18) };
    const { bank } = bankSpec({});
    await expect(
      fitOrientedRidge([pair], { factor: 2, bank, ridge: 1e-3, shrinkage: 20, turns: asIs, engine }),
    ).rejects.toThrow('wanted at least one of 7 x 7 LR pixels');
  });

  it.each([
    ['planes', [14, 14], 2, { kernel: 3, orientations: 4, coherences: 2, strengths: 2 }],
    ['volumes', [9, 9, 9], [2, 2, 2], { kernel: 3, orientations: 7, coherences: 1, strengths: 2 }],
  ] as const)('with turns enlarges turned %s as it does the others, turned', async (_, sizes, given, options) => {
    const rng = createRng(5);
    const rank = sizes.length;
    const factor = typeof given === 'number' ? given : [...given];
    const depth = rank === 3 ? sizes[0] : undefined;
    const lr = noise(rng, sizes[0], sizes[0], depth);
    const hr = noise(rng, 2 * sizes[0], 2 * sizes[0], depth === undefined ? undefined : 2 * depth);
    const { model, bank } = bankSpec(options);
    const fit = { factor, bank, ridge: 1e-3, shrinkage: 20, turns: turnedAll, engine };
    const weights = await fitOrientedRidge([{ lr, hr }], fit);
    const straight = await applied(model, weights, factor, lr);
    // x and the last of the other axes change places, and one of them is mirrored.
    const turn = (values: Float32Array, side: number) =>
      values.map((__, i) => {
        const at = Array.from({ length: rank }, (___, axis) => Math.floor(i / side ** axis) % side);
        const from = [at.at(-1)!, ...at.slice(1, -1), side - 1 - at[0]];
        return values[from.reduce((sum, place, axis) => sum + place * side ** axis, 0)];
      });
    const turned = await applied(model, weights, factor, { ...lr, data: turn(lr.data, sizes[0]) });
    expect(largestDifference(turned, turn(straight, 2 * sizes[0]))).toBeLessThan(1e-4);
  });
});

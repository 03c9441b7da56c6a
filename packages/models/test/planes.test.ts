import { createRng } from '@lacuna/core';
import { describe, expect, it } from 'vitest';
import {
  Graph,
  buildGenerator,
  buildRegime,
  createProgram,
  createTensorFlowEngine,
  describeModel,
  fitLmmse,
  fitRidge,
  initialVariables,
  modelCost,
  modelSpec,
  parseModelMetadata,
  regimeSpec,
  sizeOf,
  type Executable,
  type ModelSpec,
  type Pixels,
  type RegimeContext,
  type TrainedRegimeSpec,
} from '../src/index.js';
import { applied, largestDifference } from './linear/applied.js';

const engine = createTensorFlowEngine({ threads: 1 });
const rng = createRng(4);
const planes = 5;
const side = 8;

/** [side][side][planes], and its middle plane alone. */
const lr = Float32Array.from({ length: side * side * planes }, () => rng.uniform());
const middle = lr.filter((_, i) => i % planes === (planes - 1) / 2);

/** Weights of one plane as those of several: nothing of the planes beside. */
function withNothingBeside(values: Float32Array, from: readonly number[], to: readonly number[]): Float32Array {
  if (sizeOf(from) === sizeOf(to)) return values;
  const [inputs, outputs] = from.slice(-2);
  expect([inputs, to.at(-2)]).toEqual([1, planes]);
  const out = new Float32Array(sizeOf(to));
  for (let i = 0; i < values.length; i++) {
    const place = Math.floor(i / outputs);
    out[(place * planes + (planes - 1) / 2) * outputs + (i % outputs)] = values[i];
  }
  return out;
}

/** Gives a program of several planes the weights of one of a plane. */
async function copyWeights(from: Graph, { to, into }: { to: Graph; into: Executable }, start = createRng(2)) {
  const values = initialVariables(from, start);
  // Last layers begin near nothing; the comparison needs them to do something.
  for (const { name, shape, trainable } of from.variables.values())
    if (trainable && shape.length === 4) values[name] = values[name].map((value) => value + 0.05 * start.normal());
  const widened = Object.fromEntries(
    Object.entries(values).map(([name, given]) => {
      const [one, many] = [from.variables.get(name)!.shape, to.variables.get(name)!.shape];
      return [name, withNothingBeside(given, one, many)];
    }),
  );
  await into.write(widened);
  return values;
}

const models: readonly [string, object][] = [
  ['fsrcnn', { skip: 'bicubic', d: 6, s: 4, m: 1 }],
  ['srcnn', {}],
  ['linear', { kernel: 3 }],
  ['edsr', { blocks: 1, filters: 4, skip: 'bilinear' }],
  ['rcan', { groups: 1, blocks: 1, filters: 4, reduction: 2 }],
  ['unet', { depth: 1, filters: 4, kernel: 3 }],
  ['resnet-generator', { blocks: 1, filters: 4, grid: 'lr', skip: true }],
  ['pix2pix-unet', { levels: 2, filters: 4, skip: true }],
];

describe('a model of neighbouring planes', () => {
  it.each(models)('%s that gives those beside no weight is the model of the plane', async (name, options) => {
    const spec = modelSpec.parse({ name, ...options } as unknown as ModelSpec);
    const build = (count: number) => {
      const g = new Graph();
      const context = { factor: 2, channels: 1, planes: count, training: false };
      const { sr } = buildGenerator(g, 'generator', g.input('lr', [1, side, side, count]), spec, context);
      return { g, program: createProgram(g, { predict: { fetches: { sr } } }) };
    };
    const [one, many] = [build(1), build(planes)];
    const [planar, several] = [await engine.compile(one.program), await engine.compile(many.program)];
    await planar.write(await copyWeights(one.g, { to: many.g, into: several }));
    const { sr: expected } = await planar.run('predict', { lr: middle });
    const { sr } = await several.run('predict', { lr });
    expect(largestDifference(sr, expected)).toBeLessThan(1e-5);
    planar.dispose();
    several.dispose();
  });

  it.each([
    { kind: 'geometry', consistency: 1 },
    { kind: 'adversarial', discriminator: { layers: 1, filters: 2 } },
  ])('is trained as that one: what it is held to is of the middle plane ($kind)', async (given) => {
    const build = (count: number) => {
      const context: RegimeContext = {
        model: modelSpec.parse({ name: 'fsrcnn', d: 4, s: 2, m: 1, upsampler: 'shuffle', skip: 'bilinear' }),
        factor: 2,
        channels: 1,
        planes: count,
        batch: 1,
        patch: side,
        predictSize: [side, side],
        optimizer: { beta1: 0.5, beta2: 0.9, epsilon: 1e-8, weightDecay: 0, clipNorm: null },
        ema: null,
        threshold: 0.5,
        forward: { kernel: [0.5, 0.5], offset: 0 },
      };
      return buildRegime(regimeSpec.parse(given) as TrainedRegimeSpec, context);
    };
    const [one, many] = [build(1), build(planes)];
    const [planar, several] = [await engine.compile(one.program), await engine.compile(many.program)];
    await planar.write(await copyWeights(one.program.graph, { to: many.program.graph, into: several }));
    const numbers = { learningRate: [1e-3], beta1Power: [0.5], beta2Power: [0.9] };
    const feeds: Record<string, Float32Array> = Object.fromEntries(
      Object.entries(numbers).map(([key, value]) => [key, Float32Array.from(value)]),
    );
    for (const [key, shape] of Object.entries(one.patches))
      feeds[key] = Float32Array.from({ length: sizeOf(shape) }, () => rng.uniform());
    const expected = await planar.run('step', { ...feeds, lr: middle });
    const found = await several.run('step', { ...feeds, lr });
    for (const key of Object.keys(expected).filter((name) => name.startsWith('loss')))
      expect(Math.abs(found[key][0] - expected[key][0]), key).toBeLessThan(1e-5);
    planar.dispose();
    several.dispose();
  });

  it('is refused by the regime whose way back makes one plane', () => {
    const unpaired = regimeSpec.parse({ kind: 'unpaired' }) as TrainedRegimeSpec;
    expect(() => buildRegime(unpaired, { planes: 3 } as RegimeContext)).toThrow(
      'regime unpaired: got 3 neighbouring planes for one',
    );
  });

  it('costs its first layer as often as there are planes, and nothing else', () => {
    const model = modelSpec.parse({ name: 'fsrcnn', d: 6, s: 4, m: 1 });
    const [one, five] = [1, 5].map((count) => modelCost(model, { factor: 2, channels: 1, planes: count }));
    expect(five.parameters - one.parameters).toBe(4 * 25 * 6);
    expect((five.macsPerPixel - one.macsPerPixel) * 4).toBeCloseTo(4 * 25 * 6, 6);
  });

  it('says how it cuts volumes, and a file that says it wrongly is refused', () => {
    const model = modelSpec.parse({ name: 'linear' });
    const slicing = { axis: 'y', neighbours: 1, between: null } as const;
    const text = describeModel({ model, factor: [4, 1], channels: 1, slicing });
    expect(parseModelMetadata('file', text)).toMatchObject({ factor: [4, 1], slicing });
    expect(() => parseModelMetadata('file', { ...text, slicing: '{"axis":"t"}' })).toThrow('file: got slicing');
  });
});

describe('a linear filter of neighbouring planes', () => {
  const size = { width: 12, height: 10, depth: 7 };
  const noise = (scale: number): Pixels => ({
    data: Float32Array.from({ length: scale * scale * 840 }, () => rng.normal()),
    width: scale * size.width,
    height: scale * size.height,
    depth: size.depth,
    channels: 1,
  });
  const pairs = [{ lr: noise(1), hr: noise(2) }];

  it.each([
    ['ridge', (of: object) => fitRidge(pairs, { kernel: 3, ridge: 1e-2, ...of } as never)],
    [
      'lmmse',
      (of: object) =>
        fitLmmse([pairs[0].hr], {
          kernel: 3,
          noiseVariance: 0.1,
          forward: {
            x: { kernel: [0.5, 0.5], offset: 0 },
            y: { kernel: [0.5, 0.5], offset: 0 },
            z: { kernel: [0.25, 0.5, 0.25], offset: -1 },
          },
          ...of,
        } as never),
    ],
  ])('%s is the filter of the volume that is as deep', async (_, fit) => {
    const volume = fit({ factor: [1, 2, 2] });
    const filter = fit({ factor: 2, planes: 3 });
    expect(largestDifference(filter.weights, volume.weights)).toBeLessThan(1e-9);
    // Applied to the middle of the volume, plane by plane of channels.
    const { lr: scan } = pairs[0];
    const count = size.width * size.height;
    const beside = Float32Array.from(
      { length: 3 * count },
      (_, i) => scan.data[(2 + (i % 3)) * count + Math.floor(i / 3)],
    );
    const expected = (await applied(volume, scan)).data.subarray(3 * 4 * count, 4 * 4 * count);
    const found = await applied(filter, { data: beside, width: size.width, height: size.height, channels: 3 });
    expect(largestDifference(found.data, expected)).toBeLessThan(1e-4);
  });
});

import { createRng } from '@lacuna/core';
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import {
  buildRegime,
  closedFormFit,
  convolutionWeights,
  describeModel,
  factorOf,
  fitRidge,
  loadModel,
  modelCost,
  modelSpec,
  readTensorFile,
  regimeSpec,
  sizeOf,
  trainModel,
  trainingSpec,
  writeTensorFile,
  type FitSource,
  type PerAxis,
  type Pixels,
  type TrainOptions,
  type TrainedRegimeSpec,
} from '../../src/index.js';
import { applied, largestDifference } from '../linear/applied.js';
import { engine, newFolder, toyBatches } from './toy.js';

const random = (label: string, sizes: readonly number[]): Pixels => {
  const [width, height, depth = 1] = [...sizes].reverse();
  const rng = createRng(11).fork(label);
  const data = Float32Array.from({ length: depth * height * width }, () => rng.uniform());
  return { data, width, height, ...(sizes.length === 3 ? { depth } : {}), channels: 1 };
};

/** A noisy pair: every HR pixel is what its coarse one is, and noise. */
function source(lrSizes: readonly number[], factor: readonly number[]): FitSource {
  const hr = random(
    'hr',
    lrSizes.map((length, axis) => length * factor[axis]),
  );
  const box = { kernel: [0.5, 0.5], offset: 0 };
  return {
    pairs: [{ lr: random('lr', lrSizes), hr }],
    forward: { x: box, y: box, z: factor.length === 3 && factor[0] === 2 ? box : null },
    noiseVariance: () => 0.01,
    turns: { mirrors: false, exchange: 'none' },
    engine: engine(),
  };
}

const fitOf = async (model: object, factor: PerAxis, fitSource: FitSource) =>
  closedFormFit(modelSpec.parse(model))!.weights(fitSource, { factor, channels: 1 });

const thin = { name: 'fsrcnn', d: 4, s: 2, m: 1, upsampler: 'shuffle', core: { kernel: 3 } } as const;

describe('a linear core', () => {
  const edsr = { name: 'edsr', blocks: 1, filters: 2, core: { kernel: 3 } };
  const rcan = { name: 'rcan', groups: 1, blocks: 1, filters: 4, reduction: 2, core: { kernel: 3 } };
  it.each<[string, object, PerAxis]>([
    ['fsrcnn, ridge', { ...thin, skip: 'ridge' }, 2],
    ['fsrcnn, lmmse', { ...thin, skip: 'lmmse' }, 2],
    ['fsrcnn, lmmse', { ...thin, skip: 'lmmse' }, [1, 2, 2]],
    ['edsr, ridge', { ...edsr, skip: 'ridge' }, [2, 2, 2]],
    ['rcan, ridge', { ...rcan, skip: 'ridge' }, [1, 2, 2]],
  ])('of %s, %#: a network of zeros leaves the filter alone', async (_, spec, factor) => {
    const model = modelSpec.parse(spec);
    const sizes = factorOf(factor).map(() => 7);
    const weights = await fitOf(spec, factor, source(sizes, factorOf(factor)));
    const path = `${newFolder()}/best.safetensors`;
    const regime = regimeOf(spec, factor);
    const tensors = Object.fromEntries(
      regime.generator.map((each) => {
        const { shape } = regime.program.graph.requireVariable(each);
        const fitted = weights[each.replace('generator.', '')];
        return [each, fitted ?? { shape, values: new Float32Array(sizeOf(shape)) }];
      }),
    );
    writeTensorFile(path, { tensors, metadata: describeModel({ model, factor, channels: 1 }) });
    const loaded = await loadModel(path, { engine: engine() });
    const lr = random('seen', sizes);
    const sr = await loaded.predict(lr);
    loaded.dispose();
    const filter = {
      kernel: 3,
      factor,
      weights: Float64Array.from(weights['core.weight'].values),
      bias: Float64Array.from(weights['core.bias'].values),
    };
    expect(largestDifference(sr.data, (await applied(filter, lr)).data)).toBeLessThan(1e-6);
  });

  it('of ridge is the ridge regression of the linear regime, of 7 x 7 pixels where nothing is said', async () => {
    const seen = source([9, 9], [2, 2]);
    const expected = fitRidge(seen.pairs, { kernel: 7, factor: 2, ridge: 1e-3 });
    const { core: _, ...plain } = thin;
    expect(await fitOf({ ...plain, skip: 'ridge' }, 2, seen)).toEqual(convolutionWeights(expected, 'core'));
  });

  it('is counted: its parameters and its work', () => {
    const cost = (skip: string) =>
      modelCost(modelSpec.parse({ name: 'fsrcnn', upsampler: 'shuffle', skip }), { factor: 4, channels: 1 });
    expect(cost('ridge').parameters - cost('none').parameters).toBe(49 * 16 + 16);
    expect(cost('ridge').macsPerPixel - cost('none').macsPerPixel).toBeCloseTo(49, 6);
  });

  it('is refused where no filter is fitted, and by fits that cannot be made', async () => {
    const parsed = modelSpec.safeParse({ name: 'edsr', skip: 'bilinear', core: {} });
    expect(parsed.error?.issues.map(({ path, message }) => `${path.join('.')}: ${message}`)).toEqual([
      'core: core is the filter of skip: ridge or lmmse; set one of them, or leave core out',
    ]);
    const small = source([5, 5], [2, 2]);
    await expect(fitOf({ name: 'edsr', skip: 'ridge' }, 2, small)).rejects.toThrow('make model.core.kernel smaller');
    await expect(fitOf({ name: 'edsr', skip: 'lmmse' }, 2, { ...small, forward: null })).rejects.toThrow(
      'use skip: ridge, or degradation.kind: confocal, ct or bicubic',
    );
    expect(closedFormFit(modelSpec.parse({ name: 'edsr', skip: 'bilinear' }))).toBeNull();
    expect(closedFormFit(modelSpec.parse({ name: 'unet' }))).toBeNull();
  });
});

function regimeOf(model: object, factor: PerAxis = 2) {
  const patch = factorOf(factor).map(() => 8);
  return buildRegime(regimeSpec.parse({ kind: 'paired' }) as TrainedRegimeSpec, {
    model: modelSpec.parse(model),
    factor,
    channels: 1,
    batch: 2,
    patch,
    predictSize: patch,
    optimizer: { beta1: 0.5, beta2: 0.999, epsilon: 1e-8, weightDecay: 0.01, clipNorm: 10 },
    ema: 0.9,
    threshold: null,
    forward: null,
  });
}

describe('training', () => {
  const train = (folder: string, trained: boolean, options: Partial<TrainOptions> = {}) => {
    const model = { ...thin, skip: 'ridge', core: { kernel: 3, trained } };
    const regime = regimeOf(model);
    return trainModel({
      engine: engine(),
      regime,
      seed: 3,
      folder,
      batches: toyBatches(regime),
      fitted: () => fitted(model),
      validate: async () => ({ psnr: 1 }),
      metadata: describeModel({ model: modelSpec.parse(model), factor: 2, channels: 1 }),
      training: trainingSpec.parse({ steps: 6, logEvery: 1, validateEvery: 6, checkpointEvery: 4 }),
      ...options,
    });
  };
  const fitted = async (model: object) =>
    Object.fromEntries(
      Object.entries(await fitOf(model, 2, source([9, 9], [2, 2]))).map(([name, { values }]) => [
        `generator.${name}`,
        values,
      ]),
    );
  const core = (path: string) => readTensorFile(path).tensors['generator.core.weight'].values;
  const start = fitted({ ...thin, skip: 'ridge' }).then((weights) => weights['generator.core.weight']);

  it.each([true, false])(
    'keeps the filter or goes on from it (%s); stopped and started again, it fits once and ends the same',
    async (trained) => {
      const whole = newFolder();
      const broken = newFolder();
      await train(whole, trained);
      const controller = new AbortController();
      const stop = ({ step }: { step: number }) => {
        if (step === 5) controller.abort();
      };
      await train(broken, trained, { signal: controller.signal, onProgress: stop });
      const again = () => {
        throw new Error('fitted again');
      };
      expect((await train(broken, trained, { fitted: again })).status).toBe('finished');
      for (const file of ['last', 'best']) {
        const path = `${file}.safetensors`;
        expect(readFileSync(`${broken}/${path}`).equals(readFileSync(`${whole}/${path}`)), file).toBe(true);
        // Decay of weights and their running average leave a fixed filter alone.
        const moved = largestDifference(core(`${whole}/${path}`), await start);
        if (trained) expect(moved).toBeGreaterThan(1e-4);
        else expect(moved).toBe(0);
      }
    },
  );

  it('begins with no weight that was to be fitted and is not, or has another size', async () => {
    await expect(train(newFolder(), false, { fitted: () => ({}) })).rejects.toThrow(
      'weight generator.core.weight: got no value, wanted what was fitted to the training pairs',
    );
    const short = { ...(await fitted({ ...thin, skip: 'ridge' })), 'generator.core.weight': (await start).slice(1) };
    await expect(train(newFolder(), false, { fitted: () => short })).rejects.toThrow('got 35 values, wanted 36');
  });
});

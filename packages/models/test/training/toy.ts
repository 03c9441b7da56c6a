import { createRng } from '@lacuna/core';
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  buildRegime,
  createTensorFlowEngine,
  describeModel,
  modelSpec,
  regimeSpec,
  sizeOf,
  trainModel,
  trainingSpec,
  type Engine,
  type Regime,
  type TrainOptions,
  type TrainOutcome,
  type TrainedRegimeSpec,
} from '../../src/index.js';

/** The smallest trial of each regime: a few hundred weights, patches of 8 at x2. */
const toys = {
  paired: {
    model: { name: 'fsrcnn', d: 4, s: 2, m: 1, upsampler: 'shuffle', skip: 'bilinear' },
    regime: { kind: 'paired' },
  },
  adversarial: {
    model: { name: 'pix2pix-unet', levels: 2, filters: 2 },
    regime: { kind: 'adversarial', discriminator: { layers: 1, filters: 2 } },
  },
  'adversarial with dropout': {
    model: { name: 'pix2pix-unet', levels: 6, filters: 1 },
    regime: { kind: 'adversarial', discriminator: { layers: 1, filters: 2 } },
    patch: 32,
    batch: 1,
  },
  'unpaired on the LR grid': {
    model: { name: 'resnet-generator', blocks: 1, filters: 2, grid: 'lr', skip: true },
    regime: {
      kind: 'unpaired',
      poolSize: 3,
      discriminator: { layers: 1, filters: 2, norm: 'instance' },
      backward: { kind: 'learned', blocks: 1, filters: 2 },
    },
  },
  'unpaired on the HR grid': {
    model: { name: 'resnet-generator', blocks: 1, filters: 2 },
    regime: { kind: 'unpaired', poolSize: 3, discriminator: { layers: 1, filters: 2, norm: 'instance' } },
  },
  'unpaired, known way back': {
    model: { name: 'resnet-generator', blocks: 1, filters: 2, grid: 'lr' },
    regime: {
      kind: 'unpaired',
      poolSize: 2,
      discriminator: { layers: 1, filters: 2, norm: 'instance' },
      backward: { kind: 'known' },
    },
    patch: 6,
    batch: 1,
  },
  geometry: {
    model: { name: 'fsrcnn', d: 4, s: 2, m: 1, upsampler: 'shuffle', skip: 'bilinear' },
    regime: { kind: 'geometry', softClDice: 0.01, softClDiceIterations: 2 },
  },
} as const;
export type Toy = keyof typeof toys;
export const toyNames = Object.keys(toys) as Toy[];

const box = { kernel: [0.5, 0.5], offset: 0 };

/** A toy's regime; weights are averaged and gradients clipped, so that both are under test everywhere. */
export function toyRegime(name: Toy, optimizer = { beta1: 0.5, beta2: 0.999 }): Regime {
  const toy = toys[name];
  const patch = 'patch' in toy ? toy.patch : 8;
  const batch = 'batch' in toy ? toy.batch : 2;
  return buildRegime(regimeSpec.parse(toy.regime) as TrainedRegimeSpec, {
    model: modelSpec.parse(toy.model),
    factor: 2,
    channels: 1,
    batch,
    patch,
    predictSize: [patch, patch],
    optimizer: { ...optimizer, epsilon: 1e-8, weightDecay: 0, clipNorm: 10 },
    ema: 0.9,
    threshold: 0.5,
    forward: box,
  });
}

/** Bars of light at a slope: HR from a formula, LR its 2x2 means; the other maps are 0 or 1 where it is bright. */
export function toyBatches(regime: Regime): (step: number) => Promise<Record<string, Float32Array>> {
  return async (step) => {
    const [n, side] = regime.patches['lr'] as [number, number];
    const hrSide = 2 * side;
    const scene = (label: string) => {
      const rng = createRng(7).fork(`${label}/${step}`);
      const lr = new Float32Array(n * side * side);
      const hr = new Float32Array(n * hrSide * hrSide);
      for (let k = 0; k < n; k++) {
        const phase = 6 * rng.uniform();
        for (let y = 0; y < hrSide; y++)
          for (let x = 0; x < hrSide; x++) {
            const value = 0.5 + 0.4 * Math.sin(0.9 * x + 0.4 * y + phase);
            hr[(k * hrSide + y) * hrSide + x] = value;
            lr[(k * side + (y >> 1)) * side + (x >> 1)] += value / 4;
          }
      }
      return { lr, hr };
    };
    const { lr, hr } = scene('pair');
    const bright = hr.map((value) => (value > 0.5 ? 1 : 0));
    const feeds: Record<string, Float32Array> = {
      lr,
      hr,
      hrUnpaired: scene('other').hr,
      mask: bright,
      tube: bright,
      distance: hr,
      centreline: bright,
    };
    if (regime.patches['orientation'])
      feeds['orientation'] = new Float32Array(sizeOf(regime.patches['orientation'])).fill(0.5);
    return feeds;
  };
}

let opened: Engine | null = null;
export const engine = (): Engine => (opened ??= createTensorFlowEngine({ threads: 1 }));
export const newFolder = (): string => mkdtempSync(join(tmpdir(), 'lacuna-training-'));

/** Trains a toy; what is left out is harmless. */
export function trainToy(
  name: Toy,
  options: Partial<Omit<TrainOptions, 'training'>> & { folder: string; training?: Record<string, unknown> },
): Promise<TrainOutcome> {
  const regime = options.regime ?? toyRegime(name);
  return trainModel({
    engine: engine(),
    regime,
    seed: 3,
    batches: toyBatches(regime),
    validate: async () => ({ psnr: 1 }),
    metadata: describeModel({ model: modelSpec.parse(toys[name].model), factor: 2, channels: 1 }),
    ...options,
    training: trainingSpec.parse({
      steps: 20,
      logEvery: 1,
      validateEvery: 10,
      checkpointEvery: 5,
      optimizer: { learningRate: 2e-3, beta1: 0.5 },
      ...options.training,
    }),
  });
}

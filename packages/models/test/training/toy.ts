import { createRng } from '@lacuna/core';
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  buildRegime,
  createTensorFlowEngine,
  describeModel,
  generatorShapes,
  modelSpec,
  regimeSpec,
  sizeOf,
  trainModel,
  trainingSpec,
  whyNoBf16,
  type CriticalWeights,
  type Engine,
  type Executable,
  type InitialWeights,
  type Program,
  type Regime,
  type RegimeContext,
  type Teacher,
  type TrainOptions,
  type TrainOutcome,
  type TrainedRegimeSpec,
} from '../../src/index.js';

/** Whether convolutions in bfloat16 are to be had here. */
export const hasBf16 = whyNoBf16({ engine: 'tensorflow', device: 'CPU' }) === null;

/**
 * The smallest trial of each regime: a few hundred weights, patches of 8 at x2. Volumes name their patch and factor by
 * axis.
 */
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
  light: {
    model: { name: 'fsrcnn', d: 4, s: 2, m: 1, upsampler: 'shuffle', skip: 'bilinear' },
    regime: {
      kind: 'light',
      poolSize: 3,
      discriminator: { layers: 1, filters: 2, norm: 'instance' },
    },
  },
  'light, volumes': {
    model: { name: 'fsrcnn', d: 4, s: 2, m: 1, upsampler: 'shuffle', skip: 'bilinear' },
    regime: {
      kind: 'light',
      poolSize: 2,
      discriminator: { layers: 1, filters: 2, norm: 'instance' },
    },
    patch: [6, 6, 6],
    factor: [1, 2, 2],
    batch: 1,
  },
  cut: {
    model: { name: 'resnet-generator', blocks: 1, filters: 2 },
    regime: { kind: 'cut', poolSize: 3, places: 16, discriminator: { layers: 1, filters: 2, norm: 'instance' } },
  },
  equivariant: {
    model: { name: 'fsrcnn', d: 4, s: 2, m: 1, upsampler: 'shuffle', skip: 'bilinear' },
    regime: { kind: 'equivariant' },
  },
  geometry: {
    model: { name: 'fsrcnn', d: 4, s: 2, m: 1, upsampler: 'shuffle', skip: 'bilinear' },
    regime: { kind: 'geometry', softClDice: 0.01, softClDiceIterations: 2 },
  },
  'geometry, a head kept': {
    model: { name: 'fsrcnn', d: 4, s: 2, m: 1, upsampler: 'shuffle', skip: 'bilinear' },
    regime: { kind: 'geometry', heads: 0, networkHead: 0.1 },
  },
  'geometry at times': {
    model: { name: 'fsrcnn', d: 4, s: 2, m: 1, upsampler: 'shuffle', skip: 'bilinear' },
    regime: {
      kind: 'geometry',
      softClDice: 0.01,
      softClDiceIterations: 2,
      softClDiceFrom: 0.3,
      softClDiceEvery: 2,
      topology: 0.1,
      topologyEvery: 3,
      topologyFrom: 0.1,
    },
  },
  'geometry, neighbouring planes': {
    model: { name: 'fsrcnn', d: 4, s: 2, m: 1, upsampler: 'shuffle', skip: 'bilinear' },
    regime: { kind: 'geometry' },
    planes: 3,
  },
  'paired, volumes': {
    model: { name: 'edsr', blocks: 1, filters: 2, skip: 'bicubic' },
    regime: { kind: 'paired' },
    patch: [3, 6, 6],
    factor: [2, 2, 2],
  },
  'adversarial, volumes': {
    model: { name: 'unet', depth: 1, filters: 2, kernel: 3 },
    regime: { kind: 'adversarial', discriminator: { layers: 1, filters: 2 } },
    patch: [8, 4, 4],
    factor: [1, 2, 2],
    batch: 1,
  },
  'unpaired, volumes, known way back': {
    model: { name: 'resnet-generator', blocks: 1, filters: 2, grid: 'lr' },
    regime: {
      kind: 'unpaired',
      poolSize: 2,
      discriminator: { layers: 1, filters: 2, norm: 'instance' },
      backward: { kind: 'known' },
    },
    patch: [6, 6, 6],
    factor: [1, 2, 2],
    batch: 1,
  },
  'paired, tied weights': {
    model: { name: 'edsr', blocks: 1, filters: 8, skip: 'bilinear', symmetry: 'square' },
    regime: { kind: 'paired' },
  },
  'paired, a teacher': {
    model: { name: 'fsrcnn', d: 4, s: 2, m: 1, upsampler: 'shuffle', skip: 'bilinear' },
    regime: { kind: 'paired', teacher: { from: { method: 'teacher' } } },
    teacher: { model: { name: 'edsr', blocks: 1, filters: 2, skip: 'bicubic' }, networkHead: false },
  },
  'geometry, volumes, a teacher': {
    model: { name: 'edsr', blocks: 1, filters: 2, skip: 'bicubic' },
    regime: { kind: 'geometry', networkHead: 0.1, teacher: { from: { file: 'teacher.safetensors' }, network: 0.1 } },
    teacher: { model: { name: 'edsr', blocks: 1, filters: 3, skip: 'bicubic' }, networkHead: true },
    patch: [4, 6, 6],
    factor: [1, 2, 2],
    batch: 1,
  },
  'paired, bf16': {
    model: { name: 'edsr', blocks: 1, filters: 8, skip: 'bilinear' },
    regime: { kind: 'paired' },
    patch: 12,
    precision: 'bf16',
  },
  'adversarial, volumes, bf16': {
    model: { name: 'unet', depth: 1, filters: 8, kernel: 3 },
    regime: { kind: 'adversarial', discriminator: { layers: 1, filters: 8 } },
    patch: [8, 4, 4],
    factor: [1, 2, 2],
    batch: 1,
    precision: 'bf16',
  },
  'geometry, volumes': {
    model: { name: 'fsrcnn', d: 4, s: 2, m: 1, upsampler: 'shuffle', skip: 'bilinear' },
    regime: { kind: 'geometry', softClDice: 0.01, softClDiceIterations: 1 },
    patch: [4, 6, 6],
    factor: [1, 2, 2],
  },
} as const;
export type Toy = keyof typeof toys;

/** What the smallest paired model is built in: nothing averaged, nothing clipped, no forward model. */
export const toyContext: RegimeContext = {
  model: modelSpec.parse(toys.paired.model),
  factor: 2,
  channels: 1,
  batch: 2,
  patch: 8,
  predictSize: [8, 8],
  optimizer: { beta1: 0.5, beta2: 0.999, epsilon: 1e-8, weightDecay: 0, clipNorm: null },
  ema: null,
  threshold: 0.5,
  forward: null,
};

/** The toys that this machine can train. */
export const toyNames = (Object.keys(toys) as Toy[]).filter((name) => hasBf16 || !('precision' in toys[name]));

/** In place of regions: every wrong pixel counts the same. */
const toyWeights: CriticalWeights = (probability, mask) => {
  const wrong = probability.map((p, i) => (p > 0.5 === mask[i] > 0.5 ? 0 : 1));
  const count = wrong.reduce((sum, value) => sum + value, 0);
  return wrong.map((value) => value / Math.max(1, count));
};

const box = { kernel: [0.5, 0.5], offset: 0 };

/** Patch and factor of a toy along each axis. */
function toyAxes(name: Toy): { patch: readonly number[]; factor: readonly number[] } {
  const toy = toys[name];
  const patch = 'patch' in toy ? toy.patch : 8;
  if (typeof patch === 'number') return { patch: [patch, patch], factor: [2, 2] };
  return { patch, factor: 'factor' in toy ? toy.factor : patch.map(() => 2) };
}

/** A toy's regime; weights are averaged and gradients clipped, so that both are under test everywhere. */
export function toyRegime(name: Toy, optimizer = { beta1: 0.5, beta2: 0.999 }): Regime {
  const toy = toys[name];
  const { patch, factor } = toyAxes(name);
  const flat = factor[0] === 1 ? { x: box, y: box, z: null } : box;
  return buildRegime(regimeSpec.parse(toy.regime) as TrainedRegimeSpec, {
    model: modelSpec.parse(toy.model),
    factor,
    channels: 1,
    planes: 'planes' in toy ? toy.planes : 1,
    batch: 'batch' in toy ? toy.batch : 2,
    patch,
    predictSize: patch,
    optimizer: { ...optimizer, epsilon: 1e-8, weightDecay: 0, clipNorm: 10 },
    ema: 0.9,
    precision: 'precision' in toy ? toy.precision : 'float32',
    threshold: 0.5,
    forward: flat,
    noise: { photons: 200, readNoise: 0.02 },
    criticalWeights: toyWeights,
    teacher: toyTeacher(name),
  });
}

function toyTeacher(name: Toy): Teacher | null {
  const toy = toys[name];
  return 'teacher' in toy ? { ...toy.teacher, model: modelSpec.parse(toy.teacher.model) } : null;
}

/** The weights of a toy's teacher, drawn; none where it has no teacher. */
function toyTeacherWeights(name: Toy): { teacher?: InitialWeights } {
  const teacher = toyTeacher(name);
  if (teacher === null) return {};
  const { factor } = toyAxes(name);
  const shapes = generatorShapes(teacher.model, { factor, channels: 1, networkHead: teacher.networkHead });
  const tensors = Object.entries(shapes).map(([weight, shape]) => {
    const rng = createRng(11).fork(weight);
    return [weight, { shape, values: Float32Array.from({ length: sizeOf(shape) }, () => 0.1 * rng.normal()) }] as const;
  });
  return { teacher: { who: 'teacher', tensors: Object.fromEntries(tensors) } };
}

/** Bars of light at a slope: HR from a formula, LR its 2x2 means; the other maps are 0 or 1 where it is bright. */
export function toyBatches(regime: Regime): (step: number) => Promise<Record<string, Float32Array>> {
  const [n, ...lrSizes] = regime.patches['lr'].slice(0, -1);
  const planes = regime.patches['lr'].at(-1)!;
  const given = regime.patches['hr'] ?? regime.patches['hrUnpaired'];
  const [, ...hrSizes] = given === undefined ? [n, ...lrSizes.map((length) => 2 * length)] : given.slice(0, -1);
  const [depth, height, width] = lrSizes.length === 3 ? lrSizes : [1, ...lrSizes];
  const [hrDepth, hrHeight, hrWidth] = hrSizes.length === 3 ? hrSizes : [1, ...hrSizes];
  const cells = (hrDepth / depth) * (hrHeight / height) * (hrWidth / width);
  const scene = (label: string, step: number) => {
    const rng = createRng(7).fork(`${label}/${step}`);
    const lr = new Float32Array(n * depth * height * width);
    const hr = new Float32Array(n * hrDepth * hrHeight * hrWidth);
    for (let k = 0, at = 0; k < n; k++) {
      const phase = 6 * rng.uniform();
      for (let z = 0; z < hrDepth; z++)
        for (let y = 0; y < hrHeight; y++)
          for (let x = 0; x < hrWidth; x++, at++) {
            const value = 0.5 + 0.4 * Math.sin(0.9 * x + 0.4 * y + 0.3 * z + phase);
            const [i, j, m] = [(z * depth) / hrDepth, (y * height) / hrHeight, (x * width) / hrWidth].map(Math.floor);
            hr[at] = value;
            lr[((k * depth + i) * height + j) * width + m] += value / cells;
          }
    }
    return { lr, hr };
  };
  return async (step) => {
    const { lr, hr } = scene('pair', step);
    const bright = hr.map((value) => (value > 0.5 ? 1 : 0));
    const feeds: Record<string, Float32Array> = {
      // Planes beside it are a little darker.
      lr: Float32Array.from({ length: planes * lr.length }, (_, i) => {
        const away = Math.abs((i % planes) - (planes - 1) / 2);
        return lr[Math.floor(i / planes)] * (1 - 0.1 * away);
      }),
      hr,
      hrUnpaired: scene('other', step).hr,
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

/** A toy's regime with its program compiled, for the trainings that are made of it one after another. */
interface CompiledToy {
  readonly regime: Regime;
  readonly executable: Promise<Executable>;
  isTraining: boolean;
}

const compiled = new Map<Toy, CompiledToy>();

/**
 * A toy's regime and an engine whose program is compiled already: TensorFlow optimises a graph in up to a second and
 * runs a step of a toy in milliseconds. Each training finds NaN in every variable: nothing is left of the one before.
 */
function compiledOnce(name: Toy): { regime: Regime; engine: Engine } {
  const toy = compiled.get(name) ?? compileToy(name);
  compiled.set(name, toy);
  const compile = async (program: Program): Promise<Executable> => {
    if (toy.isTraining || program !== toy.regime.program) return engine().compile(program);
    toy.isTraining = true;
    const executable = await toy.executable;
    const variables = [...program.graph.variables.values()];
    await executable.write(
      Object.fromEntries(variables.map(({ name, shape }) => [name, new Float32Array(sizeOf(shape)).fill(NaN)])),
    );
    return { ...executable, dispose: () => (toy.isTraining = false) };
  };
  return { regime: toy.regime, engine: { ...engine(), compile } };
}

function compileToy(name: Toy): CompiledToy {
  const regime = toyRegime(name);
  return { regime, executable: engine().compile(regime.program), isTraining: false };
}

export const newFolder = (): string => mkdtempSync(join(tmpdir(), 'lacuna-training-'));

/** Trains a toy; what is left out is harmless. */
export function trainToy(
  name: Toy,
  options: Partial<Omit<TrainOptions, 'training'>> & { folder: string; training?: Record<string, unknown> },
): Promise<TrainOutcome> {
  const toy = options.regime ? { regime: options.regime, engine: engine() } : compiledOnce(name);
  const { regime } = toy;
  return trainModel({
    ...toy,
    seed: 3,
    batches: toyBatches(regime),
    validate: async () => ({ psnr: 1 }),
    metadata: describeModel({ model: modelSpec.parse(toys[name].model), factor: 2, channels: 1 }),
    ...toyTeacherWeights(name),
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

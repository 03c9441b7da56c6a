// Trains a tiny unpaired trial in a folder (argv 2) in a process of its own, and kills itself at a step (argv 3). Runs
// the compiled package.
import { createRng } from '../../../core/dist/index.js';
import {
  buildRegime,
  createTensorFlowEngine,
  describeModel,
  modelSpec,
  regimeSpec,
  sizeOf,
  trainModel,
  trainingSpec,
} from '../../dist/index.js';

const [folder, killAt] = process.argv.slice(2);
const model = modelSpec.parse({ name: 'resnet-generator', blocks: 1, filters: 2, grid: 'lr', skip: true });
const regime = buildRegime(
  regimeSpec.parse({
    kind: 'unpaired',
    poolSize: 3,
    discriminator: { layers: 1, filters: 2, norm: 'instance' },
    backward: { kind: 'learned', blocks: 1, filters: 2 },
  }),
  {
    model,
    factor: 2,
    channels: 1,
    batch: 2,
    patch: 8,
    predictSize: [8, 8],
    optimizer: { beta1: 0.5, beta2: 0.999, epsilon: 1e-8, weightDecay: 0, clipNorm: null },
    ema: 0.9,
    threshold: null,
    forward: null,
  },
);
const outcome = await trainModel({
  engine: createTensorFlowEngine({ threads: 1 }),
  regime,
  seed: 3,
  folder,
  metadata: describeModel({ model, factor: 2, channels: 1 }),
  training: trainingSpec.parse({ steps: 12, logEvery: 1, validateEvery: 4, checkpointEvery: 3 }),
  batches: async (step) =>
    Object.fromEntries(
      Object.entries(regime.patches).map(([name, shape]) => {
        const rng = createRng(5).fork(`${name}/${step}`);
        return [name, Float32Array.from({ length: sizeOf(shape) }, () => rng.uniform())];
      }),
    ),
  validate: async (_, step) => ({ psnr: step }),
  onProgress: ({ step }) => {
    if (step === Number(killAt)) process.kill(process.pid, 'SIGKILL');
  },
});
console.log(outcome.status);

// Trains 25 steps in a process of its own and prints a digest of all variables. Runs the compiled package.
import { createHash } from 'node:crypto';
import { createRng } from '../../../core/dist/index.js';
import {
  buildRegime,
  createTensorFlowEngine,
  initialVariables,
  regimeSpec,
  modelSpec,
  sizeOf,
} from '../../dist/index.js';

const regime = buildRegime(regimeSpec.parse({ kind: 'paired' }), {
  model: modelSpec.parse({ name: 'fsrcnn', d: 16, s: 8, m: 2 }),
  factor: 2,
  channels: 1,
  batch: 4,
  patch: 16,
  predictSize: [16, 16],
  optimizer: { beta1: 0.9, beta2: 0.999, epsilon: 1e-8, weightDecay: 0, clipNorm: null },
  ema: 0.99,
  threshold: null,
  forward: null,
});
const executable = await createTensorFlowEngine({ threads: 2 }).compile(regime.program);
await executable.write(initialVariables(regime.program.graph, createRng(5)));
const rng = createRng(6);
const patches = Object.fromEntries(
  Object.entries(regime.patches).map(([name, shape]) => [
    name,
    Float32Array.from({ length: sizeOf(shape) }, () => rng.uniform()),
  ]),
);
for (let step = 1; step <= 25; step++) {
  await executable.run('step', {
    ...patches,
    learningRate: Float32Array.of(1e-3),
    beta1Power: Float32Array.of(0.9 ** step),
    beta2Power: Float32Array.of(0.999 ** step),
  });
}
const hash = createHash('sha256');
for (const values of Object.values(await executable.read()))
  hash.update(new Uint8Array(values.buffer, values.byteOffset, values.byteLength));
console.log(hash.digest('hex'));

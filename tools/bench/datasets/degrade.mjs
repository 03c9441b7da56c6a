// Degrading a 2048 x 2048 image by 4 against SciPy and scikit-image, turn by turn in one run, noise included, float32
// in and out. usage: node tools/bench/datasets/degrade.mjs [--rounds 9] [--quick]
// (needs a build, and LACUNA_PYTHON with scikit-image)
import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { benchOptions } from '../options.mjs';
import { createImage, createRng } from '../../../packages/core/dist/index.js';
import { degrade, degradationSpec } from '../../../packages/datasets/dist/index.js';

const python = process.env.LACUNA_PYTHON;
if (!python) throw new Error('LACUNA_PYTHON names no Python with scikit-image');
const rounds = Number(benchOptions({ rounds: { type: 'string', default: '9' } }, { rounds: '1' }).rounds);
const side = 2048;
const rng = createRng(1);
const hr = createImage({
  data: Float32Array.from({ length: side * side }, () => rng.uniform()),
  width: side,
  height: side,
  dataRange: [0, 1],
});
const peer = spawn(python, [new URL('./degrade_peer.py', import.meta.url).pathname], {
  stdio: ['pipe', 'pipe', 'inherit'],
});
const answers = createInterface({ input: peer.stdout })[Symbol.asyncIterator]();
const ask = async (task) => {
  peer.stdin.write(`${task}\n`);
  return Number((await answers.next()).value);
};
const specs = {
  confocal: { kind: 'confocal', psfSigmaPx: 1 },
  'confocal, no noise': { kind: 'confocal', psfSigmaPx: 1, photons: null, readNoise: 0 },
  ct: { kind: 'ct', psfSigmaPx: 1 },
  'ct, no noise': { kind: 'ct', psfSigmaPx: 1, noise: 0 },
  bicubic: { kind: 'bicubic' },
};
const median = (values) => values.toSorted((a, b) => a - b)[values.length >> 1];
console.log('model                 Lacuna      peer     peer / Lacuna   (medians, ms)');
for (const [name, spec] of Object.entries(specs)) {
  const model = degradationSpec.parse({ ...spec, factor: 4 });
  const ours = [];
  const theirs = [];
  for (let i = -3; i < rounds; i++) {
    const start = performance.now();
    degrade(hr, model, createRng(1));
    const time = performance.now() - start;
    const other = await ask(name);
    if (i < 0) continue;
    ours.push(time);
    theirs.push(other);
  }
  const figures = [median(ours), median(theirs), median(theirs) / median(ours)];
  console.log(`${name.padEnd(20)} ${figures.map((figure) => figure.toFixed(2).padStart(8)).join('  ')}`);
}
peer.stdin.end();

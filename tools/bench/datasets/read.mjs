// Reading and patch sampling against tifffile and NumPy, turn by turn in one run, as float32.
// usage: node tools/bench/datasets/read.mjs [rounds]     (needs a build, and LACUNA_PYTHON with tifffile and imagecodecs)
import { execFileSync, spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { sampleBatch } from '../../../packages/datasets/dist/patch-sampling.js';
import { readImage } from '../../../packages/datasets/dist/index.js';

const python = process.env.LACUNA_PYTHON;
if (!python) throw new Error('LACUNA_PYTHON names no Python with tifffile');
const rounds = Number(process.argv[2] ?? 9), folder = mkdtempSync(join(tmpdir(), 'lacuna-read-'));
const peerScript = new URL('./peer.py', import.meta.url).pathname;
execFileSync(python, [peerScript, 'make', folder]);

const peer = spawn(python, [peerScript, 'serve', folder], { stdio: ['pipe', 'pipe', 'inherit'] });
const answers = createInterface({ input: peer.stdout })[Symbol.asyncIterator]();
const ask = async (task) => {
  peer.stdin.write(`${task}\n`);
  return Number((await answers.next()).value);
};

const side = 2048, data = new Float32Array(side * side).map((_, i) => (i * 61) % 251);
const options = { groups: [{ name: 'paired', regions: [{ lrWidth: side, lrHeight: side, fields: [{ name: 'lr', data, grid: 'lr', channels: 1, kind: 'scalar' }] }] }], patch: 64, batch: 64, factor: 2, augment: 'flips-and-rotations', seed: 1 };
let step = 0;
const tasks = {
  'plain.tif': () => readImage(join(folder, 'plain.tif')),
  'lzw.tif': () => readImage(join(folder, 'lzw.tif')),
  'deflate.tif': () => readImage(join(folder, 'deflate.tif')),
  'stack.ome.tif': () => readImage(join(folder, 'stack.ome.tif')),
  patches: () => sampleBatch(options, step++),
};
const median = (values) => values.toSorted((a, b) => a - b)[values.length >> 1];
console.log('task              Lacuna      peer     peer / Lacuna   (medians, ms)');
for (const [name, work] of Object.entries(tasks)) {
  const ours = [], theirs = [];
  for (let i = -2; i < rounds; i++) {
    const start = performance.now();
    await work();
    const time = performance.now() - start, other = await ask(name);
    if (i < 0) continue;
    ours.push(time);
    theirs.push(other);
  }
  console.log(`${name.padEnd(16)} ${median(ours).toFixed(2).padStart(8)}  ${median(theirs).toFixed(2).padStart(8)}  ${(median(theirs) / median(ours)).toFixed(2).padStart(8)}`);
}
peer.stdin.end();
rmSync(folder, { recursive: true });

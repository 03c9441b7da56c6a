// Reading, whole and by region, and patch sampling against tifffile, scikit-image and NumPy, turn by turn in one run,
// as float32. usage: node tools/bench/datasets/read.mjs [--rounds 9] [--quick]
// (needs a build, and LACUNA_PYTHON with tifffile, imagecodecs, zarr and scikit-image)
import { execFileSync, spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { sampleBatch } from '../../../packages/datasets/dist/patches/patch-sampling.js';
import { benchOptions } from '../options.mjs';
import { openImage, readImage } from '../../../packages/datasets/dist/index.js';

setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc');
const python = process.env.LACUNA_PYTHON;
if (!python) throw new Error('LACUNA_PYTHON names no Python with tifffile');
const rounds = Number(benchOptions({ rounds: { type: 'string', default: '9' } }, { rounds: '1' }).rounds);
const folder = mkdtempSync(join(tmpdir(), 'lacuna-read-'));
const peerScript = new URL('./peer.py', import.meta.url).pathname;
execFileSync(python, [peerScript, 'make', folder]);

const peer = spawn(python, [peerScript, 'serve', folder], { stdio: ['pipe', 'pipe', 'inherit'] });
const answers = createInterface({ input: peer.stdout })[Symbol.asyncIterator]();
const ask = async (task) => {
  peer.stdin.write(`${task}\n`);
  return (await answers.next()).value.split(' ').map(Number);
};

const side = 2048;
const data = new Float32Array(side * side).map((_, i) => (i * 61) % 251);
const options = {
  groups: [
    {
      name: 'paired',
      regions: [
        { lrWidth: side, lrHeight: side, fields: [{ name: 'lr', data, grid: 'lr', channels: 1, kind: 'scalar' }] },
      ],
    },
  ],
  patch: 64,
  batch: 64,
  factor: 2,
  augment: 'flips-and-rotations',
  seed: 1,
};
let step = 0;
const opened = new Map();
/** 512 x 512 of a file that stays open. */
const region = async (name) => {
  if (!opened.has(name)) opened.set(name, await openImage(join(folder, name)));
  const index = step++;
  return opened.get(name).readRegion({ x: (index * 397) % 1536, y: (index * 631) % 1536, width: 512, height: 512 });
};
/** The same stack as above into one array from round to round: what new memory costs is left out. */
const kept = new Float32Array(64 * 512 * 512);
const keptStack = async () => {
  const image = await openImage(join(folder, 'stack.ome.tif'));
  for (let z = 0; z < image.depth; z++)
    await image.readRegion({ z }, kept.subarray(z * 512 * 512, (z + 1) * 512 * 512));
  await image.close();
};
const whole = (name) => [name, () => readImage(join(folder, name))];
const part = (name) => [`region of ${name}`, () => region(name)];
const tasks = Object.fromEntries([
  ...['plain.tif', 'stack.ome.tif', 'lzw.tif', 'lzw-strips.tif', 'deflate.tif', 'zstd.tif', 'photo.png'].map(whole),
  ...['plain.tif', 'deflate.tif', 'lzw.tif'].map(part),
  ['stack.ome.tif into a kept array', () => keptStack()],
  ['patches', () => sampleBatch(options, step++)],
]);
const median = (values) => values.toSorted((a, b) => a - b)[values.length >> 1];
console.log('CPU times are less moved by what else the machine does.');
console.log('                                      time, ms                          CPU, ms');
console.log('task                               Lacuna      peer  peer / Lacuna    Lacuna      peer  peer / Lacuna');
for (const [name, work] of Object.entries(tasks)) {
  const ours = [];
  const theirs = [];
  for (let i = -2; i < rounds; i++) {
    // CPython frees a result when it is let go; here the last round's goes now. A whole collection would throw compiled
    // code away too.
    collectGarbage({ type: 'minor' });
    const before = process.cpuUsage();
    const start = performance.now();
    await work();
    const time = performance.now() - start;
    const { user, system } = process.cpuUsage(before);
    const other = await ask(name);
    if (i < 0) continue;
    ours.push([time, (user + system) / 1e3]);
    theirs.push(other);
  }
  const row = [0, 1].map((kind) => [ours, theirs].map((runs) => median(runs.map((run) => run[kind]))));
  const cells = row.map(([our, their]) =>
    [our, their, their / our].map((figure) => figure.toFixed(2).padStart(9)).join(' '),
  );
  console.log(name.padEnd(32) + cells.join('     '));
}
for (const image of opened.values()) await image.close();
peer.stdin.end();
rmSync(folder, { recursive: true });

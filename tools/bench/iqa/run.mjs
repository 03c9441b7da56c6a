// Metrics of packages/iqa against scikit-image, SciPy, gudhi, skan and piq, turn by turn in one run: best times, ratio to the fastest reference.
// usage: node tools/bench/iqa/run.mjs [--python VENV/bin/python] [--torch-python VENV/bin/python] [--repeat 7] [--sizes 512x512,2048x2048,256x256x256] [--only ssim,thinning]
// Build packages/iqa first; the references' environments are tools/golden/requirements.txt and one with piq.
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import * as iqa from '../../../packages/iqa/dist/index.js';
import { makePair } from './pictures.mjs';

const { values } = parseArgs({
  options: {
    python: { type: 'string', default: 'python3' }, 'torch-python': { type: 'string' }, repeat: { type: 'string', default: '7' },
    sizes: { type: 'string', default: '512x512,2048x2048,256x256x256' }, only: { type: 'string' },
  },
});
const repeat = Number(values.repeat), only = values.only?.split(',');
const dataRange = 1;

/** A reference's process: which cases it knows, and how long one takes. */
async function openReference(python, folder, shape) {
  const child = spawn(python, [fileURLToPath(new URL('reference.py', import.meta.url)), folder, JSON.stringify(shape)], { stdio: ['pipe', 'pipe', 'inherit'] });
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const known = new Set(JSON.parse((await lines.next()).value));
  return { known, time: async (name) => { child.stdin.write(`${name}\n`); return Number((await lines.next()).value); }, close: () => child.stdin.end() };
}

for (const size of values.sizes.split(',')) {
  const [width, height, depth = 1] = size.split('x').map(Number);
  const shape = depth > 1 ? [depth, height, width] : [height, width];
  const folder = mkdtempSync(join(tmpdir(), 'lacuna-bench-'));
  const { a, b } = makePair(width, height, depth);
  const mask = iqa.threshold(iqa.smooth(a, 1), iqa.otsuThreshold(a)), other = iqa.threshold(iqa.smooth(b, 1), iqa.otsuThreshold(a)), skeleton = iqa.skeletonize(mask);
  for (const [name, { data }] of Object.entries({ 'a.f4': a, 'b.f4': b, 'mask.u1': mask, 'other.u1': other, 'skeleton.u1': skeleton })) writeFileSync(join(folder, name), data);
  const ours = {
    mse: () => iqa.mse(a, b), psnr: () => iqa.psnr(a, b, { dataRange }), nrmse: () => iqa.nrmse(a, b), ssim: () => iqa.ssim(a, b, { dataRange }),
    ...(depth === 1 ? { 'ms-ssim': () => iqa.msSsim(a, b, { dataRange }), gmsd: () => iqa.gmsd(a, b, { dataRange }), vif: () => iqa.vif(a, b, { dataRange }) } : {}),
    otsu: () => iqa.otsuThreshold(a), smoothing: () => iqa.smooth(a, 1), components: () => iqa.labelComponents(mask), 'euler number': () => iqa.eulerNumber(mask), 'betti numbers': () => iqa.bettiNumbers(mask),
    'distance transform': () => iqa.distanceTransform(mask), hausdorff: () => iqa.surfaceDistances(mask, other, { tolerance: 2 }), thinning: () => iqa.skeletonize(mask), 'skeleton graph': () => iqa.extractGraph(skeleton),
  };
  const references = [];
  for (const python of [values.python, values['torch-python']].filter(Boolean)) references.push(await openReference(python, folder, shape));
  console.log(`\n${size}, ${(100 * mask.data.reduce((s, v) => s + v, 0) / mask.data.length).toFixed(0)} % foreground, ${cpus().length} x ${cpus()[0].model}, Node ${process.version}, best of ${repeat}\n`);
  console.log('| metric | ours, ms | fastest reference, ms | reference / ours |\n| --- | --- | --- | --- |');
  for (const [name, run] of Object.entries(ours)) {
    if (only && !only.includes(name)) continue;
    let mine = Infinity, theirs = Infinity;
    for (let k = 0; k <= repeat; k++) {
      const start = performance.now();
      run();
      const took = performance.now() - start;
      const answers = [];
      for (const reference of references) if (reference.known.has(name)) answers.push(await reference.time(name));
      // The first turn warms all sides up.
      if (k > 0) [mine, theirs] = [Math.min(mine, took), Math.min(theirs, ...answers)];
    }
    console.log(`| ${name} | ${mine.toFixed(2)} | ${Number.isFinite(theirs) ? theirs.toFixed(2) : '–'} | ${Number.isFinite(theirs) ? (theirs / mine).toFixed(1) : '–'} |`);
  }
  for (const reference of references) reference.close();
  rmSync(folder, { recursive: true });
}

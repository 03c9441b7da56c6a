// Metrics of packages/iqa against scikit-image, SciPy, gudhi and skan, turn by turn in one run; prints medians and their ratios.
// usage: node tools/bench/iqa/run.mjs [--python VENV/bin/python] [--repeat 7] [--sizes 512x512,2048x2048,256x256x256]
// Build packages/iqa first; the references' environment is tools/golden/requirements.txt.
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { parseArgs } from 'node:util';
import { bettiNumbers, distanceTransform, extractGraph, labelComponents, otsuThreshold, psnr, skeletonize, smooth, ssim, threshold } from '../../../packages/iqa/dist/index.js';

const { values } = parseArgs({ options: { python: { type: 'string', default: 'python3' }, repeat: { type: 'string', default: '7' }, sizes: { type: 'string', default: '512x512,2048x2048,256x256x256' } } });
const repeat = Number(values.repeat);
const here = new URL('./', import.meta.url).pathname;

/** A smooth random network of about a fifth of the image, and the same with noise. */
function makePair(shape) {
  const [width, height, depth] = [...shape].reverse().concat(1).slice(0, 3);
  let state = 12345;
  const random = () => ((state = (Math.imul(state, 1664525) + 1013904223) >>> 0) / 2 ** 32);
  const waves = Array.from({ length: 24 }, () => [random() - 0.5, random() - 0.5, depth > 1 ? random() - 0.5 : 0, random() * 6.28]);
  const a = new Float32Array(width * height * depth), b = new Float32Array(a.length);
  for (let i = 0; i < a.length; i++) {
    const x = i % width, y = Math.floor(i / width) % height, z = Math.floor(i / (width * height));
    let sum = 0;
    for (const [u, v, w, p] of waves) sum += Math.cos(0.7 * (u * x + v * y + w * z) + p);
    a[i] = Math.exp(-sum * sum / 4);
    b[i] = Math.min(1, Math.max(0, a[i] + 0.1 * (random() - 0.5)));
  }
  const grid = (data) => ({ data, width, height, depth, channels: 1 });
  return { a: grid(a), b: grid(b) };
}

const median = (list) => [...list].sort((p, q) => p - q)[list.length >> 1];

for (const size of values.sizes.split(',')) {
  const shape = size.split('x').map(Number).reverse();
  const folder = mkdtempSync(join(tmpdir(), 'lacuna-bench-'));
  const { a, b } = makePair(shape);
  const mask = threshold(smooth(a, 1), otsuThreshold(a)), skeleton = skeletonize(mask);
  writeFileSync(join(folder, 'a.f4'), a.data);
  writeFileSync(join(folder, 'b.f4'), b.data);
  writeFileSync(join(folder, 'mask.u1'), mask.data);
  writeFileSync(join(folder, 'skeleton.u1'), skeleton.data);
  const ours = {
    psnr: () => psnr(a, b, { dataRange: 1 }),
    // scikit-image's SSIM of a volume takes a window of 11 voxels along z too; ours scores planes, so volumes are not compared.
    ...(a.depth === 1 ? { ssim: () => ssim(a, b, { dataRange: 1 }) } : {}),
    otsu: () => otsuThreshold(a), components: () => labelComponents(mask), 'distance transform': () => distanceTransform(mask),
    'betti numbers': () => bettiNumbers(mask), thinning: () => skeletonize(mask), 'skeleton graph': () => extractGraph(skeleton),
  };
  const child = spawn(values.python, [join(here, 'reference.py'), folder, JSON.stringify(shape)], { stdio: ['pipe', 'pipe', 'inherit'] });
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  await lines.next();
  console.log(`\n${size}, ${(100 * mask.data.reduce((s, v) => s + v, 0) / mask.data.length).toFixed(0)} % foreground, ${cpus()[0].model}, Node ${process.version}, medians of ${repeat}\n`);
  console.log('| metric | ours, ms | reference, ms | reference / ours |\n| --- | --- | --- | --- |');
  for (const [name, run] of Object.entries(ours)) {
    const mine = [], theirs = [];
    for (let k = 0; k <= repeat; k++) {
      const start = performance.now();
      run();
      const took = performance.now() - start;
      child.stdin.write(`${name}\n`);
      const answer = Number((await lines.next()).value);
      // The first turn warms both sides up.
      if (k > 0) {
        mine.push(took);
        theirs.push(answer);
      }
    }
    console.log(`| ${name} | ${median(mine).toFixed(1)} | ${median(theirs).toFixed(1)} | ${(median(theirs) / median(mine)).toFixed(1)} |`);
  }
  child.stdin.end();
  rmSync(folder, { recursive: true });
}

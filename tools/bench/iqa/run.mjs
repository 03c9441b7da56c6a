// Metrics of packages/iqa against scikit-image, SciPy, gudhi, skan and piq, turn by turn in one run: best times, ratio
// to the fastest reference. usage: node tools/bench/iqa/run.mjs [--python VENV/bin/python] [--torch-python
// VENV/bin/python] [--repeat 7] [--budget 4] [--sizes 512x512,2048x2048,256x256x256] [--only ssim,thinning] [--quick]
// Build packages/iqa first; the references' environments are tools/golden/requirements.txt and one with piq.
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { runInNewContext } from 'node:vm';
import { setFlagsFromString } from 'node:v8';
import { benchOptions } from '../options.mjs';
import { makeInputs, ourCases } from './cases.mjs';

setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc');

const values = benchOptions(
  {
    python: { type: 'string', default: 'python3' },
    'torch-python': { type: 'string' },
    repeat: { type: 'string', default: '7' },
    budget: { type: 'string', default: '4' },
    sizes: { type: 'string', default: '512x512,2048x2048,256x256x256' },
    only: { type: 'string' },
  },
  { repeat: '1', budget: '0.1', sizes: '192x192,24x24x24' },
);
// Both sides take their turns until there are enough and the case has had its seconds; a slow case stops at its
// seconds.
const repeat = Number(values.repeat);
const budget = 1000 * Number(values.budget);
const only = values.only?.split(',');

/** A reference's process: which cases it knows, and how long one takes. */
async function openReference(python, folder, shape) {
  const child = spawn(
    python,
    [fileURLToPath(new URL('reference.py', import.meta.url)), folder, JSON.stringify(shape)],
    { stdio: ['pipe', 'pipe', 'inherit'] },
  );
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  // A Python without NumPy ends at once.
  const known = new Set(JSON.parse((await lines.next()).value ?? '[]'));
  return {
    known,
    time: async (name) => {
      child.stdin.write(`${name}\n`);
      return Number((await lines.next()).value);
    },
    close: () => child.stdin.end(),
  };
}

for (const size of values.sizes.split(',')) {
  const [width, height, depth = 1] = size.split('x').map(Number);
  const shape = depth > 1 ? [depth, height, width] : [height, width];
  const folder = mkdtempSync(join(tmpdir(), 'lacuna-bench-'));
  const inputs = makeInputs(width, height, depth);
  const { a, b, mask, other, skeleton } = inputs;
  for (const [name, { data }] of Object.entries({
    'a.f4': a,
    'b.f4': b,
    'mask.u1': mask,
    'other.u1': other,
    'skeleton.u1': skeleton,
  }))
    writeFileSync(join(folder, name), data);
  const references = [];
  for (const python of [values.python, values['torch-python']].filter(Boolean)) {
    const reference = await openReference(python, folder, shape);
    if (reference.known.size === 0) console.log(`${python} has none of the references (tools/golden/requirements.txt)`);
    references.push(reference);
  }
  const foreground = (100 * mask.data.reduce((s, v) => s + v, 0)) / mask.data.length;
  const machine = `${cpus().length} x ${cpus()[0].model}, Node ${process.version}`;
  const rule = `best of at least ${repeat} or ${values.budget} s`;
  console.log(`\n${size}, ${foreground.toFixed(0)} % foreground, ${machine}, ${rule}\n`);
  console.log('| metric | ours, ms | fastest reference, ms | reference / ours |\n| --- | --- | --- | --- |');
  for (const [name, run] of Object.entries(ourCases(inputs))) {
    if (only && !only.includes(name)) continue;
    let mine = Infinity;
    let theirs = Infinity;
    let spent = 0;
    // The first turn warms all sides up (skan compiles itself then), and counts neither as a turn nor as time.
    for (let turns = 0; turns < 2 || (spent < budget && (turns <= repeat || spent < budget / 4)); turns++) {
      // CPython frees a result when it is let go; here the last turn's goes now. A whole collection would throw
      // compiled code away too.
      collectGarbage({ type: 'minor' });
      const start = performance.now();
      run();
      const took = performance.now() - start;
      const answers = [];
      for (const reference of references) if (reference.known.has(name)) answers.push(await reference.time(name));
      if (turns === 0) continue;
      spent += performance.now() - start;
      [mine, theirs] = [Math.min(mine, took), Math.min(theirs, ...answers)];
    }
    const compared = Number.isFinite(theirs) ? [theirs.toFixed(2), (theirs / mine).toFixed(1)] : ['–', '–'];
    console.log(`| ${[name, mine.toFixed(2), ...compared].join(' | ')} |`);
  }
  for (const reference of references) reference.close();
  rmSync(folder, { recursive: true });
}

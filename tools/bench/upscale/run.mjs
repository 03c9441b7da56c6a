// Inference of one model in Lacuna (onnxruntime-node on our own ONNX file), eager PyTorch on the same weights, and
// onnxruntime's Python on the same file, turn by turn; prints medians and ratios. See README.md.
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { benchOptions } from '../options.mjs';

const options = benchOptions(
  {
    torch: { type: 'string' },
    onnxruntime: { type: 'string' },
    models: { type: 'string', default: 'fsrcnn,edsr,resnet,fsrcnn3d,edsr3d,unet3d' },
    side: { type: 'string', default: '1024' },
    rounds: { type: 'string', default: '5' },
    threads: { type: 'string', default: '2' },
    clock: { type: 'string', default: 'wall' },
    layouts: { type: 'string', default: 'torch,channels-last' },
  },
  { models: 'fsrcnn,fsrcnn3d', side: '64', rounds: '1' },
);
const here = (name) => new URL(name, import.meta.url).pathname;
const folder = mkdtempSync(join(tmpdir(), 'lacuna-bench-'));

/** Pause before each run, ms. */
const REST = 100;

function open(command, args) {
  const child = spawn(command, args, {
    stdio: ['pipe', 'pipe', 'inherit'],
    // nx forces colours on its children, and numbers that are printed would have them.
    env: { ...process.env, FORCE_COLOR: '0', OMP_NUM_THREADS: options.threads, BENCH_CLOCK: options.clock },
  });
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  return {
    async ask(text) {
      // Threads of onnxruntime and of PyTorch spin for a while after their work: whoever comes next would share its
      // cores with them.
      if (text === 'run') await new Promise((resolve) => setTimeout(resolve, REST));
      child.stdin.write(`${text}\n`);
      const { value, done } = await lines.next();
      if (done) throw new Error(`${command} ended at: ${text}`);
      return value;
    },
    close: () => child.stdin.end(),
  };
}

const median = (numbers) => [...numbers].sort((a, b) => a - b)[Math.floor(numbers.length / 2)];
const sides = {
  lacuna: open(process.execPath, [here('lacuna.mjs'), options.threads, options.side, folder]),
  ...(options.torch
    ? Object.fromEntries(
        options.layouts
          .split(',')
          .map((layout) => [
            layout,
            open(options.torch, [here('eager.py'), options.threads, folder, ...(layout === 'torch' ? [] : [layout])]),
          ]),
      )
    : {}),
  ...(options.onnxruntime
    ? { onnxruntime: open(options.onnxruntime, [here('runtime.py'), options.threads, folder]) }
    : {}),
};
const { side, threads, rounds, clock } = options;
console.log(`planes of ${side} x ${side}, ${threads} threads, medians of ${rounds} in ms (${clock})`);
try {
  for (const name of options.models.split(',')) {
    const times = Object.fromEntries(Object.keys(sides).map((side) => [side, []]));
    for (const side of Object.values(sides)) await side.ask(`prepare ${name}`);
    for (let round = -1; round < Number(options.rounds); round++) {
      for (const [key, side] of Object.entries(sides)) {
        const ms = Number(await side.ask('run'));
        if (round >= 0) times[key].push(ms);
      }
    }
    // All sides must have computed the same image; at its border PyTorch's cubic differs, which small planes show.
    const sums = await Promise.all(Object.values(sides).map(async (side) => Number(await side.ask('sum'))));
    if (sums.some((sum) => !(Math.abs(sum - sums[0]) <= 1e-3 * Math.max(1, Math.abs(sums[0])))))
      throw new Error(`${name}: the outputs differ (means ${sums.join(', ')})`);
    const of = (key) => (times[key] ? median(times[key]) : NaN);
    const eager = Math.min(...options.layouts.split(',').map(of));
    const shown = Object.keys(times)
      .map((key) => `${key} ${of(key).toFixed(0)}`)
      .join('  ');
    const ratios = [
      ...(options.torch ? [`eager/lacuna ${(eager / of('lacuna')).toFixed(2)}`] : []),
      ...(options.onnxruntime ? [`lacuna/onnxruntime ${(of('lacuna') / of('onnxruntime')).toFixed(3)}`] : []),
    ];
    console.log([name.padEnd(8), shown, ...ratios].join('  '));
  }
} finally {
  for (const side of Object.values(sides)) side.close();
  rmSync(folder, { recursive: true });
}

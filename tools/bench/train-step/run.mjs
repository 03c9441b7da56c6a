// One training step of the same model in Lacuna and in PyTorch, turn by turn; prints medians and their ratios.
//   node tools/bench/train-step/run.mjs --python DIR/bin/python [--models fsrcnn,unet] [--rounds 15] [--threads 2]
//     [--xla] [--no-compile] [--quick]
import { spawn, spawnSync } from 'node:child_process';
import { createInterface } from 'node:readline';
import { benchOptions } from '../options.mjs';

const options = benchOptions(
  {
    python: { type: 'string', default: 'python3' },
    models: { type: 'string', default: 'fsrcnn,edsr,unet,pix2pix,cyclegan,fsrcnn3d,edsr3d,unet3d' },
    rounds: { type: 'string', default: '15' },
    threads: { type: 'string', default: '2' },
    xla: { type: 'boolean', default: false },
    'no-compile': { type: 'boolean', default: false },
  },
  { models: 'fsrcnn', rounds: '1' },
);
/** name:batch:LR patch:factor, sizes as in training; of volumes along z, y and x. */
const cases = [
  ...['fsrcnn:16:24:4', 'edsr:16:24:4', 'unet:16:16:4', 'pix2pix:1:32:4', 'cyclegan:1:32:4'],
  ...['fsrcnn3d:4:12x16x16:1x4x4', 'edsr3d:1:30x30x30:3x3x3', 'unet3d:2:12x16x16:1x4x4'],
].join(',');
const hasTorch = spawnSync(options.python, ['-c', 'import torch']).status === 0;
const variants = hasTorch ? ['contiguous', 'channels_last', ...(options['no-compile'] ? [] : ['compile'])] : [];
const here = (name) => new URL(name, import.meta.url).pathname;

function open(command, args) {
  const child = spawn(command, args, {
    stdio: ['pipe', 'pipe', 'ignore'],
    // nx forces colours on its children, and numbers that are printed would have them.
    env: { ...process.env, FORCE_COLOR: '0', OMP_NUM_THREADS: options.threads },
  });
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  return {
    async ask(text) {
      // PyTorch's OpenMP threads spin for a while after their work: whoever comes next would share its cores with them.
      if (text.startsWith('step')) await new Promise((resolve) => setTimeout(resolve, REST));
      child.stdin.write(`${text}\n`);
      const { value, done } = await lines.next();
      if (done) throw new Error(`${command} ended at: ${text}`);
      if (value.startsWith('failed')) throw new Error(value);
      return Number(value);
    },
    close: () => child.stdin.end(),
  };
}

/** Pause before each step, ms. */
const REST = 50;
const median = (numbers) => [...numbers].sort((a, b) => a - b)[Math.floor(numbers.length / 2)];
const ours = open(process.execPath, [here('lacuna.mjs'), options.threads, cases, options.xla ? 'xla' : 'plain']);
const theirs = hasTorch ? open(options.python, [here('peer.py'), options.threads, cases]) : null;
if (theirs === null)
  console.log(`${options.python} has no PyTorch: Lacuna alone (tools/bench/train-step/README.md makes one that has)`);
console.log('model      lacuna ms  contiguous  channels_last  compile   /eager  /compile');
for (const name of options.models.split(',')) {
  const times = { lacuna: [] };
  const present = [];
  await ours.ask(`prepare ${name}`);
  for (const variant of variants) {
    try {
      await theirs.ask(`prepare ${name} ${variant}`);
      times[variant] = [];
      present.push(variant);
    } catch (error) {
      console.log(`${name} ${variant}: ${error.message}`);
    }
  }
  for (let round = -2; round < Number(options.rounds); round++) {
    const lacuna = await ours.ask('step');
    if (round >= 0) times.lacuna.push(lacuna);
    for (const variant of present) {
      const ms = await theirs.ask(`step ${variant}`);
      if (round >= 0) times[variant].push(ms);
    }
  }
  await theirs?.ask('clear');
  const of = (key) => (times[key] ? median(times[key]) : NaN);
  const lacuna = of('lacuna');
  const eager = Math.min(of('contiguous'), of('channels_last'));
  const cell = (value, width) => (!Number.isFinite(value) ? '-' : value.toFixed(value < 3 ? 2 : 1)).padStart(width);
  const cells = [
    cell(lacuna, 10),
    cell(of('contiguous'), 12),
    cell(of('channels_last'), 15),
    cell(of('compile'), 9),
    cell(lacuna / eager, 9),
    cell(lacuna / of('compile'), 10),
  ];
  console.log(name.padEnd(10) + cells.join(''));
}
ours.close();
theirs?.close();

// One training step of the same model in Lacuna and in PyTorch, turn by turn: medians, their ratios, and memory.
//   node tools/bench/train-step/run.mjs --python DIR/bin/python [--models fsrcnn,unet] [--rounds 15] [--threads 2]
//     [--precision bf16] [--clock cpu] [--xla] [--no-compile] [--quick]
import { spawnSync } from 'node:child_process';
import { benchOptions } from '../options.mjs';
import { cases } from './cases.mjs';
import { median, openSide, programOf } from './side.mjs';

const options = benchOptions(
  {
    python: { type: 'string', default: 'python3' },
    models: { type: 'string', default: 'fsrcnn,edsr,unet,pix2pix,cyclegan,fsrcnn3d,edsr3d,unet3d' },
    rounds: { type: 'string', default: '15' },
    threads: { type: 'string', default: '2' },
    precision: { type: 'string', default: 'float32' },
    clock: { type: 'string', default: 'wall' },
    xla: { type: 'boolean', default: false },
    'no-compile': { type: 'boolean', default: false },
  },
  { models: 'fsrcnn', rounds: '1' },
);
const sizes = cases.join(',');
const hasTorch = spawnSync(options.python, ['-c', 'import torch']).status === 0;
const layouts = hasTorch ? ['contiguous', 'channels_last'] : [];
const compiled = hasTorch && !options['no-compile'] ? ['compile'] : [];

const environment = { OMP_NUM_THREADS: options.threads, BENCH_CLOCK: options.clock };
const lacunaArgs = [programOf('lacuna.mjs'), options.threads, sizes, options.xla ? 'xla' : 'plain'];
const openLacuna = () => openSide(process.execPath, lacunaArgs, environment);
const openTorch = () => openSide(options.python, [programOf('peer.py'), options.threads, sizes], environment);

/** Every side of a model, in a process of its own, so that its memory is its own: title, process, preparation. */
function sidesOf(name) {
  const { precision } = options;
  const torchLayouts = [...layouts, ...compiled];
  return [
    ['lacuna', openLacuna(), `prepare ${name} ${precision}`],
    ...(precision === 'bf16' ? [['float32', openLacuna(), `prepare ${name} float32`]] : []),
    ...torchLayouts.map((layout) => [layout, openTorch(), `prepare ${name} ${precision} ${layout}`]),
  ];
}

/** Times in ms and memory in MiB by side; what cannot run here is said and left out. */
async function measure(name) {
  const times = {};
  const memory = {};
  const running = [];
  for (const [title, side, preparation] of sidesOf(name)) {
    try {
      const before = await side.ask('memory');
      await side.ask(preparation);
      times[title] = [];
      running.push({ title, side, before });
    } catch (error) {
      side.close();
      console.log(`${name} ${title}: ${error.message}`);
    }
  }
  for (let round = -2; round < Number(options.rounds); round++) {
    for (const { title, side } of running) {
      const ms = await side.ask('step');
      if (round >= 0) times[title].push(ms);
    }
  }
  for (const { title, side, before } of running) {
    memory[title] = (await side.ask('memory')) - before;
    side.close();
  }
  return { times, memory };
}

const cell = (value, width) =>
  (value === undefined || !Number.isFinite(value) ? '-' : value.toFixed(value < 3 ? 2 : 1)).padStart(width);
/** Median over the rounds of the quotient of two steps that ran one after the other. */
const ratio = (ours, theirs) => (ours && theirs ? median(ours.map((ms, round) => ms / theirs[round])) : undefined);

const bf16Columns = options.precision === 'float32' ? [] : ['float32'];
const columns = ['lacuna', ...bf16Columns, ...layouts, ...compiled];
if (!hasTorch)
  console.log(`${options.python} has no PyTorch: Lacuna alone (tools/bench/train-step/README.md makes one that has)`);
console.log(
  `${options.precision}, ${options.threads} threads, medians of ${options.rounds} rounds; ms a step, then MiB`,
);
console.log('model     ' + columns.map((title) => title.padStart(14)).join('') + '    /eager  /compile  /float32');
for (const name of options.models.split(',')) {
  const { times, memory } = await measure(name);
  const eager = layouts.filter((layout) => times[layout]).sort((a, b) => median(times[a]) - median(times[b]))[0];
  const ratios = [eager, 'compile', 'float32'].map((title) => cell(ratio(times.lacuna, times[title]), 10)).join('');
  const line = (values) => columns.map((title) => cell(values(title), 14)).join('');
  console.log(name.padEnd(10) + line((title) => times[title] && median(times[title])) + ratios);
  console.log('  memory  ' + line((title) => memory[title]) + cell(memory.lacuna / memory[eager], 10));
}

// What a sweep takes besides training and scoring: the start of a trial, by part, and the share of the whole.
// usage: node tools/bench/sweep/start.mjs [--spec experiments/specs/quickstart.yaml] [--workers 2] [--steps N]
// [--only METHOD] [--set PATH=VALUE]... [--quick]
// (needs a build, and what `npm run setup` brings)
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { benchOptions } from '../options.mjs';

const options = benchOptions(
  {
    spec: { type: 'string', default: 'experiments/specs/quickstart.yaml' },
    workers: { type: 'string', default: '2' },
    steps: { type: 'string' },
    only: { type: 'string' },
    set: { type: 'string', multiple: true, default: [] },
  },
  { steps: '40' },
);
const workers = Number(options.workers);

/** What a sweep is for; all else is overhead. */
const WORK = ['training', 'scores'];
/** What comes before the first step. */
const START = ['modules', 'data', 'engine', 'graph'];
const PARTS = [...START, ...WORK, 'results'];

const folder = mkdtempSync(join(tmpdir(), 'lacuna-bench-start-'));
const times = join(folder, 'times');
mkdirSync(times);

/** Settings of a run with fewer steps, which has to validate all the same. */
function shortened(steps) {
  if (steps === undefined) return [];
  const fields = ['steps', 'validateEvery', 'checkpointEvery'].map((field) => `training.${field}=${steps}`);
  return [...fields, 'training.schedule.warmup=1'].flatMap((set) => ['--set', set]);
}

/** Time of the CPU of all processes that this one has waited for, theirs included, in s. Linux counts in 1/100 s. */
function cpuOfChildren() {
  const fields = readFileSync('/proc/self/stat', 'utf8').split(') ')[1].split(' ');
  return (Number(fields[13]) + Number(fields[14])) / 100;
}

/** Runs the sweep. @returns what it took, in s, by the clock and of the CPU. */
function runSweep() {
  const command = fileURLToPath(new URL('../../../experiments/bin/lacuna.mjs', import.meta.url));
  const observe = new URL('./observe.mjs', import.meta.url).href;
  const from = performance.now();
  const before = cpuOfChildren();
  const { status, stderr } = spawnSync(
    process.execPath,
    [
      command,
      'sweep',
      options.spec,
      '--no-tracking',
      ...['--workers', options.workers, '--out', join(folder, 'sweep')],
      ...shortened(options.steps),
      ...(options.only === undefined ? [] : ['--only', options.only]),
      ...options.set.flatMap((set) => ['--set', set]),
    ],
    {
      env: { ...process.env, NODE_OPTIONS: `--import ${observe}`, LACUNA_BENCH_TIMES: times },
      stdio: ['ignore', 'ignore', 'pipe'],
      encoding: 'utf8',
    },
  );
  if (status !== 0) throw new Error(`the sweep ended with ${status}: ${stderr}`);
  return { clock: (performance.now() - from) / 1000, cpu: cpuOfChildren() - before };
}

/** What the parts of a trial took, in ms: by the clock, and of the CPU. */
function partsOf(path) {
  const marks = JSON.parse(readFileSync(path, 'utf8'));
  const parts = marks
    .slice(0, -1)
    .map(({ part, from, cpu }, i) => [part, { clock: marks[i + 1].from - from, cpu: marks[i + 1].cpu - cpu }]);
  return Object.fromEntries(parts);
}

function median(values) {
  const sorted = values.toSorted((a, b) => a - b);
  if (sorted.length === 0) return 0;
  return (sorted[Math.floor((sorted.length - 1) / 2)] + sorted[Math.floor(sorted.length / 2)]) / 2;
}

const sumOf = (trials, parts, time) =>
  trials.reduce((sum, trial) => sum + parts.reduce((all, part) => all + (trial[part]?.[time] ?? 0), 0), 0) / 1000;

try {
  const taken = runSweep();
  const trials = readdirSync(times).map((name) => partsOf(join(times, name)));
  const trained = trials.filter((trial) => 'training' in trial);
  const line = (name, ...values) => `${name.padEnd(16)}${values.map((value) => value.padStart(14)).join('')}`;
  const whole = (value) => value.toFixed(0);
  console.log(`${options.spec}: ${trials.length} trials, ${trained.length} of them trained, ${workers} side by side`);
  console.log(`${cpus()[0].model}, Node ${process.version}\n`);
  console.log(line('median, ms', 'clock', 'CPU'));
  for (const part of PARTS) {
    const of = (time) => median(trained.map((trial) => trial[part]?.[time] ?? 0));
    console.log(line(part, whole(of('clock')), whole(of('cpu'))));
  }
  const startOf = (time) => median(trained.map((trial) => 1000 * sumOf([trial], START, time)));
  console.log(line('start of a trial', whole(startOf('clock')), whole(startOf('cpu'))));
  // The first trial of a process loads modules and engine for those that follow it.
  const slowest = (time) => Math.max(...trained.map((trial) => 1000 * sumOf([trial], START, time)));
  console.log(line('slowest start', whole(slowest('clock')), whole(slowest('cpu'))));
  const shares = (time, all) => {
    const work = sumOf(trials, WORK, time);
    const around = sumOf(trials, PARTS, time) - work;
    return [work, around, all - work - around].map((value) => `${((100 * value) / all).toFixed(1)} %`);
  };
  const byClock = shares('clock', taken.clock * workers);
  const byCpu = shares('cpu', taken.cpu);
  console.log(`\nthe sweep took ${taken.clock.toFixed(1)} s and ${taken.cpu.toFixed(1)} s of the CPU; share of`);
  console.log(`its ${workers} workers' clock, and of the CPU\n`);
  ['training, scoring', 'start, end', 'all else'].forEach((name, i) =>
    console.log(`${name.padEnd(20)}${byClock[i].padStart(10)}${byCpu[i].padStart(14)}`),
  );
} finally {
  rmSync(folder, { recursive: true, force: true });
}

// A sweep of very many trials, simulated: planned, journalled and summed up, without training. What trials leave is
// written here beforehand, and not counted.
// usage: node tools/bench/sweep/run.mjs [--trials 100000] [--quick]     (needs a build)
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { planSweep } from '../../../experiments/dist/sweep/plan/plan.js';
import { writeTrialsCsv } from '../../../experiments/dist/sweep/results/trials-csv.js';
import { layout } from '../../../experiments/dist/sweep/results/results.js';
import { Journal, readJournal } from '../../../packages/sweep/dist/index.js';
import { benchOptions } from '../options.mjs';

const options = benchOptions({ trials: { type: 'string', default: '100000' } }, { trials: '1000' });
const SEEDS = 10;
const METHODS = 2;
const points = Math.round(Number(options.trials) / SEEDS / METHODS);
const folder = mkdtempSync(join(tmpdir(), 'lacuna-bench-sweep-'));

/** Learning rates: every point of the axes has one of its own. */
const rates = Array.from({ length: points }, (_, i) => 0.0001 + i * 1e-6);
const spec = join(folder, 'many.yaml');
writeFileSync(
  spec,
  `name: many
data: { source: dentin, width: 128, height: 128, pixelSize: 0.1um, images: 5, seed: 0 }
degradation: { kind: confocal, factor: 4 }
split: { kind: specimen, fractions: [0.6, 0.2, 0.2] }
model: { name: fsrcnn }
methods:
  paired: { regime: { kind: paired } }
  geometry: { regime: { kind: geometry } }
axes: { cross: { training.optimizer.learningRate: [${rates.join(', ')}] } }
seeds: [${Array.from({ length: SEEDS }, (_, seed) => seed).join(', ')}]
`,
);

/** Random numbers that every run of the bench has alike. */
let state = 1;
function random() {
  state = (state * 48_271) % 2_147_483_647;
  return state / 2_147_483_647;
}

/** Scores as a trial on two test regions leaves them. */
function scores() {
  const cases = ['a', 'b'].map((name) => {
    const values = {
      psnr: 25 + random(),
      ssim: random(),
      cldice: random(),
      betti0_error: random(),
      betti1_error: random(),
    };
    return { name, values };
  });
  return { values: cases[0].values, undefinedBecause: {}, protocol: 'p', cases };
}

function resultOf({ id, name, group, method, seed, config }) {
  const measured = scores();
  const cost = {
    parameters: 12_000,
    macs720p: 5e8,
    macsPerPixel: 540,
    receptiveField: 21,
    trainSeconds: 30,
    stepMs: 20,
    dataWaitShare: 0.01,
    energy: { joules: 900, source: 'RAPL' },
  };
  return {
    id,
    name,
    group,
    method,
    seed,
    factor: config.degradation.factor,
    status: 'finished',
    steps: 400,
    bestStep: 300,
    validation: measured,
    test: measured,
    cost,
    engine: 'simulated',
  };
}

const phases = [];

async function phase(name, work) {
  const cpu = process.cpuUsage();
  const from = performance.now();
  const made = await work();
  const { user, system } = process.cpuUsage(cpu);
  phases.push({ name, seconds: (performance.now() - from) / 1000, cpu: (user + system) / 1e6 });
  return made;
}

try {
  const sweep = await phase('plan', () => planSweep(spec, { sets: [], baseDir: folder }));
  await phase('journal', () => {
    const journal = new Journal(folder);
    for (const { id } of sweep.trials) {
      journal.append({ trial: id, state: 'running', pid: 1 });
      journal.append({ trial: id, state: 'finished' });
    }
  });
  for (const trial of sweep.trials) {
    mkdirSync(layout.trial(folder, trial.id), { recursive: true });
    writeFileSync(layout.result(layout.trial(folder, trial.id)), JSON.stringify(resultOf(trial)));
  }
  await phase('read journal', () => readJournal(folder).length);
  await phase('summary', () => writeTrialsCsv(sweep, folder));
  const total = (key) => phases.reduce((sum, each) => sum + each[key], 0);
  for (const { name, seconds, cpu } of [...phases, { name: 'all', seconds: total('seconds'), cpu: total('cpu') }])
    console.log(`${name.padEnd(14)} ${seconds.toFixed(1).padStart(8)} s  ${cpu.toFixed(1).padStart(8)} s of CPU`);
  console.log(
    `${sweep.trials.length} trials, ${(process.resourceUsage().maxRSS / 1024).toFixed(0)} MiB resident at most`,
  );
} finally {
  rmSync(folder, { recursive: true, force: true });
}

// Networks of others beside Lacuna's: the same pairs, the same processor time, the same protocol.
// usage, after a build: node tools/bench/peers/main.mjs --spec experiments/specs/study/retina-x4.yaml --minutes 1
import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { readResult, layout } from '../../../experiments/dist/sweep/results/results.js';
import { readStoredSweep } from '../../../experiments/dist/sweep/plan/stored-sweep.js';
import { planSweep } from '../../../experiments/dist/sweep/plan/plan.js';
import { setUpTorch } from '../gpu/set-up.mjs';
import { cpuMsOfStep } from './lacuna-step.mjs';

const here = (name) => fileURLToPath(new URL(name, import.meta.url));
const { values } = parseArgs({
  options: {
    spec: { type: 'string' },
    minutes: { type: 'string', default: '1' },
    seed: { type: 'string', default: '0' },
    peers: { type: 'string', default: 'care,edsr' },
    methods: { type: 'string', default: 'paired-large,geometry-tied' },
    out: { type: 'string' },
    python: { type: 'string' },
    workers: { type: 'string', default: '1' },
  },
});
const { spec, out } = values;
const minutes = Number(values.minutes);
const seed = Number(values.seed);
if (spec === undefined || out === undefined || !(minutes > 0) || !Number.isInteger(seed))
  throw new Error('usage: main.mjs --spec SPEC.yaml --out FOLDER [--minutes 1] [--seed 0] [--peers care,edsr]');

const titles = { care: 'CARE (CAREamics)', edsr: 'EDSR-baseline (super-image)' };
const peers = values.peers.split(',').filter((name) => name !== '');
const methods = values.methods.split(',').filter((name) => name !== '');
const unknown = peers.find((name) => !(name in titles));
if (unknown !== undefined) throw new Error(`--peers: got ${unknown}, wanted some of ${Object.keys(titles).join(', ')}`);

mkdirSync(out, { recursive: true });
const sweep = planSweep(spec, { sets: [`seeds=[${seed}]`], baseDir: process.cwd() });
const trialOf = (method) => {
  const trial = sweep.trials.find((each) => each.method === method);
  if (trial === undefined) throw new Error(`--methods: got ${method}, wanted methods of ${spec}`);
  return trial;
};
const [{ config }] = sweep.trials;

// The pairs of the seed's fold: peers see what Lacuna's trials see.
const pairs = join(out, 'pairs');
if (!existsSync(join(pairs, 'pairs.json'))) {
  rmSync(pairs, { recursive: true, force: true });
  await run('npx', ['lacuna', 'pairs', spec, '--set', `seeds=[${seed}]`, '--out', pairs]);
}

const python = await setUpTorch(values.python, {
  cache: join(process.env.XDG_CACHE_HOME ?? join(homedir(), '.cache'), 'lacuna'),
  requirements: here('./requirements.txt'),
});
const trained = new Map();
for (const peer of peers) {
  const onnx = join(out, `${peer}.onnx`);
  const report = join(out, `${peer}.json`);
  if (!existsSync(report)) {
    const { batch, patch } = config.training;
    const sizes = ['--batch', String(batch), '--patch', String(patch), '--seed', String(seed)];
    const limits = ['--cpu-minutes', String(minutes), ...sizes];
    await run(python, [here('./train.py'), pairs, '--peer', peer, '--onnx', onnx, '--report', report, ...limits]);
  }
  trained.set(peer, JSON.parse(readFileSync(report, 'utf8')));
}

// Lacuna's methods: as many steps as their processor time allows, measured here, validation apart.
const steps = new Map();
for (const method of methods) {
  const report = join(out, `${method}.json`);
  if (!existsSync(report)) {
    const cpuMs = await cpuMsOfStep(trialOf(method).config);
    const count = Math.max(1, Math.floor((minutes * 60_000) / cpuMs));
    writeFileSync(report, JSON.stringify({ cpuMsOfStep: Number(cpuMs.toPrecision(4)), steps: count }));
  }
  steps.set(method, JSON.parse(readFileSync(report, 'utf8')).steps);
}

const written = join(out, 'peers.yaml');
writeFileSync(written, specText());
const scored = join(out, 'sweep');
await run('npx', ['lacuna', 'sweep', written, '--no-tracking', '--out', scored, '--workers', values.workers]);
console.log(tableOf(scored));

/** The spec that scores them together: peers as ONNX files, Lacuna's methods with steps of their own. */
function specText() {
  const names = [...new Set(sweep.trials.map(({ method }) => method))];
  const kept = (method) => method === 'bicubic' || method === 'oriented-ridge';
  const lines = [
    `extends: ${relative(out, spec)}`,
    `name: peers-${sweep.name.replace(/^study-/, '')}-${minutes}min`,
    'description: >-',
    `  Networks of others beside Lacuna's, each trained for ${minutes} min of processor time on the same pairs.`,
    `seeds: [${seed}]`,
    `compare: { to: ${methods[0] ?? 'bicubic'} }`,
    'methods:',
    ...names.filter((name) => !kept(name) && !methods.includes(name)).map((name) => `  ${name}: null`),
    ...methods.map((name) => `  ${name}: { training: ${JSON.stringify(trainingOf(name))} }`),
    ...peers.map((peer) => `  ${peer}: { regime: { kind: onnx, path: ${peer}.onnx, range: [0, 1], layout: nchw } }`),
  ];
  return `${lines.join('\n')}\n`;
}

/** Half a dozen validations, whatever the number of steps. */
function trainingOf(method) {
  const count = steps.get(method);
  const every = Math.max(1, Math.ceil(count / 6));
  return { steps: count, validateEvery: every, checkpointEvery: every };
}

function tableOf(folder) {
  const stored = readStoredSweep(folder);
  const own = ({ testOwnLevel, test }, name) => (testOwnLevel ?? test).values[name];
  const shown = [
    ['parameters', ({ cost }) => cost.parameters?.toLocaleString('en')],
    ['MACs per px', ({ cost }) => cost.macsPerPixel && Math.round(cost.macsPerPixel).toLocaleString('en')],
    ['steps', (result) => trained.get(result.method)?.steps ?? result.steps],
    ['PSNR', ({ test }) => test.values.psnr?.toFixed(2)],
    ['clDice, own level', (result) => own(result, 'cldice')?.toFixed(3)],
    ['recall at .10', ({ test }) => test.values.recall_at_invention_10?.toFixed(3)],
    ['Betti matching, own level', (result) => own(result, 'betti_matching_error')?.toFixed(1)],
  ];
  const rows = stored.trials.flatMap((trial) => {
    const result = readResult(layout.trial(folder, trial.id));
    if (result === null) return [];
    const title = titles[trial.method] ?? trial.method;
    return [[title, ...shown.map(([, of]) => String(of(result) ?? '–'))]];
  });
  const line = (cells) => `| ${cells.join(' | ')} |`;
  const head = ['method', ...shown.map(([title]) => title)];
  return [line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n');
}

/** Runs a command with its output shown. @throws where it fails. */
function run(command, args) {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { stdio: 'inherit' });
    child.on('error', reject);
    child.on('exit', (code) =>
      code === 0 ? resolve() : reject(new Error(`${command} ${args.join(' ')}: ended with ${code}`)),
    );
  });
}

// Kills aimed at the first and the last second of a trial. LACUNA_KILLS=200 is the whole round; `npm test` makes a few.
import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { syncSpools } from 'mlflow-ts-client';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { bundledEntry } from '../../experiments/bin/program-folder.mjs';
import { startModelServer, type ModelServer } from '../../packages/mlflow-ts-client/test/support/model-server.js';
import { newFolder, pointsOf, succeeds, tinySpec, trialIds } from './lacuna.js';

const KILLS = Number(process.env['LACUNA_KILLS'] ?? 6);
/** Of one trial: this many while it opens, and this many after its last step. */
const EARLY = 2;
const LATE = 1;
const STEPS = 20;

/** What a sweep runs. */
const program =
  bundledEntry('trial-process') ??
  fileURLToPath(new URL('../../experiments/dist/trial/trial-process.js', import.meta.url));

let folder: string;
let server: ModelServer;
let template: Record<string, unknown>;
beforeAll(async () => {
  folder = newFolder();
  server = await startModelServer();
  const spec = tinySpec(folder, { methods: '{ paired: {} }', steps: STEPS });
  const out = join(folder, 'template');
  await succeeds(folder, ['sweep', '--spec', spec, '--out', out, '--no-tracking']);
  const [id] = trialIds(out);
  template = JSON.parse(readFileSync(join(out, 'trials', id, 'trial.json'), 'utf8')) as Record<string, unknown>;
});
afterAll(() => server.close());

/** A time to kill at, in ms after the moment that is aimed at: every other one within its first 50. */
const delays = (seed: number): number => (seed % 2 === 0 ? (seed * 7) % 50 : (seed * 389) % 1000);

/** Starts the trial's process; kills it some time after `moment` has come, where one is given. */
async function runTrial(
  job: string,
  kill?: { moment: () => boolean; delayMs: number },
): Promise<NodeJS.Signals | null> {
  const child = spawn(process.execPath, [program, job], {
    stdio: 'ignore',
    env: { ...process.env, CUDA_VISIBLE_DEVICES: '' },
  });
  const ended = new Promise<NodeJS.Signals | null>((resolve) => child.once('exit', (_, signal) => resolve(signal)));
  if (kill) {
    while (!kill.moment() && child.exitCode === null && child.signalCode === null) await sleep(1);
    await Promise.race([sleep(kill.delayMs), ended]);
    child.kill('SIGKILL');
  }
  return ended;
}

/** Bytes of the trial's journal in MLflow's spool. */
function journalBytes(trial: string): number {
  const spool = join(trial, 'spool');
  if (!existsSync(spool)) return 0;
  return readdirSync(spool, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith('.log'))
    .reduce(
      (sum, entry) => sum + (statSync(join(entry.parentPath, entry.name), { throwIfNoEntry: false })?.size ?? 0),
      0,
    );
}

/** Kills one trial again and again, lets it end, and looks at what MLflow has of it. @returns how many kills hit. */
async function killTrial(number: number): Promise<number> {
  const name = `trial-${number}`;
  const sweep = join(folder, name);
  const trial = join(sweep, 'trials', name);
  mkdirSync(trial, { recursive: true });
  const job = join(trial, 'trial.json');
  const tracking = { sweep: name, experiment: 'kills', uri: server.uri };
  writeFileSync(job, JSON.stringify({ ...template, folder: trial, tracking }));
  let hits = 0;
  for (let early = 0; early < EARLY; early++) {
    const before = journalBytes(trial);
    const moment = (): boolean => journalBytes(trial) > before;
    if ((await runTrial(job, { moment, delayMs: delays(number * EARLY + early) })) === 'SIGKILL') hits += 1;
  }
  for (let late = 0; late < LATE; late++) {
    const moment = (): boolean =>
      pointsOf(sweep, name).some(({ name: key, step }) => key.startsWith('validation/') && step === STEPS);
    if ((await runTrial(job, { moment, delayMs: delays(number * LATE + late) })) === 'SIGKILL') hits += 1;
  }
  await runTrial(job);
  await syncSpools(join(trial, 'spool'), { trackingUri: server.uri, reap: 'leave', env: {} });
  expectComplete(sweep, name);
  return hits;
}

function expectComplete(sweep: string, name: string): void {
  const runs = [...server.runs.values()].filter(({ tags }) => tags.get('lacuna.sweep') === name);
  expect(runs.length, name).toBe(1);
  const [run] = runs;
  expect(run.info['status'], name).toBe('FINISHED');
  expect(run.params.get('training.steps'), name).toBe(String(STEPS));
  expect(run.params.get('method'), name).toBe('paired');
  expect(run.datasets.size, name).toBeGreaterThan(0);
  expect(run.tags.get('mlflow.note.content'), name).toContain('regime paired');
  expect(run.tags.get('mlflow.source.type'), name).toBe('LOCAL');
  const files = [...server.artifacts.keys()].filter((file) => file.includes(`/${run.info.run_id}/`));
  for (const part of [
    'images/validation~hr+',
    'images/validation~lr+',
    'images/validation~sr+',
    'spec/trial.json',
    'result.json',
    'test/sr.tif',
  ])
    expect(
      files.some((file) => file.includes(part)),
      `${name}: ${part}`,
    ).toBe(true);
  expect(run.outputs.size, name).toBe(1);
  const held = [...run.metrics.values()];
  for (const key of ['cost/step_ms', 'cost/data_wait_share', 'test/psnr'])
    expect(
      held.some((point) => point.key === key),
      `${name}: ${key}`,
    ).toBe(true);
  const curve = (points: readonly { step: number; value: number | string }[]) =>
    points.map(({ step, value }) => [step, Number(value)]).sort((a, b) => a[0] - b[0]);
  const written = pointsOf(sweep, name);
  for (const key of new Set(written.map((point) => point.name)))
    expect(curve(held.filter((point) => point.key === key)), `${name}: ${key}`).toEqual(
      curve(written.filter((point) => point.name === key)),
    );
}

it(`${KILLS} kills in the first and the last second of trials lose nothing`, async () => {
  let hits = 0;
  for (let number = 0; hits < KILLS; number++) {
    hits += await killTrial(number);
    // A kill that comes after the end of its process is none; most have to hit.
    expect(hits).toBeGreaterThan((number + 1) * (EARLY + LATE) * 0.5 - 2);
  }
  if (process.env['LACUNA_KILLS'] !== undefined) console.log(`${hits} kills`);
}, 3_600_000);

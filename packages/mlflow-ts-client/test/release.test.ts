import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { problemsOf } from '../scripts/release/check.mjs';
import { installTarball } from '../scripts/release/install.mjs';
import { packFolder, packRelease } from '../scripts/release/pack.mjs';
import { run } from '../scripts/release/process.mjs';
import { startModelServer, type ModelServer } from './support/model-server.js';

const packageDir = fileURLToPath(new URL('../', import.meta.url));

/** A project that has the release installed, as a user's. */
let project: string;
let outDir: string;
let server: ModelServer;
const installed = (): string => path.join(project, 'node_modules/mlflow-ts-client');

beforeAll(async () => {
  outDir = fs.mkdtempSync(path.join(os.tmpdir(), 'mlflow-tarballs-'));
  server = await startModelServer();
  project = await installTarball(await packRelease(outDir));
  fs.cpSync(path.join(packageDir, 'examples'), path.join(project, 'examples'), { recursive: true });
});
afterAll(async () => {
  await server.close();
  for (const folder of [project, outDir]) fs.rmSync(folder, { recursive: true, force: true });
});

const runNamed = (name: string): ModelServer['runs'] extends Map<string, infer Held> ? Held : never =>
  [...server.runs.values()].find((candidate) => candidate.info['run_name'] === name)!;
const node = async (file: string): Promise<string> =>
  (await run(process.execPath, [file], { cwd: project, env: { MLFLOW_TRACKING_URI: server.uri } })).trim();

it("runs the README's first example as an ES module", async () => {
  const readme = fs.readFileSync(path.join(packageDir, 'README.md'), 'utf8');
  fs.writeFileSync(path.join(project, 'readme.mjs'), /```js\n([\s\S]*?)```/.exec(readme)![1]);
  await node('readme.mjs');
  const held = runNamed('edsr-x4');
  expect(held.info['status']).toBe('FINISHED');
  expect([...held.metrics.values()].map(({ key, value, step }) => [key, value, step])).toEqual([
    ['val/psnr', 31.2, 100],
  ]);
  expect([held.params.get('lr'), held.tags.get('mlflow.note.content')]).toEqual(['0.0001', 'First try']);
});

it('runs examples/train.mjs', async () => {
  await node('examples/train.mjs');
  const held = runNamed('train');
  expect([held.metrics.size, held.params.get('depth'), held.info['status']]).toEqual([120, '8', 'FINISHED']);
  const files = [...server.artifacts.keys()]
    .filter((name) => name.includes(held.info.run_id))
    .map((name) => name.split('/artifacts/')[1])
    .sort();
  expect(files).toEqual(['log.txt', 'tables/scores.json']);
});

it('runs examples/resume.mjs', async () => {
  await node('examples/resume.mjs');
  const held = runNamed('resumed');
  expect([...held.metrics.values()].map(({ step }) => step)).toEqual(Array.from({ length: 80 }, (_, step) => step));
  expect(held.info['status']).toBe('FINISHED');
});

it('runs examples/offline.mjs', async () => {
  expect(await node('examples/offline.mjs')).toBe('delivered 0');
  expect(runNamed('offline').metrics.size).toBe(1);
});

it('runs from CommonJS: REST client and run', async () => {
  fs.writeFileSync(
    path.join(project, 'run.cjs'),
    `
    const { withRun, MlflowClient } = require('mlflow-ts-client');
    withRun({ experimentName: 'cjs', runName: 'cjs' }, (run) => run.logMetric('m', 1)).then(async () => {
      console.log((await new MlflowClient().getExperimentByName('cjs')).name);
    });`,
  );
  expect(await node('run.cjs')).toBe('cjs');
  expect(runNamed('cjs').info['status']).toBe('FINISHED');
});

describe('the check before a release', () => {
  it('passes what the release command packs', async () => {
    expect(await problemsOf(project)).toEqual([]);
  });

  it('refuses a tarball without its CommonJS build, as `npm pack` leaves it where no script may run', async () => {
    const folder = path.join(outDir, 'without-cjs');
    fs.cpSync(installed(), folder, { recursive: true });
    fs.rmSync(path.join(folder, 'dist/cjs'), { recursive: true });
    const tarball = await packFolder(folder, path.join(outDir, 'broken'));
    const failure = await run(process.execPath, [path.join(packageDir, 'scripts/release/main.mjs'), tarball]).then(
      () => 'passed',
      (error: Error) => error.message,
    );
    expect(failure).toContain(`${path.basename(tarball)}: not to be published`);
    expect(failure).toContain('files: got no ./dist/cjs/index.js; wanted every file that package.json names');
  });

  it('names what is in the way, does not load, or is not for browsers', async () => {
    const whole = path.join(outDir, 'whole');
    fs.cpSync(installed(), whole, { recursive: true });
    fs.writeFileSync(path.join(installed(), 'dist/cjs/package.json'), '{ "type": "module" }');
    fs.rmSync(path.join(installed(), 'dist/rest-client.d.ts'));
    fs.writeFileSync(path.join(installed(), 'dist/index.js.map'), '{}');
    fs.appendFileSync(path.join(installed(), 'dist/browser.js'), "import 'node:fs';\n");
    const problems = (await problemsOf(project)).join('\n');
    fs.rmSync(installed(), { recursive: true });
    fs.renameSync(whole, installed());
    expect(problems).toContain('files: got dist/index.js.map; wanted JavaScript and types alone');
    expect(problems).toMatch(/as CommonJS: .*(ES Module|exports is not defined)/s);
    expect(problems).toMatch(/in a browser: .*browser\.js imports node:fs, which no browser has/s);
    expect(problems).toMatch(/its types: .*rest-client\.js/s);
  });
});

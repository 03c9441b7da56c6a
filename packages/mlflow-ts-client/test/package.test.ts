import { execFile } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { startModelServer, type ModelServer } from './support/model-server.js';

const packageDir = fileURLToPath(new URL('../', import.meta.url));
const run = promisify(execFile);
let dir: string;
let server: ModelServer;
let files: string[];

/** A consumer project with the packed tarball; zod comes from the workspace, so that nothing is downloaded. */
beforeAll(async () => {
  dir = fs.mkdtempSync(path.join(os.tmpdir(), 'mlflow-consumer-'));
  server = await startModelServer();
  const { stdout } = await run('npm', ['pack', '--json', '--pack-destination', dir], { cwd: packageDir });
  const [packed] = JSON.parse(stdout.slice(stdout.indexOf('[\n'))) as [{ filename: string; files: { path: string }[] }];
  files = packed.files.map((file) => file.path);
  const installed = path.join(dir, 'node_modules', 'mlflow-ts-client');
  fs.mkdirSync(installed, { recursive: true });
  await run('tar', ['-xzf', path.join(dir, packed.filename), '-C', installed, '--strip-components=1']);
  const zod = path.dirname(fileURLToPath(import.meta.resolve('zod/package.json')));
  fs.symlinkSync(zod, path.join(dir, 'node_modules', 'zod'));
  fs.writeFileSync(path.join(dir, 'package.json'), '{ "name": "consumer", "private": true }');
});
afterAll(async () => {
  await server.close();
  fs.rmSync(dir, { recursive: true, force: true });
});

it('holds what is needed and nothing else', () => {
  expect(files).toEqual(expect.arrayContaining(['LICENSE', 'README.md', 'package.json', 'dist/index.js', 'dist/index.d.ts', 'dist/cjs/index.js', 'dist/cjs/index.d.ts', 'dist/cjs/package.json', 'dist/browser.js']));
  expect(files.filter((file) => !/^(LICENSE|README\.md|package\.json|dist\/(cjs\/)?([\w-]+\/)*[\w-]+(\.d\.ts|\.js)|dist\/cjs\/package\.json)$/.test(file))).toEqual([]);
});

it('runs the README\'s first example as an ES module', async () => {
  const readme = fs.readFileSync(path.join(packageDir, 'README.md'), 'utf8');
  const example = /```js\n([\s\S]*?)```/.exec(readme)![1];
  fs.writeFileSync(path.join(dir, 'example.mjs'), example);
  await run(process.execPath, ['example.mjs'], { cwd: dir, env: { ...process.env, MLFLOW_TRACKING_URI: server.uri } });
  const held = [...server.runs.values()].find((candidate) => candidate.info['run_name'] === 'edsr-x4')!;
  expect(held.info['status']).toBe('FINISHED');
  expect([...held.metrics.values()].map(({ key, value, step }) => [key, value, step])).toEqual([['val/psnr', 31.2, 100]]);
  expect([held.params.get('lr'), held.tags.get('mlflow.note.content')]).toEqual(['0.0001', 'First try']);
});

it('runs from CommonJS', async () => {
  fs.writeFileSync(path.join(dir, 'example.cjs'), `
    const { withRun, MlflowClient } = require('mlflow-ts-client');
    withRun({ experimentName: 'cjs', runName: 'cjs' }, (run) => run.logMetric('m', 1)).then(async () => {
      const client = new MlflowClient();
      console.log((await client.getExperimentByName('cjs')).name);
    });`);
  const { stdout } = await run(process.execPath, ['example.cjs'], { cwd: dir, env: { ...process.env, MLFLOW_TRACKING_URI: server.uri } });
  expect(stdout.trim()).toBe('cjs');
  expect([...server.runs.values()].find((candidate) => candidate.info['run_name'] === 'cjs')!.info['status']).toBe('FINISHED');
});

it('has types for both kinds of import', async () => {
  fs.writeFileSync(path.join(dir, 'esm.mts'), 'import { startRun, type Run } from "mlflow-ts-client";\nexport const run: Promise<Run> = startRun({ trialKey: "a" });\n// @ts-expect-error a number is wanted\nvoid run.then((r) => r.logMetric("a", "b"));\n');
  fs.writeFileSync(path.join(dir, 'cjs.cts'), 'import client = require("mlflow-ts-client");\nexport const name: string = client.where.tag("a", "=", "b").toString();\n');
  const tsc = path.join(packageDir, '../../node_modules/typescript/bin/tsc');
  await run(process.execPath, [tsc, '--noEmit', '--strict', '--module', 'nodenext', '--target', 'es2022', '--lib', 'es2022,esnext.disposable', '--skipLibCheck', '--types', 'node', '--typeRoots', path.join(packageDir, '../../node_modules/@types'), 'esm.mts', 'cjs.cts'], { cwd: dir });
});

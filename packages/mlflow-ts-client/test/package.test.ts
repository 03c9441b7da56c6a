import { execFile } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { makeConsumer, packageDir, type Consumer } from './support/consumer.js';
import { startModelServer, type ModelServer } from './support/model-server.js';

let consumer: Consumer;
let server: ModelServer;

beforeAll(async () => {
  server = await startModelServer();
  consumer = await makeConsumer();
});
afterAll(async () => {
  await server.close();
  consumer?.remove();
});

const runNamed = (name: string): ModelServer['runs'] extends Map<string, infer Held> ? Held : never =>
  [...server.runs.values()].find((candidate) => candidate.info['run_name'] === name)!;
const node = (file: string): Promise<string> => consumer.node(file, { MLFLOW_TRACKING_URI: server.uri });

it('holds what is needed and nothing else', () => {
  expect(consumer.files).toEqual(
    expect.arrayContaining([
      'LICENSE',
      'README.md',
      'package.json',
      'dist/index.js',
      'dist/index.d.ts',
      'dist/cjs/index.js',
      'dist/cjs/index.d.ts',
      'dist/cjs/package.json',
      'dist/browser.js',
    ]),
  );
  expect(
    consumer.files.filter(
      (file) =>
        !/^(LICENSE|README\.md|package\.json|dist\/(cjs\/)?([\w-]+\/)*[\w-]+(\.d\.ts|\.js)|dist\/cjs\/package\.json)$/.test(
          file,
        ),
    ),
  ).toEqual([]);
});

it("runs the README's first example as an ES module", async () => {
  const readme = fs.readFileSync(path.join(packageDir, 'README.md'), 'utf8');
  fs.writeFileSync(path.join(consumer.dir, 'readme.mjs'), /```js\n([\s\S]*?)```/.exec(readme)![1]);
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
    path.join(consumer.dir, 'run.cjs'),
    `
    const { withRun, MlflowClient } = require('mlflow-ts-client');
    withRun({ experimentName: 'cjs', runName: 'cjs' }, (run) => run.logMetric('m', 1)).then(async () => {
      console.log((await new MlflowClient().getExperimentByName('cjs')).name);
    });`,
  );
  expect(await node('run.cjs')).toBe('cjs');
  expect(runNamed('cjs').info['status']).toBe('FINISHED');
});

it('has types for both kinds of import', async () => {
  fs.writeFileSync(
    path.join(consumer.dir, 'esm.mts'),
    'import { startRun, type Run } from "mlflow-ts-client";\nexport const run: Promise<Run> = startRun({ trialKey: "a" });\n// @ts-expect-error a number is wanted\nvoid run.then((r) => r.logMetric("a", "b"));\n',
  );
  fs.writeFileSync(
    path.join(consumer.dir, 'cjs.cts'),
    'import client = require("mlflow-ts-client");\nexport const name: string = client.where.tag("a", "=", "b").toString();\n',
  );
  const modules = path.join(packageDir, '../../node_modules');
  await promisify(execFile)(
    process.execPath,
    [
      path.join(modules, 'typescript/bin/tsc'),
      '--noEmit',
      '--strict',
      '--module',
      'nodenext',
      '--target',
      'es2022',
      '--lib',
      'es2022,esnext.disposable',
      '--skipLibCheck',
      '--types',
      'node',
      '--typeRoots',
      path.join(modules, '@types'),
      'esm.mts',
      'cjs.cts',
    ],
    { cwd: consumer.dir },
  );
});

import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { openSpool, startRun, type Run } from '../src/index.js';
import { startModelServer, type ModelServer } from './support/model-server.js';

let dir: string;
let server: ModelServer;
beforeAll(async () => {
  dir = fs.mkdtempSync(path.join(os.tmpdir(), 'mlflow-opening-'));
  server = await startModelServer();
});
afterAll(async () => {
  await server.close();
  fs.rmSync(dir, { recursive: true, force: true });
});

const open = (spoolDir: string, trackingUri?: string): Promise<Run> =>
  startRun({ spoolDir, experimentName: 'opening', trialKey: path.basename(spoolDir), trackingUri, env: {} });

/** A beginning of several calls, as a trial makes it. */
async function begin(run: Run): Promise<void> {
  if (run.hasMark('begun')) return;
  run.logParams({ lr: 0.1, depth: 8 });
  run.logInput({ name: 'd', digest: '1', sourceType: 'local', source: '{}' });
  await run.logBytes(new Uint8Array(40_000), 'spec.bin');
  await run.mark('begun');
}

it('a run that was killed after any byte of its beginning has all of it in the end', async () => {
  const whole = path.join(dir, 'whole');
  const run = await open(whole);
  await begin(run);
  await run.suspend({ timeoutMs: 0 });
  const [{ folder }] = openSpool(whole).runs();
  const [segment] = fs.readdirSync(folder).filter((name) => name.endsWith('.log'));
  const journal = fs.readFileSync(path.join(folder, segment));
  const cuts = [0, journal.length];
  for (let at = journal.indexOf(10); at >= 0; at = journal.indexOf(10, at + 1)) cuts.push(at, at + 1);
  expect(cuts.length).toBeGreaterThan(20);
  for (const cut of cuts) {
    const spoolDir = path.join(dir, `cut-${cut}`);
    const again = path.join(spoolDir, path.basename(folder).replace(/^whole/, `cut-${cut}`));
    // The folder's name is the key's: the run is started once to learn it, and its journal replaced.
    await (await open(spoolDir)).suspend({ timeoutMs: 0 });
    const [{ folder: started }] = openSpool(spoolDir).runs();
    expect(path.dirname(started)).toBe(path.dirname(again));
    for (const name of fs.readdirSync(started)) fs.rmSync(path.join(started, name), { recursive: true });
    const keyed = Buffer.from(journal.subarray(0, cut));
    fs.cpSync(path.join(folder, 'files'), path.join(started, 'files'), { recursive: true });
    fs.writeFileSync(path.join(started, segment), keyed);
    const resumed = await open(spoolDir, server.uri);
    await begin(resumed);
    const report = await resumed.end('FINISHED', { timeoutMs: 20_000 });
    expect(report, `cut at ${cut}`).toMatchObject({ delivered: true, rejected: 0 });
    const held = server.runs.get(report.runId!)!;
    expect([...held.params], `cut at ${cut}`).toEqual([
      ['lr', '0.1'],
      ['depth', '8'],
    ]);
    expect(held.tags.get('mlflow.source.type'), `cut at ${cut}`).toBe('LOCAL');
    expect([...held.datasets.keys()], `cut at ${cut}`).toEqual(['d|1']);
    expect([...server.artifacts.keys()].some((name) => name.includes(`${report.runId}/artifacts/spec.bin`))).toBe(true);
    expect(held.info['status']).toBe('FINISHED');
  }
});

it('does not repeat a beginning that was journalled in full', async () => {
  const spoolDir = path.join(dir, 'once');
  const first = await open(spoolDir);
  await begin(first);
  await first.suspend({ timeoutMs: 0 });
  const second = await open(spoolDir, server.uri);
  expect(second.hasMark('begun')).toBe(true);
  await second.end();
  const third = await open(spoolDir);
  expect(third.hasMark('begun')).toBe(true);
  await third.end('FINISHED', { timeoutMs: 0 });
});

import { mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startRun } from 'mlflow-ts-client';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { LacunaSweep } from '../../src/sweep/plan/plan.js';
import { layout } from '../../src/sweep/results/results.js';
import { runKey, sweepIdentity } from '../../src/tracking/sweep-identity.js';
import { openSweepTracking } from '../../src/tracking/sweep-tracking.js';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'lacuna-tracking-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

describe('what a sweep is called in MLflow', () => {
  it('is kept in its folder, whatever its trials, and is another in another folder', () => {
    const first = sweepIdentity(join(folder, 'a'), 'spec');
    expect(first).toMatch(/^spec-[0-9a-f]{8}$/);
    expect(sweepIdentity(join(folder, 'a'), 'spec')).toBe(first);
    expect(sweepIdentity(join(folder, 'b'), 'spec')).not.toBe(first);
    expect(sweepIdentity(join(folder, 'c'), 'x'.repeat(255)).length).toBeLessThan(80);
  });
});

describe('a server that accepts and never answers', () => {
  let asked: string[];
  let server: http.Server;
  let uri: string;
  beforeEach(async () => {
    asked = [];
    server = http.createServer((request) => {
      asked.push(request.url!);
    });
    await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
    uri = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  });
  afterEach(() => {
    server.closeAllConnections();
    server.close();
  });

  const trials = Array.from({ length: 6 }, (_, i) => ({ id: `t${i}` }));
  /** Its whole patience, and longer than what is tried twice. */
  const answerMs = 1200;
  const sweep = { name: 'silent', trials, common: { tracking: { experiment: 'e' } } } as unknown as LacunaSweep;

  /** A trial whose process was killed: its journal holds no end. */
  async function leaveRun(id: string): Promise<string> {
    const spoolDir = layout.spool(layout.trial(folder, id));
    const run = await startRun({ spoolDir, experimentName: 'e', trialKey: runKey('silent', id), env: {} });
    run.logMetric('m', 1);
    await run.suspend({ timeoutMs: 0 });
    return spoolDir;
  }

  it('is asked once for a whole sweep; the journals are kept, with the ends of runs that were killed', async () => {
    const spools = await Promise.all(trials.map(({ id }) => leaveRun(id)));
    const tracking = openSweepTracking(sweep, folder, { trackingUri: uri, enabled: true, answerMs });
    for (let ended = 0; ended < trials.length; ended++) await tracking.deliver();
    expect(tracking.uri()).toBeNull();
    expect(await tracking.finish({ signal: new AbortController().signal })).toBeNull();
    expect(tracking.unavailable()).toContain('no answer from http://127.0.0.1');
    expect(asked).toHaveLength(1);
    for (const spool of spools) {
      const [run] = readdirSync(spool);
      // The segment of the run itself, and that of its end.
      expect(readdirSync(join(spool, run)).filter((name) => name.endsWith('.log'))).toHaveLength(2);
    }
  });

  it('a trial that was killed and is planned no more is KILLED as well', async () => {
    const spool = await leaveRun('given-up');
    const tracking = openSweepTracking(sweep, folder, { trackingUri: uri, enabled: true, answerMs });
    await tracking.finish({ signal: new AbortController().signal });
    const [run] = readdirSync(spool);
    const journal = readdirSync(join(spool, run)).filter((name) => name.endsWith('.log'));
    expect(journal.map((name) => readFileSync(join(spool, run, name), 'utf8')).join('')).toContain('KILLED');
  });

  it('is not waited for longer than a sweep that was stopped has time', async () => {
    const tracking = openSweepTracking(sweep, folder, { trackingUri: uri, enabled: true });
    expect(await tracking.finish({ signal: new AbortController().signal, timeoutMs: 500 })).toBeNull();
    // Its own time to answer is not over.
    expect(tracking.unavailable()).toMatch(/stopped before/);
  });

  it('lets go at once when its user presses Ctrl-C', async () => {
    const tracking = openSweepTracking(sweep, folder, { trackingUri: uri, enabled: true });
    const stop = new AbortController();
    const finished = tracking.finish({ signal: stop.signal });
    while (asked.length === 0) await new Promise((resolve) => setTimeout(resolve, 10));
    stop.abort();
    expect(await finished).toBeNull();
    expect(tracking.unavailable()).toMatch(/stopped before/);
  });
});

import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { MlflowClient, startRun, syncSpools } from '../src/index.js';
import { testFluentRuns } from './real/fluent-runs.js';
import type { Place } from './real/place.js';
import { testRestCalls } from './real/rest-calls.js';
import { startFaultProxy } from './support/fault-proxy.js';
import { python, whyNoPython } from './support/python.js';
import { startRealServer, type RealServer } from './support/real-server.js';
import { runSchedule } from './support/schedule.js';

const REAL_SCHEDULES = Number(process.env['LACUNA_REAL_FAULT_SCHEDULES'] ?? 15);
const LANES = 4;

/** One server for the whole file: it takes ten seconds and more to start. */
describe.skipIf(python === undefined)(
  `against a real MLflow server${python === undefined ? ` (skipped: ${whyNoPython})` : ''}`,
  () => {
    let server: RealServer;
    let client: MlflowClient;
    let dir: string;
    beforeAll(async () => {
      server = await startRealServer(python!);
      client = new MlflowClient({ trackingUri: server.uri, env: {} });
      dir = fs.mkdtempSync(path.join(os.tmpdir(), 'mlflow-client-'));
    });
    afterAll(async () => {
      await server?.remove();
      fs.rmSync(dir, { recursive: true, force: true });
    });

    const place = (): Place => ({ uri: server.uri, client, dir });
    testRestCalls(place);
    testFluentRuns(place);

    it('delivers what was logged while the server was killed, once and in order', async () => {
      const run = await startRun({
        trackingUri: server.uri,
        spoolDir: path.join(dir, 'outage'),
        experimentName: 'outage',
        trialKey: 'o1',
        env: {},
        delivery: { retryBaseMs: 20, retryMaxMs: 200 },
      });
      for (let step = 0; step < 50; step++) run.logMetric('m', step, { step });
      expect((await run.flush()).delivered).toBe(true);
      await server.kill();
      for (let step = 50; step < 100; step++) run.logMetric('m', step, { step });
      run.setTag('after', 'kill');
      const report = await run.end('FINISHED', { timeoutMs: 300 });
      expect(report).toMatchObject({ delivered: false, error: { kind: 'connection' } });
      await server.restart();
      expect(await syncSpools(path.join(dir, 'outage'), { trackingUri: server.uri, env: {} })).toMatchObject([
        { outcome: 'delivered', reaped: false, pendingBytes: 0 },
      ]);
      const steps: number[] = [];
      for await (const point of client.metricHistory(report.runId!, 'm')) steps.push(point.step);
      expect(steps.sort((a, b) => a - b)).toEqual(Array.from({ length: 100 }, (_, step) => step));
      expect(await client.getRun(report.runId!)).toMatchObject({
        info: { status: 'FINISHED' },
        data: { tags: { after: 'kill' } },
      });
    });

    it(`${REAL_SCHEDULES} seeded fault schedules leave exactly what was logged`, async () => {
      let next = 0;
      let abandoned = 0;
      await Promise.all(
        Array.from({ length: LANES }, async () => {
          const proxy = await startFaultProxy(server.uri);
          for (let seed = next++; seed < REAL_SCHEDULES; seed = next++) {
            try {
              const killed = await runSchedule({
                seed: 50_000 + seed,
                way: proxy,
                upstream: server,
                spoolDir: path.join(dir, `faults-${seed}`),
                settleMs: 150,
                steps: 6,
              });
              abandoned += killed;
            } catch (error) {
              throw new Error(`schedule ${50_000 + seed}: ${(error as Error).message}`, { cause: error });
            }
          }
          await proxy.close();
        }),
      );
      expect(abandoned).toBeGreaterThan(REAL_SCHEDULES / 2);
    }, 600_000);
  },
);

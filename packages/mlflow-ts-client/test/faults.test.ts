import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { FAULTS, startFaultProxy, type FaultProxy } from './support/fault-proxy.js';
import { startModelServer, type ModelServer } from './support/model-server.js';
import { runSchedule } from './support/schedule.js';

const LANES = 16;
/** `npm test` runs the first of the seeds; LACUNA_FAULT_SCHEDULES=1000 runs the whole set, which takes minutes. */
const SCHEDULES = Number(process.env['LACUNA_FAULT_SCHEDULES'] ?? 250);

describe(`${SCHEDULES} seeded fault schedules against the model server`, () => {
  let server: ModelServer;
  let dir: string;
  beforeAll(async () => {
    server = await startModelServer();
    dir = fs.mkdtempSync(path.join(os.tmpdir(), 'mlflow-faults-'));
  });
  afterAll(async () => {
    await server.close();
    fs.rmSync(dir, { recursive: true, force: true });
  });

  it('leave on the server exactly what was logged', async () => {
    const proxies: FaultProxy[] = [];
    let kills = 0;
    let next = 0;
    const lane = async (): Promise<void> => {
      const proxy = await startFaultProxy(server.uri);
      proxies.push(proxy);
      for (let seed = next++; seed < SCHEDULES; seed = next++) {
        try {
          const result = await runSchedule({ seed, proxy, upstream: server.uri, spoolDir: path.join(dir, `spool-${seed}`), settleMs: 40, steps: 10 });
          kills += result.kills;
        } catch (error) {
          throw new Error(`schedule ${seed}: ${(error as Error).message}`, { cause: error });
        }
        fs.rmSync(path.join(dir, `spool-${seed}`), { recursive: true, force: true });
      }
    };
    await Promise.all(Array.from({ length: LANES }, lane));
    for (const fault of FAULTS) expect(proxies.reduce((sum, proxy) => sum + (proxy.faults.get(fault) ?? 0), 0), fault).toBeGreaterThan(SCHEDULES / 10);
    expect(kills).toBeGreaterThan(SCHEDULES / 2);
    for (const proxy of proxies) await proxy.close();
  }, 1_200_000);
});

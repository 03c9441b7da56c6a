import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startFaultProxy } from './support/fault-proxy.js';
import { faultTransport } from './support/fault-transport.js';
import { FAULTS, type Fault } from './support/faults.js';
import { runKillSchedule } from './support/kill-schedule.js';
import { startModelServer, type ModelServer } from './support/model-server.js';
import { runSchedule } from './support/schedule.js';

/**
 * With the 15 of real.test.ts, against a real server, 1,000 schedules in all; LACUNA_FAULT_SCHEDULES=10000 goes
 * further.
 */
const IN_PROCESS = Number(process.env['LACUNA_FAULT_SCHEDULES'] ?? 885);
const PROXIED = 60;
const KILLED = 40;

/** A disk of memory where there is one: what is tested is the order of writes, not the disk. */
const temporary = fs.existsSync('/dev/shm') ? '/dev/shm' : os.tmpdir();

describe('seeded fault schedules leave on the server exactly what was logged', () => {
  let server: ModelServer;
  let dir: string;
  beforeAll(async () => {
    server = await startModelServer();
    dir = fs.mkdtempSync(path.join(temporary, 'mlflow-faults-'));
  });
  afterAll(async () => {
    await server.close();
    fs.rmSync(dir, { recursive: true, force: true });
  });

  /** Goes through seeds on several lanes at once; a lane is made once and used for one schedule after the other. */
  async function onLanes<Lane>(
    lanes: number,
    seeds: { first: number; count: number },
    open: () => Promise<Lane>,
    schedule: (lane: Lane, seed: number, spoolDir: string) => Promise<void>,
  ): Promise<void> {
    let next = seeds.first;
    await Promise.all(
      Array.from({ length: Math.min(lanes, seeds.count) }, async () => {
        const lane = await open();
        for (let seed = next++; seed < seeds.first + seeds.count; seed = next++) {
          const spoolDir = path.join(dir, `spool-${seed}`);
          try {
            await schedule(lane, seed, spoolDir);
          } catch (error) {
            throw new Error(`schedule ${seed}: ${(error as Error).message}`, { cause: error });
          }
          fs.rmSync(spoolDir, { recursive: true, force: true });
        }
      }),
    );
  }

  it(`${IN_PROCESS} in this process`, async () => {
    const counts = new Map<Fault, number>();
    const upstream = faultTransport(server.uri, server.respond, new Map());
    let abandoned = 0;
    await onLanes(
      32,
      { first: 0, count: IN_PROCESS },
      async () => faultTransport(server.uri, server.respond, counts),
      async (way, seed, spoolDir) => {
        const killed = await runSchedule({ seed, way, upstream, spoolDir, settleMs: 8, steps: 6 });
        abandoned += killed;
      },
    );
    for (const fault of FAULTS) expect(counts.get(fault) ?? 0, fault).toBeGreaterThan(IN_PROCESS / 10);
    expect(abandoned).toBeGreaterThan(IN_PROCESS / 2);
  }, 1_200_000);

  it(`${PROXIED} through a proxy`, async () => {
    const counts = new Map<Fault, number>();
    await onLanes(
      12,
      { first: 100_000, count: PROXIED },
      () => startFaultProxy(server.uri),
      async (way, seed, spoolDir) => {
        await runSchedule({ seed, way, upstream: server, spoolDir, settleMs: 30, steps: 6 });
        for (const [fault, count] of way.faults) counts.set(fault, (counts.get(fault) ?? 0) + count);
        way.faults.clear();
      },
    );
    for (const fault of FAULTS) expect(counts.get(fault) ?? 0, fault).toBeGreaterThan(PROXIED / 10);
  }, 300_000);

  it(`${KILLED} with processes killed while they write or send`, async () => {
    const killedWhile = { writing: 0, sending: 0 };
    await onLanes(
      4,
      { first: 200_000, count: KILLED },
      () => startFaultProxy(server.uri),
      async (way, seed, spoolDir) => {
        const killed = await runKillSchedule({ seed, way, upstream: server, spoolDir, settleMs: 30, steps: 8 });
        killedWhile[killed] += 1;
      },
    );
    expect(killedWhile.writing).toBeGreaterThan(KILLED / 5);
    expect(killedWhile.sending).toBeGreaterThan(KILLED / 5);
  }, 300_000);
});

import fs from 'node:fs';
import path from 'node:path';
import { Run, syncSpools, type Transport } from '../../src/index.js';
import { openDelivery } from '../../src/fluent/start-run.js';
import { listSegments, segmentName } from '../../src/spool/segments.js';
import { applyOp } from './apply-op.mjs';
import { FAULTS, type Fault } from './faults.js';
import { inspect } from './inspect.js';
import { expectedOf, planStep, type Op } from './plan.js';
import { seeded } from './random.js';

/** A way to a server that hurts what passes, as `decide` says of each request. */
export interface FaultyWay {
  readonly uri: string;
  readonly transport?: Transport;
  decide: () => Fault;
}

export interface ScheduleOptions {
  readonly seed: number;
  readonly way: FaultyWay;
  /** The server without faults, to look at what it holds. */
  readonly upstream: { readonly uri: string; readonly transport?: Transport };
  readonly spoolDir: string;
  /** Longer than any request is held back. */
  readonly settleMs: number;
  /** Steps of each process of the run, at most. */
  readonly steps: number;
}

/**
 * One run through one seeded schedule of faults: one to three processes, all but the last abandoned (its last write
 * whole, torn or altered), the next one going back to an earlier step; then an end, a last sync, and a look at every
 * field. Returns the number of abandoned processes.
 */
export async function runSchedule({
  seed,
  way,
  upstream,
  spoolDir,
  settleMs,
  steps,
}: ScheduleOptions): Promise<number> {
  const random = seeded(seed);
  const rate = 0.05 + 0.4 * random();
  way.decide = () => (random() < rate ? FAULTS[Math.floor(random() * FAULTS.length)] : 'none');
  const names = { experimentName: `faults-${seed % 4}`, key: `trial-${seed}`, trial: `${seed}` };
  const connection = {
    trackingUri: way.uri,
    transport: way.transport,
    env: {},
    delivery: { retryBaseMs: 1, retryMaxMs: 4, settleMs, lingerMs: 0 },
  };
  const logged: Op[] = [];
  const processes = 1 + Math.floor(3 * random());
  let from = 0;
  let reached = 0;
  let folder = '';
  for (let index = 0; index < processes; index++) {
    const opened = await openDelivery({
      ...connection,
      spoolDir,
      experimentName: names.experimentName,
      trialKey: names.key,
    });
    folder = opened.delivery.folder;
    const run = new Run(opened.delivery, { logged: opened.logged });
    // At least as far as the one before: a record that its last write lost is logged again.
    const until = Math.max(reached, from + 1) + Math.floor(steps * random());
    reached = until;
    for (let step = from; step < until; step++) {
      const ops = planStep(seed, step);
      logged.push(...ops);
      const working = ops.map((op) => applyOp(run, op));
      // A step is over when all of it is journalled: then a checkpoint may be written.
      await Promise.all(working);
      if (random() < 0.2) await new Promise((resolve) => setImmediate(resolve));
    }
    if (index === processes - 1) {
      await run.end('FINISHED', { timeoutMs: random() < 0.5 ? 20_000 : 0 });
    } else {
      await opened.delivery.abandon();
      const altered = hurtLastWrite(folder, random);
      from = Math.max(0, until - (altered ? 1 : 0) - Math.floor(4 * random()));
    }
  }
  await syncUntilDelivered(folder, spoolDir, connection);
  way.decide = () => 'none';
  // A late request of the last moments may still be on its way.
  await new Promise((resolve) => setTimeout(resolve, settleMs));
  await inspect(upstream, { ...names, folder }, expectedOf(logged));
  return processes - 1;
}

/** What the next `lacuna sync`, or the like, does; a few times, since a schedule may let one fail. */
export async function syncUntilDelivered(
  folder: string,
  spoolDir: string,
  connection: Omit<Parameters<typeof syncSpools>[1] & object, 'timeoutMs'>,
): Promise<void> {
  for (let attempt = 0; attempt < 5; attempt++) {
    const [left] = (await syncSpools(spoolDir, { ...connection, timeoutMs: 20_000 })).filter(
      (run) => run.folder === folder,
    );
    if (left === undefined || left.outcome === 'delivered') return;
  }
}

/**
 * What a power cut may leave of the last write: all, more than the beginning of a line, or altered bytes. Returns
 * whether a record is lost.
 */
export function hurtLastWrite(folder: string, random: () => number): boolean {
  const last = listSegments(folder).at(-1);
  const kind = Math.floor(3 * random());
  if (last === undefined || kind === 0) return false;
  const file = path.join(folder, segmentName(last));
  if (kind === 1) {
    fs.appendFileSync(file, '1badc0de {"t":"metric","k":"torn');
    return false;
  }
  const content = fs.readFileSync(file);
  const start = content.lastIndexOf(10, content.length - 2) + 1;
  content[start + Math.floor(random() * (content.length - start))] ^= 0x15;
  fs.writeFileSync(file, content);
  return true;
}

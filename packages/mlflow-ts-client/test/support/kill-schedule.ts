import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { openSpool, startRun } from '../../src/index.js';
import { applyOp } from './apply-op.mjs';
import type { Fault } from './faults.js';
import { FAULTS } from './faults.js';
import { inspect } from './inspect.js';
import { expectedOf, planStep } from './plan.js';
import { seeded } from './random.js';
import { hurtLastWrite, syncUntilDelivered, type ScheduleOptions } from './schedule.js';

/** Where a process is to be killed: after so many journalled steps, or so many requests. */
interface Death {
  readonly while: 'writing' | 'sending';
  readonly after: number;
}

/**
 * One run in two processes through faults: the first is killed by SIGKILL while it writes its journal or while a
 * request of it is on its way (the request goes on to the server, or not), its last write torn or altered or neither;
 * a second one, which is this process, goes on from the last step that the first had journalled, and ends the run. Then
 * a sync, and a look at every field.
 */
export async function runKillSchedule({
  seed,
  way,
  upstream,
  spoolDir,
  settleMs,
  steps,
}: ScheduleOptions): Promise<Death['while']> {
  const random = seeded(seed);
  const death: Death =
    random() < 0.5
      ? { while: 'writing', after: 1 + Math.floor(random() * (steps - 1)) }
      : { while: 'sending', after: 1 + Math.floor(random() * 8) };
  const rate = 0.3 * random();
  const fate = (): Fault => (random() < rate ? FAULTS[Math.floor(random() * FAULTS.length)] : 'none');
  const names = { experimentName: `killed-${seed % 4}`, key: `killed-${seed}`, trial: `${seed}` };
  const delivery = { retryBaseMs: 2, retryMaxMs: 8, settleMs, lingerMs: 0 };
  const options = {
    trackingUri: way.uri,
    spoolDir,
    experimentName: names.experimentName,
    trialKey: names.key,
    delivery,
  };
  const first = new Process({ options, steps: Array.from({ length: steps }, (_, step) => planStep(seed, step)) });
  let requests = 0;
  way.decide = () => {
    requests += 1;
    if (death.while === 'sending' && requests === death.after) {
      first.kill();
      return random() < 0.5 ? 'cut-after' : 'cut-before';
    }
    return fate();
  };
  if (death.while === 'writing')
    first.onStep = (step) => {
      if (step + 1 >= death.after) first.kill();
    };
  await first.gone;
  const [{ folder }] = openSpool(spoolDir).runs();
  const altered = hurtLastWrite(folder, random);
  way.decide = fate;
  const second = await startRun({ ...options, env: {} });
  for (let step = Math.max(0, first.journalled - (altered ? 1 : 0)); step < steps; step++)
    await Promise.all(planStep(seed, step).map((op) => applyOp(second, op)));
  await second.end('FINISHED', { timeoutMs: 20_000 });
  await syncUntilDelivered(folder, spoolDir, { trackingUri: way.uri, env: {}, delivery });
  way.decide = () => 'none';
  await new Promise((resolve) => setTimeout(resolve, settleMs));
  await inspect(
    upstream,
    { ...names, folder },
    expectedOf(Array.from({ length: steps }, (_, step) => planStep(seed, step)).flat()),
  );
  return death.while;
}

/** `killed-run.mjs` as it runs. */
class Process {
  /** How many steps are journalled whole. */
  journalled = 0;
  onStep: (step: number) => void = () => undefined;
  readonly gone: Promise<void>;
  readonly #child;

  constructor(job: object) {
    this.#child = spawn(
      process.execPath,
      [fileURLToPath(new URL('./killed-run.mjs', import.meta.url)), JSON.stringify(job)],
      { stdio: ['ignore', 'pipe', 'inherit'] },
    );
    createInterface({ input: this.#child.stdout }).on('line', (line) => {
      this.journalled = Number(line) + 1;
      this.onStep(Number(line));
    });
    // `close`, not `exit`: what it wrote before it died is read by then.
    this.gone = new Promise((resolve) => this.#child.once('close', () => resolve()));
  }

  kill(): void {
    this.#child.kill('SIGKILL');
  }
}

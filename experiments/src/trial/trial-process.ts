/** The process of one trial: `node trial-process.js JOB.json`. Talks to the sweep over its channel. */
import { readFileSync } from 'node:fs';
import { availableParallelism, cpus } from 'node:os';
import { join } from 'node:path';
import { LacunaError, diskFailure, isDiskRefusal, makeFolder, withLockFile } from '@lacuna/core';
import type { TrialMessage, Verdict } from '@lacuna/sweep';
import { loadExtensions } from '../extensions/load.js';
import type { ExtensionFile } from '../extensions/registry.js';
import { ownJob } from '../queue/own-job.js';
import type { TrialOptions } from './context.js';
import { Judgements } from './judgements.js';
import { runTrial } from './trial.js';

/** What the sweep writes for a trial's process. */
export interface TrialJob extends Omit<TrialOptions, 'signal' | 'onProgress' | 'onWarning' | 'judge' | 'energyShare'> {
  /** Null for the share of the machine's cores that the process is given where it runs. */
  readonly energyShare: number | null;
  /** What the trial uses of extensions, as it was when the sweep was planned. */
  readonly extensions?: readonly ExtensionFile[];
  /** Whether the sweep decides after each validation if the trial goes on. */
  readonly isJudged?: true;
}

const job = JSON.parse(readFileSync(process.argv[2], 'utf8')) as TrialJob;
const stop = new AbortController();
const judgements = new Judgements(stop.signal);
process.on('message', (message: { kind: 'stop' } | ({ kind: 'verdict' } & Verdict)) => {
  if (message.kind === 'stop') stop.abort();
  else judgements.hear(message);
});
// The sweep is gone: end after a checkpoint, so that it can be gone on with.
process.on('disconnect', () => stop.abort());
// It may have gone while this process was still loading.
if (process.send && !process.connected) stop.abort();
for (const name of ['SIGTERM', 'SIGINT', 'SIGUSR1'] as const) process.on(name, () => stop.abort());

/** Whether an earlier process of this trial still has its folder. */
let isWaiting = true;

const send = (message: TrialMessage): Promise<void> =>
  new Promise((resolve) => {
    if (!process.connected || !process.send) return resolve();
    process.send(message, undefined, undefined, () => resolve());
  });

try {
  // After a sweep was killed, its trials still write their last checkpoint while the next sweep begins: one process a
  // folder.
  makeFolder(job.folder);
  const wait = { timeoutMs: 120_000, signal: stop.signal, own: ownJob() };
  const outcome = await withLockFile(join(job.folder, 'lock'), wait, async () => {
    isWaiting = false;
    const by = `${process.argv[2]}: extensions`;
    await loadExtensions((job.extensions ?? []).map((extension) => ({ ...extension, by })));
    return runTrial({
      ...job,
      energyShare: job.energyShare ?? availableParallelism() / cpus().length,
      signal: stop.signal,
      onWarning: (text) => void send({ kind: 'warning', text }),
      onProgress: (progress) => void send({ kind: 'progress', ...progress }),
      ...(job.isJudged
        ? {
            async judge(step: number, values: Readonly<Record<string, number>>) {
              await send({ kind: 'validation', step, values });
              return judgements.of(step);
            },
          }
        : {}),
    });
  });
  await send({ kind: 'done', ...outcome });
  process.exit(0);
} catch (cause) {
  if (isWaiting && stop.signal.aborted) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    await send({ kind: 'done', status: 'stopped', reason });
    process.exit(0);
  }
  // What was not translated where it arose: a library's own file, for one.
  const error = isDiskRefusal(cause)
    ? diskFailure(
        (cause as NodeJS.ErrnoException).path ?? job.folder,
        cause,
        'room for what the trial writes',
        'choose another folder with --out',
      )
    : cause;
  const exitCode = error instanceof LacunaError ? error.exitCode : 1;
  const message = error instanceof Error ? error.message : String(error);
  console.error(error);
  await send({
    kind: 'error',
    message,
    exitCode,
    ...(isDiskRefusal(cause) || (error instanceof Error && isDiskRefusal(error.cause)) ? { disk: true } : {}),
    ...(error instanceof Error && error.stack ? { stack: error.stack } : {}),
  });
  process.exit(exitCode);
}

/**
 * The process of trials: `node trial-process.js JOB.json`. Talks to the sweep over its channel, and stays for the
 * trials that the sweep sends after the first.
 */
import { readFileSync } from 'node:fs';
import { availableParallelism, cpus } from 'node:os';
import { join } from 'node:path';
import { LacunaError, diskFailure, isDiskRefusal, makeFolder, withLockFile } from '@lacuna/core';
import { END_OF_OUTPUT, type JobMessage, type TrialMessage } from '@lacuna/sweep';
import { loadExtensions } from '../extensions/load.js';
import type { ExtensionFile } from '../extensions/registry.js';
import { ownJob } from '../queue/own-job.js';
import type { TrialOptions } from './context.js';
import { Judgements } from './judgements.js';
import { beginTrial, endTrial } from './phases.js';
import { runTrial, type TrialEnd } from './trial.js';

/** What the sweep writes for a trial's process. */
export interface TrialJob extends Omit<TrialOptions, 'signal' | 'onProgress' | 'onWarning' | 'judge' | 'energyShare'> {
  /** Null for the share of the machine's cores that the process is given where it runs. */
  readonly energyShare: number | null;
  /** What the trial uses of extensions, as it was when the sweep was planned. */
  readonly extensions?: readonly ExtensionFile[];
  /** Whether the sweep decides after each validation if the trial goes on. */
  readonly isJudged?: true;
}

/** A process that holds more memory than this after a trial ends: the next trial has one that begins with little. */
const MOST_RESIDENT = 1e9;

/** The trial that runs. */
interface Running {
  readonly stop: AbortController;
  readonly judgements: Judgements;
}

let running: Running | null = null;
let takeJob: (path: string | null) => void = () => undefined;

/** Ends the trial after a checkpoint, or the process where there is none. */
function stopRunning(): void {
  if (running) running.stop.abort();
  else process.exit(0);
}

process.on('message', (message: JobMessage) => {
  switch (message.kind) {
    case 'job':
      return takeJob(message.arguments[0]);
    case 'end':
      return takeJob(null);
    case 'stop':
      return running?.stop.abort();
    case 'verdict':
      return running?.judgements.hear(message);
  }
});
// The sweep is gone: end after a checkpoint, so that it can be gone on with.
process.on('disconnect', stopRunning);
for (const name of ['SIGTERM', 'SIGINT', 'SIGUSR1'] as const) process.on(name, stopRunning);

const send = (message: TrialMessage): Promise<void> =>
  new Promise((resolve) => {
    if (!process.connected || !process.send) return resolve();
    process.send(message, undefined, undefined, () => resolve());
  });

let next: string | null = process.argv[2];
while (next !== null) next = await serve(next);
process.exit(0);

/** Runs a trial and tells how it ended. @returns the job file of the next one; null where the process is to end. */
async function serve(path: string): Promise<string | null> {
  const stop = new AbortController();
  running = { stop, judgements: new Judgements(stop.signal) };
  // The sweep may have gone while this process was still loading.
  if (process.send && !process.connected) stop.abort();
  beginTrial(path);
  const end = await runJob(path, running);
  endTrial();
  const stays = end.status === 'finished' && process.connected && process.memoryUsage.rss() < MOST_RESIDENT;
  if (stays) await endOutput();
  const job = nextJob();
  running = null;
  await send({ kind: 'done', ...end, ...(stays ? { stays } : {}) });
  return stays && process.connected ? job : null;
}

/** Resolves with the next trial's job file, null where there is none; the process ends with its channel. */
function nextJob(): Promise<string | null> {
  return new Promise((resolve) => {
    takeJob = resolve;
  });
}

/** Tells the reader of both outputs that nothing more of this trial comes. */
async function endOutput(): Promise<void> {
  const write = (stream: NodeJS.WriteStream) =>
    new Promise<void>((resolve) => stream.write(`${END_OF_OUTPUT}\n`, () => resolve()));
  await Promise.all([write(process.stdout), write(process.stderr)]);
}

/** Runs one trial. What fails ends the process. */
async function runJob(path: string, { stop, judgements }: Running): Promise<TrialEnd> {
  const job = JSON.parse(readFileSync(path, 'utf8')) as TrialJob;
  /** Whether an earlier process of this trial still has its folder. */
  let isWaiting = true;
  try {
    // After a sweep was killed, its trials still write their last checkpoint while the next sweep begins: one process
    // a folder.
    makeFolder(job.folder);
    const wait = { timeoutMs: 120_000, signal: stop.signal, own: ownJob() };
    return await withLockFile(join(job.folder, 'lock'), wait, async () => {
      isWaiting = false;
      const by = `${path}: extensions`;
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
  } catch (cause) {
    if (!isWaiting || !stop.signal.aborted) return fail(cause, job.folder);
    return { status: 'stopped', reason: cause instanceof Error ? cause.message : String(cause) };
  }
}

/** Tells why the trial failed, and ends the process. */
async function fail(cause: unknown, folder: string): Promise<never> {
  // What was not translated where it arose: a library's own file, for one.
  const error = isDiskRefusal(cause)
    ? diskFailure(
        (cause as NodeJS.ErrnoException).path ?? folder,
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

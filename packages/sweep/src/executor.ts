import { fork, type ChildProcess } from 'node:child_process';
import { createWriteStream } from 'node:fs';
import { dirname } from 'node:path';
import { makeFolder } from '@lacuna/core';
import type { Journal, TrialState } from './journal.js';
import { LastWords } from './last-words.js';
import { LineFilter } from './line-filter.js';

/** What a trial's process tells. Its last message is `done`. */
export type TrialMessage =
  | {
      readonly kind: 'progress';
      readonly step: number;
      readonly steps: number;
      readonly loss: number | null;
      readonly score: number | null;
      readonly stepMs: number | null;
      readonly note?: string;
    }
  | { readonly kind: 'warning'; readonly text: string }
  | { readonly kind: 'done'; readonly status: 'finished' | 'diverged' | 'stopped'; readonly reason?: string }
  | { readonly kind: 'error'; readonly message: string; readonly exitCode: 1 | 2; readonly stack?: string };

/** One process to run. */
export interface Job {
  readonly id: string;
  readonly arguments: readonly string[];
  /** Where its output goes. */
  readonly log: string;
  /** Called just before the process starts. */
  readonly prepare?: () => void;
}

/** How jobs are run. */
export interface ExecutorOptions {
  readonly jobs: readonly Job[];
  readonly workers: number;
  /** The compiled script that one trial runs in: it gets the job's arguments, and `stop` as a message. */
  readonly script: string;
  /** Environment of the process in a slot: its GPU, its threads. */
  readonly environment: (slot: number) => Readonly<Record<string, string>>;
  readonly journal: Journal;
  readonly onMessage?: (id: string, message: TrialMessage) => void;
  readonly onState?: (id: string, state: Exclude<TrialState, 'planned'>, reason?: string) => void;
  /** Lines of a trial's output that tell nobody anything: they reach neither its log nor the reason that is given for its death. */
  readonly isNoise?: (line: string) => boolean;
  /** First abort: trials stop after a checkpoint. */
  readonly signal: AbortSignal;
  /** Second abort: they are killed. */
  readonly killSignal: AbortSignal;
}

/** How many jobs ended in which way. `mistakes` counts the failed ones that the user's input caused (exit status 2). */
export type ExecutorSummary = Readonly<Record<'finished' | 'failed' | 'diverged' | 'interrupted' | 'mistakes', number>>;

/**
 * Runs each job in a process of its own, `workers` at a time. What kills one - a crash, memory, a signal - fails that trial alone.
 * A process whose parent is gone stops by itself (its channel closes).
 * @throws {FailureError} when the journal cannot be written.
 */
export async function runJobs(options: ExecutorOptions): Promise<ExecutorSummary> {
  const counts = { finished: 0, failed: 0, diverged: 0, interrupted: 0, mistakes: 0 };
  const queue = [...options.jobs];
  const broken = new AbortController();
  const signal = AbortSignal.any([options.signal, broken.signal]);
  const work = async (slot: number): Promise<void> => {
    for (let job = queue.shift(); job; job = queue.shift()) {
      if (signal.aborted || options.killSignal.aborted) return;
      const { state, reason, mistake } = await runJob(job, slot, { ...options, signal }).catch(
        (error: unknown): JobEnd => ({
          state: 'failed',
          reason: error instanceof Error ? error.message : String(error),
        }),
      );
      counts[state]++;
      if (mistake) counts.mistakes++;
      options.journal.append({ trial: job.id, state, ...(reason === undefined ? {} : { reason }) });
      options.onState?.(job.id, state, reason);
    }
  };
  // A journal that cannot be written (a full disk) ends the sweep, but not before the trials beside it have stopped.
  const ends = await Promise.allSettled(
    Array.from({ length: Math.max(1, options.workers) }, (_, slot) =>
      work(slot).catch((error: unknown) => {
        broken.abort();
        throw error;
      }),
    ),
  );
  for (const end of ends) if (end.status === 'rejected') throw end.reason;
  return counts;
}

interface JobEnd {
  readonly state: Exclude<keyof ExecutorSummary, 'mistakes'>;
  readonly reason?: string;
  readonly mistake?: boolean;
}

/** How long what a dead trial left behind (a helper that holds its output open) may linger before it is killed. */
const LINGER_MS = 2000;

async function runJob(
  job: Job,
  slot: number,
  { script, environment, journal, onMessage, onState, signal, killSignal, isNoise = () => false }: ExecutorOptions,
): Promise<JobEnd> {
  makeFolder(dirname(job.log));
  job.prepare?.();
  // A group of its own: Ctrl-C in the terminal reaches the sweep alone, which asks its trials to stop.
  const child: ChildProcess = fork(script, [...job.arguments], {
    env: { ...process.env, ...environment(slot) },
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    detached: true,
    serialization: 'json',
  });
  const kill = () => killGroup(child);
  const stop = () => {
    if (child.connected) child.send({ kind: 'stop' }, () => undefined);
  };
  const log = createWriteStream(job.log, { flags: 'a' });
  const lastWords = new LastWords();
  const keep = (text: Buffer): void => {
    log.write(text);
    lastWords.add(text);
  };
  for (const stream of [child.stdout!, child.stderr!]) {
    const lines = new LineFilter(isNoise, keep);
    stream.on('data', (chunk: Buffer) => lines.add(chunk)).on('end', () => lines.end());
  }
  const told: { done?: Extract<TrialMessage, { kind: 'done' }>; error?: Extract<TrialMessage, { kind: 'error' }> } = {};
  child.on('message', (message: TrialMessage) => {
    if (message.kind === 'done') told.done = message;
    if (message.kind === 'error') told.error = message;
    onMessage?.(job.id, message);
  });
  let linger: NodeJS.Timeout | undefined;
  const ended = new Promise<{ code: number | null; killedBy: NodeJS.Signals | null; spawnError?: Error }>((resolve) => {
    child.on('error', (spawnError) => {
      if (child.pid === undefined) resolve({ code: null, killedBy: null, spawnError });
    });
    child.on('exit', () => {
      linger = setTimeout(kill, LINGER_MS);
    });
    child.on('close', (code, killedBy) => resolve({ code, killedBy }));
  });
  const logged = new Promise<void>((resolve) => {
    // A full disk costs the log, not the sweep.
    log.on('error', () => resolve()).on('finish', () => resolve());
  });
  signal.addEventListener('abort', stop, { once: true });
  killSignal.addEventListener('abort', kill, { once: true });
  try {
    journal.append({ trial: job.id, state: 'running', ...(child.pid === undefined ? {} : { pid: child.pid }) });
    onState?.(job.id, 'running');
    const { code, killedBy, spawnError } = await ended;
    const { done, error } = told;
    if (done)
      return {
        state: done.status === 'stopped' ? 'interrupted' : done.status,
        ...(done.reason === undefined ? {} : { reason: done.reason }),
      };
    if (error) return { state: 'failed', reason: error.message, mistake: error.exitCode === 2 };
    if (spawnError) return { state: 'failed', reason: spawnError.message };
    if (killSignal.aborted) return { state: 'interrupted', reason: 'killed' };
    if (signal.aborted && (killedBy || code === 0))
      return { state: 'interrupted', reason: killedBy ? `killed by ${killedBy}` : 'ended without a checkpoint' };
    return {
      state: 'failed',
      reason: `${killedBy ? `killed by ${killedBy}` : `exit status ${code}`}${killedBy === 'SIGKILL' ? ' (out of memory?)' : ''}; ${lastWords.text() ?? 'no output'}`,
    };
  } finally {
    signal.removeEventListener('abort', stop);
    killSignal.removeEventListener('abort', kill);
    clearTimeout(linger);
    kill();
    log.end();
    await logged;
  }
}

/** Kills a trial and whatever it started. */
function killGroup({ pid }: ChildProcess): void {
  if (pid === undefined) return;
  try {
    process.kill(-pid, 'SIGKILL');
  } catch (error) {
    // Nobody is left, or (macOS) only what has ended already.
    if (!['ESRCH', 'EPERM'].includes((error as NodeJS.ErrnoException).code ?? '')) throw error;
  }
}

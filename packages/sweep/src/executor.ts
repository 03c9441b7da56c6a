import { fork, type ChildProcess } from 'node:child_process';
import { createWriteStream, mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import type { Journal } from './journal.js';

/** What a trial's process tells. Its last message is `done`. */
export type TrialMessage =
  | { readonly kind: 'progress'; readonly step: number; readonly steps: number; readonly loss: number | null; readonly score: number | null; readonly stepMs: number | null; readonly note?: string }
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
  readonly onState?: (id: string, state: 'running' | 'finished' | 'failed' | 'diverged' | 'interrupted', reason?: string) => void;
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
 */
export async function runJobs(options: ExecutorOptions): Promise<ExecutorSummary> {
  const counts = { finished: 0, failed: 0, diverged: 0, interrupted: 0, mistakes: 0 };
  const queue = [...options.jobs];
  const work = async (slot: number): Promise<void> => {
    for (let job = queue.shift(); job && !options.signal.aborted; job = queue.shift()) {
      const { state, reason, mistake } = await runJob(job, slot, options);
      counts[state]++;
      if (mistake) counts.mistakes++;
      options.journal.append({ trial: job.id, state, ...(reason === undefined ? {} : { reason }) });
      options.onState?.(job.id, state, reason);
    }
  };
  await Promise.all(Array.from({ length: Math.max(1, options.workers) }, (_, slot) => work(slot)));
  return counts;
}

type JobEnd = { state: 'finished' | 'failed' | 'diverged' | 'interrupted'; reason?: string; mistake?: boolean };

function runJob(job: Job, slot: number, { script, environment, journal, onMessage, onState, signal, killSignal }: ExecutorOptions): Promise<JobEnd> {
  mkdirSync(dirname(job.log), { recursive: true });
  job.prepare?.();
  const log = createWriteStream(job.log, { flags: 'a' });
  // A group of its own: Ctrl-C in the terminal reaches the sweep alone, which asks its trials to stop.
  const child: ChildProcess = fork(script, [...job.arguments], { env: { ...process.env, ...environment(slot) }, stdio: ['ignore', 'pipe', 'pipe', 'ipc'], detached: true, serialization: 'json' });
  journal.append({ trial: job.id, state: 'running', ...(child.pid === undefined ? {} : { pid: child.pid }) });
  onState?.(job.id, 'running');
  const tail: string[] = [];
  for (const stream of [child.stdout!, child.stderr!]) {
    stream.on('data', (chunk: Buffer) => {
      log.write(chunk);
      tail.push(...chunk.toString().split('\n').filter((line) => line.trim() !== ''));
      tail.splice(0, Math.max(0, tail.length - 5));
    });
  }
  let end: Extract<TrialMessage, { kind: 'done' }> | null = null, failure: Extract<TrialMessage, { kind: 'error' }> | null = null;
  child.on('message', (message: TrialMessage) => {
    if (message.kind === 'done') end = message;
    if (message.kind === 'error') failure = message;
    onMessage?.(job.id, message);
  });
  const stop = () => { if (child.connected) child.send({ kind: 'stop' }, () => undefined); };
  const kill = () => { child.kill('SIGKILL'); };
  signal.addEventListener('abort', stop, { once: true });
  killSignal.addEventListener('abort', kill, { once: true });
  return new Promise((resolve) => {
    child.on('error', (error) => resolve({ state: 'failed', reason: error.message }));
    child.on('close', (code, killedBy) => {
      signal.removeEventListener('abort', stop);
      killSignal.removeEventListener('abort', kill);
      log.end();
      const done = end as Extract<TrialMessage, { kind: 'done' }> | null, error = failure as Extract<TrialMessage, { kind: 'error' }> | null;
      if (done?.status === 'stopped') resolve({ state: 'interrupted' });
      else if (done) resolve({ state: done.status as 'finished' | 'diverged', ...(done.reason === undefined ? {} : { reason: done.reason }) });
      else if (error) resolve({ state: 'failed', reason: error.message, mistake: error.exitCode === 2 });
      else if (killSignal.aborted || signal.aborted) resolve({ state: 'interrupted', reason: 'killed' });
      else resolve({ state: 'failed', reason: `${killedBy ? `killed by ${killedBy}` : `exit status ${code}`}${killedBy === 'SIGKILL' ? ' (out of memory?)' : ''}; ${tail.at(-1) ?? 'no output'}` });
    });
  });
}

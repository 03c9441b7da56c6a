import { fork, type ChildProcess } from 'node:child_process';
import { createWriteStream } from 'node:fs';
import { dirname } from 'node:path';
import { PassThrough } from 'node:stream';
import { makeFolder } from '@lacuna/core';
import type { Executor, Job, JobEnd, RunningJob, TrialMessage } from './executor.js';
import { FailureReason } from './failure-reason.js';
import { LineFilter } from './line-filter.js';

/** How {@link localExecutor} starts a trial. */
export interface LocalExecutorOptions {
  /** The compiled script that one trial runs in: it gets the job's arguments, `{ kind: 'stop' }` and verdicts. */
  readonly script: string;
  /**
   * Environment of the process in a slot: its GPU, its threads. Slots count from 0; a job takes the lowest that is
   * free.
   */
  readonly environment: (slot: number) => Readonly<Record<string, string>>;
  /**
   * Lines of a trial's output that tell nobody anything: they reach neither its log nor the reason that is given for
   * its death.
   */
  readonly isNoise?: (line: string) => boolean;
}

/** How long what a dead trial left behind (a helper that holds its output open) may linger before it is killed. */
const LINGER_MS = 2000;

/**
 * Runs each job in a process of its own on this machine. What kills one (a crash, memory, a signal) ends that job
 * alone. A process whose parent is gone stops by itself: its channel closes.
 */
export function localExecutor(options: LocalExecutorOptions): Executor {
  const taken = new Set<number>();
  return {
    start(job) {
      let slot = 0;
      while (taken.has(slot)) slot++;
      const running = startProcess(job, options, slot);
      taken.add(slot);
      void running.ended.then(() => taken.delete(slot));
      return running;
    },
  };
}

function startProcess(job: Job, { script, environment, isNoise }: LocalExecutorOptions, slot: number): RunningJob {
  makeFolder(dirname(job.log));
  // A group of its own: Ctrl-C in the terminal reaches the sweep alone, which asks its trials to stop.
  const child = fork(script, [...job.arguments], {
    env: { ...process.env, ...environment(slot) },
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    detached: true,
    serialization: 'json',
  });
  const messages = new PassThrough({ objectMode: true });
  const send = (message: object): void => {
    if (child.connected) child.send(message, () => undefined);
  };
  child.on('message', (message: TrialMessage) => messages.write(message));
  return {
    handle: child.pid === undefined ? {} : { pid: child.pid },
    messages,
    stop: () => send({ kind: 'stop' }),
    answer: (verdict) => send({ kind: 'verdict', ...verdict }),
    kill: () => killGroup(child),
    ended: endOf(child, keepOutput(child, job.log, isNoise)).finally(() => messages.end()),
  };
}

/** A process's output while it is written to its log. */
interface Output {
  readonly reason: FailureReason;
  close(): Promise<void>;
}

function keepOutput(child: ChildProcess, path: string, isNoise: (line: string) => boolean = () => false): Output {
  const log = createWriteStream(path, { flags: 'a' });
  const logged = new Promise<void>((resolve) => {
    // A full disk costs the log, not the sweep.
    log.on('error', () => resolve()).on('finish', () => resolve());
  });
  const reason = new FailureReason();
  const keep = (text: Buffer): void => {
    log.write(text);
    reason.add(text);
  };
  for (const stream of [child.stdout!, child.stderr!]) {
    const lines = new LineFilter(isNoise, keep);
    stream.on('data', (chunk: Buffer) => lines.add(chunk)).on('end', () => lines.end());
  }
  return {
    reason,
    close: () => {
      log.end();
      return logged;
    },
  };
}

/** Waits for the process and the end of its output, ends what it left behind, and closes its log. */
async function endOf(child: ChildProcess, output: Output): Promise<JobEnd> {
  let linger: NodeJS.Timeout | undefined;
  child.on('exit', () => {
    linger = setTimeout(() => killGroup(child), LINGER_MS);
  });
  const end = await new Promise<JobEnd>((resolve) => {
    child.on('error', ({ message }) => {
      if (child.pid === undefined) resolve({ kind: 'not-started', reason: message });
    });
    child.on('close', (code, killedBy) => {
      const line = output.reason.text();
      if (killedBy) resolve({ kind: 'killed', by: killedBy, output: line });
      else resolve({ kind: 'exited', code: code ?? 1, output: line });
    });
  });
  clearTimeout(linger);
  killGroup(child);
  await output.close();
  return end;
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

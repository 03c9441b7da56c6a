import type { Executor, Job, JobEnd, RunningJob, TrialMessage } from './executor/executor.js';
import type { Journal, TrialState } from './journal.js';

/** A job that waits for its turn. */
export interface QueuedJob extends Job {
  /** A job that must have finished before: where that one is to be run too, this one waits for it. */
  readonly after?: { readonly id: string; readonly name: string };
  /** Called just before the job starts. */
  readonly prepare?: () => void;
}

/** How jobs are run. */
export interface RunJobsOptions {
  readonly jobs: readonly QueuedJob[];
  /** Jobs at the same time. */
  readonly workers: number;
  readonly executor: Executor;
  readonly journal: Journal;
  readonly onMessage?: (id: string, message: TrialMessage) => void;
  readonly onState?: (id: string, state: Exclude<TrialState, 'planned'>, reason?: string) => void;
  /** First abort: trials stop after a checkpoint. */
  readonly signal: AbortSignal;
  /** Second abort: they are killed. */
  readonly killSignal: AbortSignal;
}

/** How many jobs ended in which way. `mistakes` counts the failed ones that the user's input caused (exit status 2). */
export type JobsSummary = Readonly<Record<'finished' | 'failed' | 'diverged' | 'interrupted' | 'mistakes', number>>;

/** How a trial ended: by what it told, by how its program ended, and by what was asked of it. */
interface TrialEnd {
  readonly state: Exclude<keyof JobsSummary, 'mistakes'>;
  readonly reason?: string;
  readonly mistake?: boolean;
}

/**
 * Runs each job by the executor, `workers` at a time, and writes the journal. What ends one badly fails that trial
 * alone.
 * @throws {FailureError} when the journal cannot be written.
 */
export async function runJobs(options: RunJobsOptions): Promise<JobsSummary> {
  const counts = { finished: 0, failed: 0, diverged: 0, interrupted: 0, mistakes: 0 };
  const queue = new Queue(options.jobs);
  const broken = new AbortController();
  const signal = AbortSignal.any([options.signal, broken.signal]);
  const work = async (): Promise<void> => {
    for (let job = await queue.take(); job; job = await queue.take()) {
      if (signal.aborted || options.killSignal.aborted) {
        queue.end(job.id, 'interrupted');
        continue;
      }
      const unmet = queue.whyNot(job);
      const { state, reason, mistake } = unmet ?? (await runJob(job, { ...options, signal }).catch(failed));
      queue.end(job.id, state);
      counts[state]++;
      if (mistake) counts.mistakes++;
      options.journal.append({ trial: job.id, state, ...(reason === undefined ? {} : { reason }) });
      options.onState?.(job.id, state, reason);
    }
  };
  // A journal that cannot be written (a full disk) ends the sweep, but not before the trials beside it have stopped.
  const workers = Array.from({ length: Math.max(1, options.workers) }, () =>
    work().catch((error: unknown) => {
      broken.abort();
      throw error;
    }),
  );
  const ends = await Promise.allSettled(workers);
  for (const end of ends) if (end.status === 'rejected') throw end.reason;
  return counts;
}

/** Jobs in their order, each behind the one that it goes on from. */
class Queue {
  private readonly waiting: QueuedJob[];
  /** Of all jobs: how they ended, null before. */
  private readonly states = new Map<string, TrialEnd['state'] | null>();
  private wake: (() => void)[] = [];

  constructor(jobs: readonly QueuedJob[]) {
    this.waiting = [...jobs];
    for (const { id } of jobs) this.states.set(id, null);
  }

  /** The first job that needs not wait, once there is one; undefined where none is left. */
  async take(): Promise<QueuedJob | undefined> {
    while (this.waiting.length > 0) {
      const next = this.waiting.findIndex(({ after }) => !after || this.states.get(after.id) !== null);
      if (next >= 0) return this.waiting.splice(next, 1)[0];
      await new Promise<void>((resolve) => this.wake.push(resolve));
    }
    return undefined;
  }

  end(id: string, state: TrialEnd['state']): void {
    this.states.set(id, state);
    for (const resolve of this.wake.splice(0)) resolve();
  }

  /** How a job ends that cannot begin, since the one before it did not finish; null where it can. */
  whyNot({ after }: QueuedJob): TrialEnd | null {
    const state = after && this.states.get(after.id);
    if (!after || state === undefined || state === null || state === 'finished') return null;
    if (state === 'interrupted') return { state, reason: `${after.name}, which it goes on from, was stopped` };
    const how = state === 'failed' ? 'failed' : 'diverged';
    return { state: 'failed', reason: `it goes on from ${after.name}, which ${how}` };
  }
}

function failed(error: unknown): TrialEnd {
  return { state: 'failed', reason: error instanceof Error ? error.message : String(error) };
}

async function runJob(job: QueuedJob, options: RunJobsOptions): Promise<TrialEnd> {
  const { executor, journal, onMessage, onState, signal, killSignal } = options;
  job.prepare?.();
  const running = executor.start(job);
  const { stop, kill } = running;
  signal.addEventListener('abort', stop, { once: true });
  killSignal.addEventListener('abort', kill, { once: true });
  try {
    journal.append({ trial: job.id, state: 'running', ...running.handle });
    onState?.(job.id, 'running');
    const last = await hear(running, (message) => onMessage?.(job.id, message));
    return conclude(last, await running.ended, options);
  } catch (error) {
    kill();
    await running.ended;
    throw error;
  } finally {
    signal.removeEventListener('abort', stop);
    killSignal.removeEventListener('abort', kill);
  }
}

type LastMessage = Extract<TrialMessage, { kind: 'done' | 'error' }>;

/** Passes a trial's messages on. @returns the one that says how it ended; `done` outweighs `error`. */
async function hear(running: RunningJob, tell: (message: TrialMessage) => void): Promise<LastMessage | null> {
  let last: LastMessage | null = null;
  for await (const message of running.messages) {
    if (message.kind === 'done' || (message.kind === 'error' && last?.kind !== 'done')) last = message;
    tell(message);
  }
  return last;
}

function conclude(
  last: LastMessage | null,
  end: JobEnd,
  { signal, killSignal }: Pick<RunJobsOptions, 'signal' | 'killSignal'>,
): TrialEnd {
  if (last?.kind === 'done') {
    const state = last.status === 'stopped' ? 'interrupted' : last.status;
    return { state, ...(last.reason === undefined ? {} : { reason: last.reason }) };
  }
  if (last?.kind === 'error') return { state: 'failed', reason: last.message, mistake: last.exitCode === 2 };
  if (end.kind === 'not-started') return { state: 'failed', reason: end.reason };
  if (killSignal.aborted) return { state: 'interrupted', reason: 'killed' };
  if (signal.aborted && end.kind === 'killed') return { state: 'interrupted', reason: `killed by ${end.by}` };
  if (signal.aborted && end.kind === 'exited' && end.code === 0)
    return { state: 'interrupted', reason: 'ended without a checkpoint' };
  return { state: 'failed', reason: `${describeEnd(end)}; ${end.output ?? 'no output'}` };
}

function describeEnd(end: Exclude<JobEnd, { kind: 'not-started' }>): string {
  if (end.kind === 'exited') return `exit status ${end.code}`;
  return end.by === 'SIGKILL' ? 'killed by SIGKILL (out of memory?)' : `killed by ${end.by}`;
}

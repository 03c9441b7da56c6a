import type { Executor, JobEnd, RunningJob, TrialMessage, Validation } from '../executor/executor.js';
import type { JobSource, QueuedJob, TrialEnd } from './job-source.js';
import type { Journal, TrialState } from './journal.js';

/** How jobs are run. */
export interface RunJobsOptions {
  readonly jobs: JobSource;
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
export type JobsSummary = Readonly<Record<TrialEnd['state'] | 'mistakes', number>>;

/**
 * Runs each job by the executor, `workers` at a time, and writes the journal. What ends one badly fails that trial
 * alone.
 * @throws {FailureError} when the journal cannot be written, or the source of jobs fails.
 */
export async function runJobs(options: RunJobsOptions): Promise<JobsSummary> {
  const counts = { finished: 0, failed: 0, diverged: 0, pruned: 0, interrupted: 0, mistakes: 0 };
  const { jobs, journal, killSignal, onState } = options;
  const broken = new AbortController();
  const signal = AbortSignal.any([options.signal, broken.signal]);
  const isStopped = () => signal.aborted || killSignal.aborted;
  const work = async (): Promise<void> => {
    while (!isStopped()) {
      const job = await jobs.take();
      if (!job) return;
      if (isStopped()) {
        await jobs.end(job.id, { state: 'interrupted' });
        continue;
      }
      const end = jobs.whyNot?.(job) ?? (await runJob(job, { ...options, signal }).catch(failed));
      const { state, reason, mistake } = end;
      counts[state]++;
      if (mistake) counts.mistakes++;
      try {
        journal.append({ trial: job.id, state, ...(reason === undefined ? {} : { reason }) });
      } finally {
        await jobs.end(job.id, end);
      }
      onState?.(job.id, state, reason);
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
  options.executor.close?.();
  for (const end of ends) if (end.status === 'rejected') throw end.reason;
  return counts;
}

function failed(error: unknown): TrialEnd {
  return { state: 'failed', reason: error instanceof Error ? error.message : String(error) };
}

async function runJob(job: QueuedJob, options: RunJobsOptions): Promise<TrialEnd> {
  const { executor, jobs, journal, onMessage, onState, signal, killSignal } = options;
  job.prepare?.();
  const running = executor.start(job);
  const stop = () => running.stop();
  const kill = () => running.kill();
  signal.addEventListener('abort', stop, { once: true });
  killSignal.addEventListener('abort', kill, { once: true });
  try {
    journal.append({ trial: job.id, state: 'running', ...running.handle });
    onState?.(job.id, 'running');
    const last = await hear(running, {
      tell: (message) => onMessage?.(job.id, message),
      judge: async (validation) => (await jobs.judge?.(job.id, validation)) ?? null,
    });
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

/** Who listens to a trial. */
interface Listener {
  readonly tell: (message: TrialMessage) => void;
  /** Why a trial is pruned after a validation; null where it goes on. */
  readonly judge: (validation: Validation) => Promise<string | null>;
}

/**
 * Passes a trial's messages on, and answers its validations.
 * @returns the one that says how it ended; `done` outweighs `error`.
 */
async function hear(running: RunningJob, { tell, judge }: Listener): Promise<LastMessage | null> {
  let last: LastMessage | null = null;
  for await (const message of running.messages) {
    if (message.kind === 'done' || (message.kind === 'error' && last?.kind !== 'done')) last = message;
    tell(message);
    if (message.kind === 'validation') running.answer({ step: message.step, prune: await judge(message) });
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

/** The scores of a model in training. */
export interface Validation {
  readonly step: number;
  readonly values: Readonly<Record<string, number>>;
}

/** What is answered to a validation: why the trial is pruned, or null where it goes on. */
export interface Verdict {
  readonly step: number;
  readonly prune: string | null;
}

/** What a trial tells while it runs. Its last message is `done` or `error`. */
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
  | (Validation & { readonly kind: 'validation' })
  | {
      readonly kind: 'done';
      readonly status: 'finished' | 'diverged' | 'pruned' | 'stopped';
      readonly reason?: string;
      /** The program waits for another job ({@link Job.sameProcess}), its output ended by {@link END_OF_OUTPUT}. */
      readonly stays?: true;
    }
  | {
      readonly kind: 'error';
      readonly message: string;
      readonly exitCode: 1 | 2;
      readonly stack?: string;
      readonly disk?: true;
    };

/** One trial to run. */
export interface Job {
  readonly id: string;
  /** What the trial's program is given: for Lacuna the path of its job file. */
  readonly arguments: readonly string[];
  /** The file that its output is appended to. */
  readonly log: string;
  /**
   * Jobs for which this is equal may run one after the other in one process, which has loaded its libraries then; a job
   * without it has a process of its own.
   */
  readonly sameProcess?: string | undefined;
}

/** What a program is told while it runs, and once it waits for another job. */
export type JobMessage =
  | { readonly kind: 'stop' }
  | (Verdict & { readonly kind: 'verdict' })
  | { readonly kind: 'job'; readonly arguments: readonly string[] }
  | { readonly kind: 'end' };

/** The last line of a job, on both of its outputs, where its program stays: end of transmission. */
export const END_OF_OUTPUT = '\u0004';

/**
 * How a job's program ended, whatever it told before. `output` is the line of its output that says why, null for
 * none.
 */
export type JobEnd =
  | { readonly kind: 'exited'; readonly code: number; readonly output: string | null }
  | { readonly kind: 'killed'; readonly by: string; readonly output: string | null }
  | { readonly kind: 'not-started'; readonly reason: string };

/** What finds a running job again: a process of this machine, or the name that another executor gives it. */
export interface JobHandle {
  readonly pid?: number;
  readonly job?: string;
}

/** A job that runs. */
export interface RunningJob {
  readonly handle: JobHandle;
  /** In the order in which they were sent; the last one has come when `ended` resolves or soon after. */
  readonly messages: AsyncIterable<TrialMessage>;
  /** Asks the trial to stop after a checkpoint; it may be asked before it listens. */
  stop(): void;
  /** Answers a validation; a trial that waits for no answer takes no notice. */
  answer(verdict: Verdict): void;
  /** Ends it now, with everything that it started. */
  kill(): void;
  /** Resolves once nothing of the job runs any more and its log is written. Never rejects. */
  readonly ended: Promise<JobEnd>;
}

/**
 * Where trials run: processes of this machine ({@link localExecutor}), or a cluster's queue. A trial needs the folder
 * of its sweep and nothing else of the process that started it; an executor whose sweep is gone lets its trials stop
 * after a checkpoint.
 */
export interface Executor {
  /** @throws {LacunaError} where the job cannot even be tried: that fails this job alone. */
  start(job: Job): RunningJob;
  /** No job will be started any more: what waits for one ends. */
  close?(): void;
}

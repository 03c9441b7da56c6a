/** Where a job of a scheduler stands, by the scheduler's own answer. */
export type JobStanding =
  | { readonly kind: 'queued'; readonly reason: string }
  | { readonly kind: 'running'; readonly node: string }
  | { readonly kind: 'ended'; readonly ending: SchedulerEnding; readonly reason: string };

/** What a scheduler says about the end of a job. `unknown` where it has forgotten it. */
export type SchedulerEnding =
  'completed' | 'time-limit' | 'preempted' | 'node-failed' | 'out-of-memory' | 'cancelled' | 'failed' | 'unknown';

/** One task of a submission as its scheduler knows it. */
export interface SchedulerJob {
  /** The name that the scheduler's commands take. */
  readonly job: string;
  readonly standing: JobStanding;
}

/** What is submitted at once. */
export interface Batch {
  /** The name of all its jobs. No other submission has it: it finds them again. */
  readonly token: string;
  /** The shell script that every task runs. */
  readonly script: string;
  /** Tasks, numbered from 0. */
  readonly tasks: number;
  /** Where the tasks' own output goes. */
  readonly folder: string;
}

/** A submission that is asked about. `jobs` are the names that submitting gave, by task; null where not known. */
export interface Submitted {
  readonly token: string;
  readonly tasks: number;
  readonly jobs: readonly string[] | null;
}

/** What a task reads of itself, as words of the shell script that runs it. */
interface TaskWords {
  /** The task's number in its submission, from 0. */
  readonly index: string;
  /** The name of its job. */
  readonly job: string;
}

/**
 * A cluster's queue, by its own commands alone: trials are handed over and nobody of ours waits for them.
 */
export interface Scheduler {
  readonly kind: string;
  readonly words: TaskWords;
  /** The most tasks of one submission. */
  readonly mostTasks: () => number;
  /**
   * Looks at what can be known before anything is submitted.
   * @throws {InputError} for settings that the cluster refuses. @throws {FailureError} where it does not answer.
   */
  readonly check: () => void;
  /** @returns the names of the jobs by task. @throws {FailureError} with the scheduler's own words. */
  readonly submit: (batch: Batch) => readonly string[];
  /**
   * What the scheduler says of the tasks of submissions, by token and number; tasks that it does not know are left out.
   * @throws {FailureError} where it does not answer.
   */
  readonly ask: (submissions: readonly Submitted[]) => ReadonlyMap<string, ReadonlyMap<number, SchedulerJob>>;
  /** Ends jobs; those that have ended already are no mistake. */
  readonly cancel: (jobs: readonly string[]) => void;
  /** Whether a job runs now; where the scheduler does not answer, it does. */
  readonly isRunning: (job: string) => boolean;
  /**
   * From within a job: queues it again.
   * @returns the exit status that the job has to end with, or null where the scheduler queues nothing again.
   */
  readonly requeue: (job: string) => number | null;
}

import type { Executor, Job, RunningJob } from './executor.js';
import { JobLog } from './job-log.js';
import { JobProcess, type JobProcessOptions } from './job-process.js';

/** How {@link localExecutor} starts a trial. */
export interface LocalExecutorOptions extends Omit<JobProcessOptions, 'environment'> {
  /**
   * Environment of the process in a slot: its GPU, its threads. Slots count from 0; a job takes the lowest that is
   * free, or a free one with a process that waits for such a job.
   */
  readonly environment: (slot: number) => Readonly<Record<string, string>>;
}

/** How long a process waits for another job before it is let go: its memory may be wanted. */
const IDLE_MS = 10_000;

/**
 * Runs jobs in processes of this machine: one a job, or one for jobs of the same {@link Job.sameProcess} that follow
 * one another. What kills one (a crash, memory, a signal) ends the job that it runs alone. A process whose parent is
 * gone stops by itself: its channel closes.
 */
export function localExecutor(options: LocalExecutorOptions): Executor {
  const slots: Slot[] = [];
  return {
    start(job) {
      const slot = slots.find((each) => each.suits(job)) ?? slots.find((each) => !each.isTaken) ?? addSlot(slots);
      return slot.start(job, options);
    },
    close() {
      for (const slot of slots) slot.close();
    },
  };
}

function addSlot(slots: Slot[]): Slot {
  const slot = new Slot(slots.length);
  slots.push(slot);
  return slot;
}

/** A place for one process at a time. */
class Slot {
  isTaken = false;
  private waiting: JobProcess | null = null;
  private idle: NodeJS.Timeout | undefined;
  private readonly index: number;

  constructor(index: number) {
    this.index = index;
  }

  /** Whether a process waits here that the job may run in. */
  suits(job: Job): boolean {
    return !this.isTaken && this.waiting !== null && this.waiting.suits(job);
  }

  start(job: Job, { environment, ...options }: LocalExecutorOptions): RunningJob {
    const log = new JobLog(job.log);
    if (!this.suits(job)) this.close();
    clearTimeout(this.idle);
    const process = this.waiting ?? new JobProcess(job, { ...options, environment: environment(this.index) });
    this.waiting = null;
    this.isTaken = true;
    const running = process.run(job, log);
    void running.ended.then(() => {
      this.isTaken = false;
      this.keep(process);
    });
    return running;
  }

  /** Lets the process that waits go. */
  close(): void {
    clearTimeout(this.idle);
    this.waiting?.dismiss();
    this.waiting = null;
  }

  private keep(process: JobProcess): void {
    if (!process.waits) return;
    this.waiting = process;
    this.idle = setTimeout(() => this.close(), IDLE_MS);
  }
}

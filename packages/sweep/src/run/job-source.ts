import type { Job, Validation } from '../executor/executor.js';

/** A job that waits for its turn. */
export interface QueuedJob extends Job {
  /** A job that must have finished before: where that one is to be run too, this one waits for it. */
  readonly after?: { readonly id: string; readonly name: string };
  /** Called just before the job starts. */
  readonly prepare?: () => void;
}

/** How a trial ended: by what it told, by how its program ended, and by what was asked of it. */
export interface TrialEnd {
  readonly state: 'finished' | 'failed' | 'diverged' | 'pruned' | 'interrupted';
  readonly reason?: string;
  /** Whether the user's input caused it. */
  readonly mistake?: boolean;
}

/** Where jobs come from: a list that is known beforehand, or a search that makes them from how earlier ones ended. */
export interface JobSource {
  /** The next job that may begin, once there is one; undefined where none is left. */
  take(): Promise<QueuedJob | undefined>;
  /** How a job that was taken ends without having begun; null where it can begin. */
  whyNot?(job: QueuedJob): TrialEnd | null;
  /** Why a running trial is to be pruned after a validation; null where it goes on. */
  judge?(id: string, validation: Validation): Promise<string | null>;
  /** Told once of every job that was taken, after its end stands in the journal. */
  end(id: string, end: TrialEnd): void | Promise<void>;
}

/** Jobs in their order, each behind the one that it goes on from. */
export function listedJobs(jobs: readonly QueuedJob[]): JobSource {
  return new JobList(jobs);
}

class JobList implements JobSource {
  private readonly waiting: QueuedJob[];
  /** Of all jobs: how they ended, null before. */
  private readonly states = new Map<string, TrialEnd['state'] | null>();
  private wake: (() => void)[] = [];

  constructor(jobs: readonly QueuedJob[]) {
    this.waiting = [...jobs];
    for (const { id } of jobs) this.states.set(id, null);
  }

  async take(): Promise<QueuedJob | undefined> {
    while (this.waiting.length > 0) {
      const next = this.waiting.findIndex(({ after }) => !after || this.states.get(after.id) !== null);
      if (next >= 0) return this.waiting.splice(next, 1)[0];
      await new Promise<void>((resolve) => this.wake.push(resolve));
    }
    return undefined;
  }

  end(id: string, { state }: TrialEnd): void {
    this.states.set(id, state);
    for (const resolve of this.wake.splice(0)) resolve();
  }

  whyNot({ after }: QueuedJob): TrialEnd | null {
    const state = after && this.states.get(after.id);
    if (!after || state === undefined || state === null || state === 'finished') return null;
    if (state === 'interrupted') return { state, reason: `${after.name}, which it goes on from, was stopped` };
    const how = state === 'failed' ? 'failed' : 'diverged';
    return { state: 'failed', reason: `it goes on from ${after.name}, which ${how}` };
  }
}

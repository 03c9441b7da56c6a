import type { LockJob } from '@lacuna/core';
import { schedulerOf, type QueueSpec } from '@lacuna/sweep';

/** The environment by which a job tells the trial that it runs which job it is. */
const JOB = 'LACUNA_QUEUE_JOB';
const EXECUTOR = 'LACUNA_QUEUE_EXECUTOR';

/** What a job's trial is told in its environment. */
export const jobEnvironment = (job: string, executor: QueueSpec): Record<string, string> => ({
  [JOB]: job,
  [EXECUTOR]: JSON.stringify(executor),
});

/** The scheduler's job that this process is part of, as its locks name it; undefined on a machine of one's own. */
export function ownJob(env: NodeJS.ProcessEnv = process.env): LockJob | undefined {
  const job = env[JOB];
  const executor = env[EXECUTOR];
  return job === undefined || executor === undefined ? undefined : lockJob(job, JSON.parse(executor) as QueueSpec);
}

/** A job as a lock's owner: jobs on nodes that nobody can look into are asked about at their scheduler. */
export function lockJob(job: string, executor: QueueSpec): LockJob {
  const scheduler = schedulerOf(executor);
  return { job, isRunning: (other) => scheduler.isRunning(other) };
}

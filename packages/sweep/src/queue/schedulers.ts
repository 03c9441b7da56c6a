import type { QueueSpec } from './executor-spec.js';
import type { Scheduler } from './scheduler.js';
import { slurmScheduler } from './slurm.js';

/** The scheduler that an executor's settings name. */
export function schedulerOf(spec: QueueSpec): Scheduler {
  return slurmScheduler(spec);
}

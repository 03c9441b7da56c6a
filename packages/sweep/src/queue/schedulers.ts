import { commandScheduler } from './command.js';
import type { QueueSpec } from './executor-spec.js';
import { oarScheduler } from './oar.js';
import type { Scheduler } from './scheduler.js';
import { slurmScheduler } from './slurm.js';

/** The scheduler that an executor's settings name. */
export function schedulerOf(spec: QueueSpec): Scheduler {
  switch (spec.kind) {
    case 'slurm':
      return slurmScheduler(spec);
    case 'oar':
      return oarScheduler(spec);
    case 'command':
      return commandScheduler(spec);
  }
}

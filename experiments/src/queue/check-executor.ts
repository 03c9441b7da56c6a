import { InputError } from '@lacuna/core';
import { formatDuration, schedulerOf, secondsOf, type QueueSpec } from '@lacuna/sweep';
import { isTrained } from '../sweep/spec/method.js';
import type { LacunaTrial } from '../sweep/plan/plan.js';
import { estimateSeconds } from '../sweep/run/throughput.js';

/**
 * Looks at an executor's settings before anything is submitted: a partition that is there, a time limit in which every
 * trial reaches a checkpoint.
 * @throws {InputError} for the first of them that does not hold.
 */
export function checkExecutor(executor: QueueSpec, trials: readonly LacunaTrial[]): void {
  schedulerOf(executor).check();
  const limit = secondsOf(executor.time);
  const room = limit - executor.notice;
  const device = executor.gpus > 0 ? 'GPU' : 'CPU';
  const slowest = trials
    .filter(({ config }) => isTrained(config.regime))
    .map(({ config, group }) => {
      const { seconds } = estimateSeconds(config, { engine: 'tensorflow', device });
      const { steps, checkpointEvery } = config.training;
      return { group, seconds: (seconds * Math.min(steps, checkpointEvery)) / steps };
    })
    .sort((a, b) => b.seconds - a.seconds)
    .at(0);
  if (room > (slowest?.seconds ?? 0)) return;
  throw new InputError({
    who: 'executor.time',
    got: `${executor.time}, of which ${executor.notice} s (executor.notice) are kept for the last checkpoint`,
    wanted:
      slowest === undefined
        ? 'more than the notice'
        : `more than ${formatDuration(slowest.seconds + executor.notice)}: ${slowest.group} takes about ` +
          `${formatDuration(slowest.seconds)} to its first checkpoint`,
    remedy: 'raise executor.time (--set executor.time=4:00:00), or lower training.checkpointEvery or executor.notice',
  });
}

import { fileURLToPath } from 'node:url';
import type { FailureError } from '@lacuna/core';
import { canonicalJson, localExecutor, type Executor, type QueueSpec } from '@lacuna/sweep';
import { extensionsOf } from '../../extensions/used.js';
import { isLibraryNotice } from '../../machine/library-notices.js';
import { expectedBackend, slotEnvironment, visibleGpus } from '../../machine/workers.js';
import { queueExecutor } from '../../queue/queue-executor.js';
import { settingsOnCluster } from '../../queue/submit-trials.js';
import { isTrained } from '../spec/method.js';
import type { LacunaTrial } from '../plan/plan.js';
import type { TrialResult } from '../results/results.js';
import { rememberStepMs } from './throughput.js';
import type { TrialJobOptions } from './trial-job.js';

/** Where the trials of a sweep run, and what is different there. */
export interface TrialPlace {
  readonly executor: Executor;
  /** What a trial's process is told of its machine. */
  readonly settings: (trial: LacunaTrial) => Pick<TrialJobOptions, 'threads' | 'energyShare' | 'uri'>;
  /** See the field of `Job`; undefined where each trial has a process of its own. */
  readonly sameProcess: (trial: LacunaTrial) => string | undefined;
  /** What is said when the sweep is asked to stop. */
  readonly stopping: string;
  readonly onResult: (trial: LacunaTrial, result: TrialResult) => void;
  /** Aborted, with a {@link FailureError} for its reason, where no further trial is taken. */
  readonly refused: AbortSignal;
}

/** Processes of this machine. @param uri where trials deliver to MLflow, asked just before each starts. */
export function thisMachine(workers: number, uri: () => string | null): TrialPlace {
  const backend = expectedBackend();
  return {
    executor: localExecutor({
      script: fileURLToPath(new URL('../../trial/trial-process.js', import.meta.url)),
      isNoise: isLibraryNotice,
      environment: slotEnvironment,
    }),
    settings: ({ config }) => ({
      threads: visibleGpus().length > 0 ? null : config.training.threads,
      energyShare: 1 / workers,
      uri: uri(),
    }),
    sameProcess: backend.device === 'GPU' ? () => undefined : librarySettings,
    stopping: 'stopping after a checkpoint, from which the same command goes on; press Ctrl-C again to stop at once',
    onResult: ({ config }, { cost }) => rememberStepMs(config, cost.stepMs, backend),
    refused: new AbortController().signal,
  };
}

/**
 * What a process sets up once, for all of its trials: the library's threads and compiler, and extensions. On a GPU the
 * library keeps the memory that a trial had until its process ends, so that trials do not share one there.
 */
function librarySettings({ config }: LacunaTrial): string {
  const xla = isTrained(config.regime) && config.training.xla;
  return canonicalJson({ threads: config.training.threads, xla, extensions: extensionsOf(config) });
}

/** Jobs of a cluster, each submitted when its turn comes. @param folder the sweep's. */
export function clusterPlace(folder: string, executor: QueueSpec, print: (line: string) => void): TrialPlace {
  const refusal = new AbortController();
  return {
    executor: queueExecutor({
      folder,
      executor,
      onRefused: (reason: FailureError) => refusal.abort(reason),
      print,
    }),
    settings: (trial) => settingsOnCluster(executor, trial),
    sameProcess: () => undefined,
    stopping: 'stopping; what is queued or runs stays with the scheduler, and the same command goes on with it',
    // Its machines have times of their own.
    onResult: () => undefined,
    refused: refusal.signal,
  };
}

import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Journal, localExecutor, lockSweep, runJobs, type QueuedJob } from '@lacuna/sweep';
import { isLibraryNotice } from '../machine/library-notices.js';
import { slotEnvironment, visibleGpus } from '../machine/workers.js';
import { requireNoLiveJobs } from '../queue/submit-sweep.js';
import { trackingAddress } from '../tracking/address.js';
import { openSweepTracking } from '../tracking/sweep-tracking.js';
import { checkBaselines, checkData } from './checks.js';
import { checkInit } from './check-init.js';
import { listenToInterrupts } from './interrupts.js';
import { takePending, type Retry } from './pending.js';
import type { LacunaSweep, LacunaTrial } from './plan.js';
import { layout, readResult } from './results.js';
import { commandFor, type SweepSelection } from './selection.js';
import { summarizeSweep } from './summary.js';
import { sweepFolder } from './sweep-folder.js';
import { writeSpec, writeTrialJob } from './trial-job.js';
import { trialLines } from './trial-lines.js';

/** What `lacuna sweep` was told. */
export interface RunOptions {
  readonly selection: SweepSelection;
  readonly workers: number;
  readonly retry: Retry;
  readonly tracking: boolean;
  readonly trackingUri?: string;
}

/**
 * How a sweep ended. `finished` counts all its trials with scores, those of earlier runs too; `mistakes` the failed
 * ones that the user's input caused.
 */
export interface SweepEnd {
  readonly finished: number;
  readonly failed: number;
  readonly mistakes: number;
  readonly interrupted: boolean;
}

const STOPPING =
  '\nstopping after a checkpoint, from which the same command goes on; press Ctrl-C again to stop at once';

/**
 * Runs what a sweep lacks: trials with a result stay, interrupted ones go on from their checkpoint. Training does not
 * wait for the tracking server and does not fail because of it.
 */
export async function runSweep(sweep: LacunaSweep, options: RunOptions): Promise<SweepEnd> {
  const { selection } = options;
  const folder = sweepFolder(sweep.name, selection.out);
  const trackingOptions = { trackingUri: options.trackingUri, enabled: options.tracking };
  trackingAddress(sweep, trackingOptions);
  const lacking = sweep.trials.filter((trial) => readResult(layout.trial(folder, trial.id)) === null);
  await checkBaselines(lacking);
  await checkInit(lacking, sweep);
  await checkData(lacking);
  const unlock = lockSweep(folder);
  try {
    requireNoLiveJobs(folder, sweep, selection);
    const journal = new Journal(folder);
    writeSpec(sweep, selection, folder);
    const pending = takePending(sweep.trials, folder, options.retry);
    const tracking = openSweepTracking(sweep, folder, trackingOptions);
    console.log(describeStart(sweep, pending.length, options.workers, folder));
    const { stop, kill, release } = listenToInterrupts(() => console.log(STOPPING));
    try {
      const lines = trialLines(sweep, folder);
      const summary = await runJobs({
        onMessage: lines.onMessage,
        onState(id, state, reason) {
          lines.onState(id, state, reason);
          if (state !== 'running') void tracking.deliver();
        },
        workers: Math.max(1, Math.min(options.workers, pending.length)),
        journal,
        signal: stop,
        killSignal: kill,
        jobs: pending.map((trial) => ({
          id: trial.id,
          ...jobBefore(sweep, trial),
          arguments: [layout.trialFile(layout.trial(folder, trial.id))],
          log: join(layout.trial(folder, trial.id), 'log.txt'),
          prepare: () =>
            writeTrialJob(sweep, trial, {
              folder,
              threads: visibleGpus().length > 0 ? null : trial.config.training.threads,
              energyShare: 1 / options.workers,
              // Just before it starts: the tracking server may have come up meanwhile.
              uri: tracking.uri(),
              identity: tracking.identity(),
            }),
        })),
        executor: localExecutor({
          script: fileURLToPath(new URL('../trial/trial-process.js', import.meta.url)),
          isNoise: isLibraryNotice,
          environment: slotEnvironment,
        }),
      });
      const interrupted = stop.aborted;
      if (interrupted) console.log(`stopped; nothing is lost. To go on: ${commandFor('sweep', selection)}`);
      // A sweep that was stopped waits little, and not at all after another Ctrl-C.
      const signal = interrupted ? kill : stop;
      await summarizeSweep(sweep, folder, tracking, { selection, quiet: interrupted, signal });
      const finished = sweep.trials.filter(({ id }) => readResult(layout.trial(folder, id))?.status === 'finished');
      if (!interrupted && finished.length === 0 && summary.failed === 0)
        console.log('every trial diverged: there is no model and no score');
      return { finished: finished.length, failed: summary.failed, mistakes: summary.mistakes, interrupted };
    } finally {
      release();
    }
  } finally {
    unlock();
  }
}

function describeStart(sweep: LacunaSweep, pending: number, workers: number, folder: string): string {
  const total = sweep.trials.length;
  const work = `${pending} to run on ${workers} worker${workers === 1 ? '' : 's'}`;
  return `${sweep.name}: ${total} trials, ${total - pending} finished before, ${work}; results in ${folder}`;
}

function jobBefore({ trials }: LacunaSweep, { after }: LacunaTrial): Pick<QueuedJob, 'after'> {
  const before = trials.find(({ id }) => id === after);
  return before ? { after: { id: before.id, name: before.name } } : {};
}

import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { FailureError } from '@lacuna/core';
import { Journal, canonicalJson, localExecutor, lockSweep, runJobs, type QueuedJob } from '@lacuna/sweep';
import { writeJson } from '../machine/json-file.js';
import { isLibraryNotice } from '../machine/library-notices.js';
import { slotEnvironment, visibleGpus } from '../machine/workers.js';
import { trackingAddress, withoutUserInfo } from '../tracking/address.js';
import { openSweepTracking, type SweepTracking } from '../tracking/sweep-tracking.js';
import type { TrialJob } from '../trial/trial-process.js';
import { checkBaselines, checkData } from './checks.js';
import { checkInit } from './check-init.js';
import { listenToInterrupts } from './interrupts.js';
import { takePending, type Retry } from './pending.js';
import type { LacunaSweep, LacunaTrial } from './plan.js';
import { layout, readResult } from './results.js';
import { commandFor, type SweepSelection } from './selection.js';
import { bytesOf } from './spec.js';
import { summarizeSweep } from './summary.js';
import { sweepFolder } from './sweep-folder.js';
import { trialLines } from './trial-lines.js';

/** Who may read what was made of a user's spec and options: the user alone. */
const PRIVATE = 0o600;

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
  await checkInit(lacking, sweep.trials);
  await checkData(lacking);
  const unlock = lockSweep(folder);
  try {
    const journal = new Journal(folder);
    const { spec: path, set: sets } = selection;
    const trials = sweep.trials.map(({ id }) => id);
    const written = withoutUserInfo({ path, sets, trials, resolved: sweep.resolved });
    writeJson(join(folder, 'spec.json'), written, { mode: PRIVATE });
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
          prepare: () => prepareJob(sweep, trial, { folder, tracking, workers: options.workers }),
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

/** Equal shares of the room for kept images: one for each trial, and one for the pairs of each point of the axes. */
function roomOfTrial({ trials, common }: LacunaSweep): number {
  const points = new Set(trials.map(({ axes }) => canonicalJson(axes))).size;
  return Math.floor(bytesOf(common.keep.limit) / (trials.length + points));
}

function jobBefore({ trials }: LacunaSweep, { after }: LacunaTrial): Pick<QueuedJob, 'after'> {
  const before = trials.find(({ id }) => id === after);
  return before ? { after: { id: before.id, name: before.name } } : {};
}

/**
 * The model file that a trial begins with; null where its weights are drawn.
 * @throws {FailureError} where the trial that it goes on from has left no model.
 */
function initialWeights(trial: LacunaTrial, trials: readonly LacunaTrial[], folder: string): string | null {
  const { init } = trial.config;
  if (!init) return null;
  if (init.from.file !== undefined) return resolve(process.cwd(), init.from.file);
  const before = trials.find(({ id }) => id === trial.after)!;
  const path = join(layout.checkpoints(layout.trial(folder, before.id)), 'best.safetensors');
  const status = readResult(layout.trial(folder, before.id))?.status;
  if (status === 'finished' && existsSync(path)) return path;
  throw new FailureError({
    who: trial.name,
    got: status === 'diverged' ? `weights of ${before.name}, which diverged` : `no model of ${before.name} (${path})`,
    wanted: 'the trial that it goes on from, trained to its end',
    remedy: status === 'diverged' ? 'change its settings, or try again with --retry diverged' : '--retry all',
  });
}

/** Writes what the trial's process reads, just before it starts: the tracking server may have come up meanwhile. */
function prepareJob(
  sweep: LacunaSweep,
  trial: LacunaTrial,
  { folder, tracking, workers }: { folder: string; tracking: SweepTracking; workers: number },
): void {
  const job: TrialJob = {
    trial,
    folder: layout.trial(folder, trial.id),
    shared: layout.shared(folder),
    keep: { images: sweep.common.keep.images, bytes: roomOfTrial(sweep) },
    baseDir: process.cwd(),
    initialWeights: initialWeights(trial, sweep.trials, folder),
    threads: visibleGpus().length > 0 ? null : trial.config.training.threads,
    energyShare: 1 / workers,
    tracking: {
      experiment: sweep.common.tracking.experiment,
      uri: tracking.uri(),
      sweep: tracking.identity(),
    },
  };
  writeJson(layout.trialFile(layout.trial(folder, trial.id)), job, { mode: PRIVATE });
}

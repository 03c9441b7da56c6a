import { join } from 'node:path';
import { Journal, lockSweep, runJobs, type JobsSummary, type QueueSpec, type QueuedJob } from '@lacuna/sweep';
import { checkExecutor } from '../../queue/check-executor.js';
import { requireNoLiveJobs } from '../../queue/submit-sweep.js';
import { trackingAddress } from '../../tracking/address.js';
import { openSweepTracking } from '../../tracking/sweep-tracking.js';
import { budgeted, requireMeasurable } from './budget.js';
import { checkBaselines, checkData } from '../checks/checks.js';
import { checkInit } from '../checks/check-init.js';
import { listenToInterrupts } from './interrupts.js';
import { openJobs } from './open-jobs.js';
import type { Retry } from './pending.js';
import { plannedTrials, trialCount, type LacunaSweep, type LacunaTrial } from '../plan/plan.js';
import { layout, readResult } from '../results/results.js';
import { dropKeptSources } from '../../trial/data/kept-sources.js';
import { commandFor, type SweepSelection } from '../plan/selection.js';
import { summarizeSweep } from '../summary/summary.js';
import { sweepFolder } from '../plan/sweep-folder.js';
import { writeSpec, writeTrialJob } from './trial-job.js';
import { clusterPlace, thisMachine } from './trial-place.js';
import { trialLines } from './trial-lines.js';

/** What `lacuna sweep` was told. */
export interface RunOptions {
  readonly selection: SweepSelection;
  readonly workers: number;
  readonly retry: Retry;
  readonly tracking: boolean;
  readonly trackingUri?: string;
  /** The cluster that the points of a search are submitted to, one by one; null for this machine. */
  readonly queue: QueueSpec | null;
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

/**
 * Runs what a sweep lacks: trials with a result stay, interrupted ones go on from their checkpoint. Training does not
 * wait for the tracking server and does not fail because of it.
 */
export async function runSweep(planned: LacunaSweep, options: RunOptions): Promise<SweepEnd> {
  const { selection, retry, queue } = options;
  const folder = sweepFolder(planned.name, selection.out);
  const trackingOptions = { trackingUri: options.trackingUri, enabled: options.tracking };
  trackingAddress(planned, trackingOptions);
  requireMeasurable(planned);
  if (queue) checkExecutor(queue, plannedTrials(planned));
  await checkTrials(planned, folder);
  const unlock = lockSweep(folder);
  try {
    // A search on a cluster goes on with the jobs that it finds there.
    if (!queue) requireNoLiveJobs(folder, planned, selection);
    const journal = new Journal(folder);
    // Of a search the list grows as points are chosen: everything that follows sees its trials.
    const trials = [...planned.trials];
    const sweep = { ...planned, trials };
    writeSpec(sweep, selection, folder);
    const tracking = openSweepTracking(sweep, folder, trackingOptions);
    const place = queue
      ? clusterPlace(folder, queue, (line) => lines.print(line))
      : thisMachine(options.workers, () => tracking.uri());
    const lines = trialLines(sweep, folder, place.onResult);
    const jobOf = (trial: LacunaTrial): QueuedJob => ({
      id: trial.id,
      ...jobBefore(sweep, trial),
      sameProcess: place.sameProcess(trial),
      arguments: [layout.trialFile(layout.trial(folder, trial.id))],
      log: join(layout.trial(folder, trial.id), 'log.txt'),
      // Just before it starts: the tracking server may have come up meanwhile.
      prepare: () => writeTrialJob(sweep, trial, { folder, identity: tracking.identity(), ...place.settings(trial) }),
    });
    const source = await openJobs(sweep, { folder, retry, jobOf, trials, print: lines.print });
    console.log(describeStart(sweep, source.known, options, folder));
    const interrupts = listenToInterrupts(() => console.log(`\n${place.stopping}`));
    const { kill } = interrupts;
    const stop = AbortSignal.any([interrupts.stop, place.refused]);
    try {
      const summary = await runJobs({
        onMessage: lines.onMessage,
        onState(id, state, reason) {
          lines.onState(id, state, reason);
          if (state !== 'running') void tracking.deliver();
        },
        workers: Math.max(1, Math.min(options.workers, source.pending)),
        journal,
        signal: stop,
        killSignal: kill,
        jobs: budgeted(source.jobs, { sweep, folder, workers: options.workers }),
        executor: place.executor,
      });
      await source.close();
      const interrupted = stop.aborted;
      if (interrupted) console.log(`stopped; nothing is lost. To go on: ${commandFor('sweep', selection)}`);
      // A sweep that was stopped waits little, and not at all after another Ctrl-C.
      const signal = interrupted ? kill : stop;
      await summarizeSweep(sweep, folder, tracking, { selection, quiet: interrupted, signal });
      if (place.refused.aborted) throw place.refused.reason;
      if (!interrupted && summary.failed === 0) dropKeptSources(layout.shared(folder));
      const finished = sweep.trials.filter(({ id }) => readResult(layout.trial(folder, id))?.status === 'finished');
      if (!interrupted && finished.length === 0 && summary.failed === 0)
        console.log(`every trial ${withoutModel(summary)}: there is no model and no score`);
      return { finished: finished.length, failed: summary.failed, mistakes: summary.mistakes, interrupted };
    } finally {
      interrupts.release();
    }
  } finally {
    unlock();
  }
}

const withoutModel = ({ pruned }: JobsSummary): string => (pruned > 0 ? 'diverged or was pruned' : 'diverged');

/** What is wrong with data or files of trials that have no result is said before anything starts. */
async function checkTrials(sweep: LacunaSweep, folder: string): Promise<void> {
  const planned = plannedTrials(sweep);
  const lacking = planned.filter((trial) => readResult(layout.trial(folder, trial.id)) === null);
  await checkBaselines(lacking);
  await checkInit(lacking, { ...sweep, trials: planned });
  await checkData(lacking, layout.shared(folder));
}

function describeStart(sweep: LacunaSweep, known: number, { workers, queue }: RunOptions, folder: string): string {
  const { search } = sweep;
  const total = trialCount(sweep);
  const where = queue
    ? `with ${queue.kind}, ${workers} at a time; this process stays: Ctrl-C leaves the jobs, the same command goes on`
    : `on ${workers} worker${workers === 1 ? '' : 's'}`;
  const work = `${total - known} to run ${where}`;
  const what = search ? `search by ${search.spec.kind}, ${total} trials` : `${total} trials`;
  return `${sweep.name}: ${what}, ${known} finished before, ${work}; results in ${folder}`;
}

function jobBefore({ trials }: LacunaSweep, { after }: LacunaTrial): Pick<QueuedJob, 'after'> {
  const before = trials.find(({ id }) => id === after);
  return before ? { after: { id: before.id, name: before.name } } : {};
}

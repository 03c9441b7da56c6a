import { FailureError, makeFolder } from '@lacuna/core';
import { lockSweep, type QueueSpec } from '@lacuna/sweep';
import { checkInit } from '../sweep/checks/check-init.js';
import { checkBaselines, checkData } from '../sweep/checks/checks.js';
import { takePending, type Retry } from '../sweep/run/pending.js';
import type { LacunaSweep, LacunaTrial } from '../sweep/plan/plan.js';
import { layout, readResult } from '../sweep/results/results.js';
import { commandFor, type SweepSelection } from '../sweep/plan/selection.js';
import { sweepFolder } from '../sweep/plan/sweep-folder.js';
import { writeSpec, writeTrialJob } from '../sweep/run/trial-job.js';
import { sweepIdentity } from '../tracking/sweep-identity.js';
import { checkExecutor } from './check-executor.js';
import { standingsOf } from './standings.js';
import { settingsOnCluster, submitTrials } from './submit-trials.js';

/** What `lacuna sweep` was told of a cluster. */
export interface SubmitOptions {
  readonly selection: SweepSelection;
  readonly executor: QueueSpec;
  readonly retry: Retry;
}

/**
 * Hands what a sweep lacks to a scheduler and returns: trials with a result stay, those that are queued or run are left
 * alone, interrupted ones go on from their checkpoint.
 */
export async function submitSweep(sweep: LacunaSweep, { selection, executor, retry }: SubmitOptions): Promise<void> {
  const folder = sweepFolder(sweep.name, selection.out);
  const lacking = sweep.trials.filter((trial) => readResult(layout.trial(folder, trial.id)) === null);
  checkExecutor(executor, lacking);
  await checkBaselines(lacking);
  await checkInit(lacking, sweep);
  await checkData(lacking, layout.shared(folder));
  const unlock = lockSweep(folder);
  try {
    const live = liveTrials(folder, sweep);
    const free = sweep.trials.filter(({ id }) => !live.has(id));
    const all = takePending(free, folder, retry);
    // Weights of another trial are there once that one has its result.
    const pending = all.filter(({ after }) => !after || readResult(layout.trial(folder, after)) !== null);
    const waiting = all.length - pending.length;
    writeSpec(sweep, selection, folder);
    const finished = sweep.trials.length - all.length - live.size;
    console.log(
      `${sweep.name}: ${sweep.trials.length} trials, ${finished} finished before, ${live.size} queued or running, ` +
        `${pending.length} to submit to ${executor.kind}; results in ${folder}`,
    );
    submitAll(sweep, pending, { folder, executor });
    if (waiting > 0)
      console.log(
        `waiting    ${waiting} go on from trials without a result yet: ${commandFor('sweep', selection)}, then`,
      );
    sayNext(selection);
  } finally {
    unlock();
  }
}

/** Trials that are with a scheduler. */
function liveTrials(folder: string, { trials }: LacunaSweep): ReadonlySet<string> {
  const standings = standingsOf(
    folder,
    trials.map(({ id }) => id),
  );
  return new Set(standings.filter(({ kind }) => kind === 'queued' || kind === 'running').map(({ id }) => id));
}

/**
 * For sweeps on this machine: a folder whose trials are with a scheduler is not run beside it.
 * @throws {FailureError} where some are.
 */
export function requireNoLiveJobs(folder: string, sweep: LacunaSweep, selection: SweepSelection): void {
  const live = liveTrials(folder, sweep).size;
  if (live === 0) return;
  throw new FailureError({
    who: folder,
    got: `${live} trials that are queued or running on a cluster`,
    wanted: 'a sweep that runs in one place',
    remedy: `${commandFor('cancel', selection)} ends them; ${commandFor('status', selection)} shows them`,
  });
}

function sayNext(selection: SweepSelection): void {
  console.log(`status     ${commandFor('status --watch', selection)}`);
  console.log(`results    ${commandFor('collect', selection)}`);
}

/** Writes what the trials' processes read, and hands them over. */
function submitAll(
  sweep: LacunaSweep,
  pending: readonly LacunaTrial[],
  { folder, executor }: { folder: string; executor: QueueSpec },
): void {
  if (pending.length === 0) return;
  const identity = sweepIdentity(folder, sweep.name);
  for (const trial of pending) {
    makeFolder(layout.trial(folder, trial.id));
    writeTrialJob(sweep, trial, { folder, identity, ...settingsOnCluster(executor, trial) });
  }
  const jobs: string[] = [];
  try {
    submitTrials(
      folder,
      pending.map(({ id }) => id),
      { executor, onSubmitted: (taken) => jobs.push(...taken) },
    );
  } finally {
    if (jobs.length > 0)
      console.log(`submitted  ${jobs.length} trials: ${jobs[0]}${jobs.length > 1 ? ` to ${jobs.at(-1)}` : ''}`);
  }
}

import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { FailureError, makeFolder, writeFileAtomic } from '@lacuna/core';
import {
  lockSweep,
  readSubmissions,
  schedulerOf,
  writeSubmission,
  type QueueSpec,
  type Scheduler,
  type Submission,
} from '@lacuna/sweep';
import { checkInit } from '../sweep/check-init.js';
import { checkBaselines, checkData } from '../sweep/checks.js';
import { takePending, type Retry } from '../sweep/pending.js';
import type { LacunaSweep, LacunaTrial } from '../sweep/plan.js';
import { layout, readResult } from '../sweep/results.js';
import { commandFor, shellQuote, type SweepSelection } from '../sweep/selection.js';
import { sweepFolder } from '../sweep/sweep-folder.js';
import { writeSpec, writeTrialJob } from '../sweep/trial-job.js';
import { sweepIdentity } from '../tracking/sweep-identity.js';
import { checkExecutor } from './check-executor.js';
import { standingsOf } from './standings.js';

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

/** One array, or several where the scheduler takes no array as long. */
function submitAll(
  sweep: LacunaSweep,
  pending: readonly LacunaTrial[],
  { folder, executor }: { folder: string; executor: QueueSpec },
): void {
  if (pending.length === 0) return;
  const scheduler = schedulerOf(executor);
  const identity = sweepIdentity(folder, sweep.name);
  for (const trial of pending) {
    makeFolder(layout.trial(folder, trial.id));
    writeTrialJob(sweep, trial, {
      folder,
      threads: executor.gpus > 0 ? null : trial.config.training.threads,
      energyShare: executor.gpus > 0 ? 1 : null,
      // Nodes often reach no server: the host that collects delivers their journals.
      uri: null,
      identity,
    });
  }
  const most = scheduler.mostTasks();
  const queue = layout.queue(folder);
  makeFolder(queue);
  let number = readSubmissions(queue).at(-1)?.number ?? 0;
  const jobs: string[] = [];
  try {
    for (let from = 0; from < pending.length; from += most) {
      const trials = pending.slice(from, from + most).map(({ id }) => id);
      jobs.push(...submitOne(folder, { number: ++number, executor, trials, scheduler }));
    }
  } finally {
    if (jobs.length > 0)
      console.log(`submitted  ${jobs.length} trials: ${jobs[0]}${jobs.length > 1 ? ` to ${jobs.at(-1)}` : ''}`);
  }
}

function submitOne(
  folder: string,
  given: { number: number; executor: QueueSpec; trials: readonly string[]; scheduler: Scheduler },
): readonly string[] {
  const { number, executor, trials, scheduler } = given;
  const queue = layout.queue(folder);
  const token = `lacuna-${randomBytes(6).toString('hex')}`;
  const submission: Submission = { number, token, executor, trials, jobs: null };
  const script = join(queue, `${token}.sh`);
  writeFileAtomic(script, scriptOf(folder, token, { executor, scheduler }), { mode: 0o700 });
  // Before it is submitted: who dies in between finds its jobs again by the token.
  writeSubmission(queue, submission);
  const jobs = scheduler.submit({ token, script, tasks: trials.length, folder: queue });
  writeSubmission(queue, { ...submission, jobs });
  return jobs;
}

/** The shell script that each task runs. */
function scriptOf(
  folder: string,
  token: string,
  { executor, scheduler }: { executor: QueueSpec; scheduler: Scheduler },
): string {
  const task = fileURLToPath(new URL('./task-process.js', import.meta.url));
  const ours = Object.entries(process.env).filter(([name]) => /^LACUNA_[A-Z]+$/.test(name));
  const words = [process.execPath, task, folder, token].map(shellQuote);
  return [
    '#!/bin/bash',
    `# A trial of ${folder}`,
    // Until the trial listens, a notice of the time limit must not end the job.
    "trap '' USR1 USR2",
    `cd ${shellQuote(process.cwd())} || exit 1`,
    ...ours.map(([name, value]) => `export ${name}=${shellQuote(value ?? '')}`),
    ...executor.setup,
    `exec ${[...words, scheduler.words.index, scheduler.words.job].join(' ')}`,
    '',
  ].join('\n');
}

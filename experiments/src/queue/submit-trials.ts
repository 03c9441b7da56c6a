import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { makeFolder, writeFileAtomic } from '@lacuna/core';
import {
  readSubmissions,
  schedulerOf,
  writeSubmission,
  type QueueSpec,
  type Scheduler,
  type Submission,
} from '@lacuna/sweep';
import { layout } from '../sweep/results/results.js';
import { shellQuote } from '../sweep/plan/selection.js';
import type { LacunaTrial } from '../sweep/plan/plan.js';
import type { TrialJobOptions } from '../sweep/run/trial-job.js';

/** What the process of a trial is told of the machine where a scheduler starts it. */
export const settingsOnCluster = (
  executor: QueueSpec,
  { config }: LacunaTrial,
): Pick<TrialJobOptions, 'threads' | 'energyShare' | 'uri'> => ({
  threads: executor.gpus > 0 ? null : config.training.threads,
  energyShare: executor.gpus > 0 ? 1 : null,
  // Nodes often reach no server: the host that collects delivers their journals.
  uri: null,
});

/**
 * Hands trials whose job files are written to a scheduler: one array, or several where it takes none as long.
 * @param folder the sweep's.
 * @param onSubmitted told of each array's jobs once it is taken.
 * @throws {FailureError} where the scheduler refuses one; those before it are taken.
 */
export function submitTrials(
  folder: string,
  trials: readonly string[],
  { executor, onSubmitted }: { executor: QueueSpec; onSubmitted: (jobs: readonly string[]) => void },
): void {
  const scheduler = schedulerOf(executor);
  const most = scheduler.mostTasks();
  const queue = layout.queue(folder);
  makeFolder(queue);
  let number = readSubmissions(queue).at(-1)?.number ?? 0;
  for (let from = 0; from < trials.length; from += most)
    onSubmitted(submitOne(folder, { number: ++number, executor, trials: trials.slice(from, from + most), scheduler }));
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

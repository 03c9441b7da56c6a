import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { FailureError, writeFileAtomic } from '@lacuna/core';
import { executorSpec, type QueueSpec } from './executor-spec.js';
import type { JobStanding, Scheduler, SchedulerJob } from './scheduler.js';
import { schedulerOf } from './schedulers.js';

/**
 * What was handed to a scheduler at once. It is written before it is submitted, so that a submitter that dies in
 * between leaves no job that nobody knows.
 */
export interface Submission {
  /** Later ones are larger: the clocks of machines differ. */
  readonly number: number;
  readonly token: string;
  readonly executor: QueueSpec;
  /** Ids of the trials by task. */
  readonly trials: readonly string[];
  /** Names of the jobs by task; null until the scheduler has taken them. */
  readonly jobs: readonly string[] | null;
  /** Tasks that were cancelled by us: Slurm keeps no word of those that had not begun. */
  readonly cancelled?: readonly number[];
}

/** A trial's job, by the last submission that it is in. */
export interface TrialJobStanding extends SchedulerJob {
  readonly submission: Submission;
  readonly task: number;
}

const fileOf = (folder: string, token: string): string => join(folder, `${token}.json`);

/** Keeps a submission in the sweep's folder of submissions. */
export function writeSubmission(folder: string, submission: Submission): void {
  writeFileAtomic(fileOf(folder, submission.token), `${JSON.stringify(submission, null, 2)}\n`);
}

/** @throws {FailureError} where there is none, or what is there is none. */
export function readSubmission(folder: string, token: string): Submission {
  const path = fileOf(folder, token);
  try {
    const read = JSON.parse(readFileSync(path, 'utf8')) as Submission;
    return { ...read, executor: executorSpec.parse(read.executor) as QueueSpec };
  } catch (cause) {
    throw new FailureError(
      {
        who: path,
        got: existsSync(path) ? 'no submission of this version' : 'no such file',
        wanted: 'what lacuna sweep wrote',
        remedy: 'the folder has to be on a file system that the cluster shares; run the sweep again',
      },
      { cause },
    );
  }
}

/** All submissions of a sweep, the first one first. */
export function readSubmissions(folder: string): Submission[] {
  const names = existsSync(folder) ? readdirSync(folder) : [];
  return names
    .filter((name) => name.endsWith('.json'))
    .map((name) => readSubmission(folder, name.slice(0, -'.json'.length)))
    .sort((a, b) => a.number - b.number);
}

/**
 * What the schedulers say of trials: each by the last submission that it is in. Trials that were never submitted, or
 * whose submission no scheduler took, are left out.
 * @throws {FailureError} where a scheduler does not answer.
 */
export function askSchedulers(
  submissions: readonly Submission[],
  trials: ReadonlySet<string>,
  scheduler: (spec: QueueSpec) => Scheduler = schedulerOf,
): Map<string, TrialJobStanding> {
  const last = new Map<string, { submission: Submission; task: number }>();
  for (const submission of submissions)
    submission.trials.forEach((trial, task) => {
      if (trials.has(trial)) last.set(trial, { submission, task });
    });
  const wanted = [...new Set([...last.values()].map(({ submission }) => submission))];
  const answers = new Map<string, ReadonlyMap<number, SchedulerJob>>();
  for (const kind of new Set(wanted.map(({ executor }) => JSON.stringify(executor)))) {
    const asked = wanted.filter(({ executor }) => JSON.stringify(executor) === kind);
    for (const [token, jobs] of scheduler(asked[0].executor).ask(asked.map(toAsk))) answers.set(token, jobs);
  }
  const standings = new Map<string, TrialJobStanding>();
  for (const [trial, { submission, task }] of last) {
    const answer = answers.get(submission.token)?.get(task) ?? forgotten(submission, task);
    if (answer)
      standings.set(trial, { ...answer, standing: unlessCancelled(answer, submission, task), submission, task });
  }
  return standings;
}

const toAsk = ({ token, trials, jobs }: Submission) => ({ token, tasks: trials.length, jobs });

/** A job that its scheduler has forgotten has ended; one that it never took is none. */
function forgotten({ jobs }: Submission, task: number): SchedulerJob | null {
  if (jobs === null) return null;
  return { job: jobs[task], standing: { kind: 'ended', ending: 'unknown', reason: 'the scheduler has forgotten it' } };
}

/** Where the scheduler has no word of how a job ended, and it was cancelled by us, that is how. */
function unlessCancelled({ standing }: SchedulerJob, { cancelled = [] }: Submission, task: number): JobStanding {
  if (standing.kind !== 'ended' || standing.ending !== 'unknown' || !cancelled.includes(task)) return standing;
  return { kind: 'ended', ending: 'cancelled', reason: 'by lacuna cancel' };
}

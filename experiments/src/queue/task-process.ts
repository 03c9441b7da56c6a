/**
 * The process of one task of a submission: `node task-process.js FOLDER TOKEN TASK JOB`, FOLDER the sweep's. Runs the
 * trial in a process of its own, writes how it goes into the trial's folder, and applies the rule of its end.
 */
import { hostname } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { LacunaError, tryLockFile, type LockAttempt } from '@lacuna/core';
import { readSubmission, readTaskRecord, schedulerOf, type Submission, type TaskRecord } from '@lacuna/sweep';
import { layout, readResult } from '../sweep/results/results.js';
import { lockJob } from './own-job.js';
import { runTask } from './run-task.js';
import { HIDDEN_MS } from './shared-folder.js';

const [folder, token, task, job] = process.argv.slice(2);

/** The submission, once this machine sees it. */
async function readPatiently(): Promise<Submission> {
  const from = performance.now();
  for (;;) {
    try {
      return readSubmission(layout.queue(folder), token);
    } catch (error) {
      if (performance.now() - from > HIDDEN_MS) throw error;
      await sleep(1000);
    }
  }
}

/** What an earlier submission met, perhaps under other settings, is not counted against this one. */
function countedFrom(record: TaskRecord | null): TaskRecord | null {
  if (record === null || record.token === token) return record;
  return { ...record, counts: { again: {}, idle: 0 } };
}

/** @returns the exit status of the job. */
async function main(): Promise<number> {
  const submission = await readPatiently();
  const id = submission.trials[Number(task)];
  const trial = layout.trial(folder, id);
  const scheduler = schedulerOf(submission.executor);
  const claim: LockAttempt = tryLockFile(join(trial, 'claim'), lockJob(job, submission.executor));
  if (!claim.got) {
    console.log(`${id}: job ${claim.holder.job ?? claim.holder.pid} on ${claim.holder.host} runs it`);
    return 0;
  }
  if (readResult(trial) !== null) {
    console.log(`${id}: has a result`);
    claim.release();
    return 0;
  }
  const earlier = countedFrom(readTaskRecord(layout.record(trial)));
  const status = await runTask({
    id,
    trial,
    job,
    token,
    executor: submission.executor,
    earlier,
    isOurs: claim.isHeld,
    requeue: () => scheduler.requeue(job),
  });
  claim.release();
  return status;
}

try {
  console.log(`${new Date().toISOString()} ${hostname()}: job ${job}, task ${task} of ${token}`);
  process.exitCode = await main();
} catch (error) {
  console.error(error instanceof LacunaError ? error.message : error);
  process.exitCode = 1;
}

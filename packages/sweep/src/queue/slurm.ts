import { join } from 'node:path';
import { FailureError, InputError, nearestName } from '@lacuna/core';
import { formatDuration } from '../run/progress.js';
import { mebibytesOf, secondsOf, type SlurmSpec } from './executor-spec.js';
import { lastLine, needTool, runTool, unlessSilent } from './run-tool.js';
import type { Batch, JobStanding, Scheduler, SchedulerEnding, SchedulerJob, Submitted } from './scheduler.js';

/** Slurm's states (squeue, sacct) that are no end. */
const QUEUED = new Set(['PENDING', 'REQUEUED', 'REQUEUE_FED', 'REQUEUE_HOLD', 'RESV_DEL_HOLD', 'SPECIAL_EXIT']);
const RUNNING = new Set(['RUNNING', 'CONFIGURING', 'COMPLETING', 'SUSPENDED', 'STOPPED', 'SIGNALING', 'STAGE_OUT']);
const ENDINGS: Readonly<Record<string, SchedulerEnding>> = {
  COMPLETED: 'completed',
  TIMEOUT: 'time-limit',
  DEADLINE: 'time-limit',
  PREEMPTED: 'preempted',
  NODE_FAIL: 'node-failed',
  BOOT_FAIL: 'node-failed',
  OUT_OF_MEMORY: 'out-of-memory',
  CANCELLED: 'cancelled',
  REVOKED: 'cancelled',
  FAILED: 'failed',
};

/** Where Slurm's own configuration says nothing else. */
const MOST_TASKS = 1000;

/**
 * Slurm: one job array a submission, found again by the array's name, which is the submission's token. What slurmctld
 * has forgotten, sacct is asked for; without accounting it stays unknown, and the trial's own folder says how it ended.
 */
export function slurmScheduler(spec: SlurmSpec): Scheduler {
  return {
    kind: 'slurm',
    words: { index: '"$SLURM_ARRAY_TASK_ID"', job: '"${SLURM_ARRAY_JOB_ID}_${SLURM_ARRAY_TASK_ID}"' },
    mostTasks: () => Math.max(1, Number(configured('MaxArraySize') ?? MOST_TASKS + 1) - 1),
    check: () => checkPartition(spec),
    submit: (batch) => submit(spec, batch),
    ask,
    cancel(jobs) {
      // scancel takes many jobs at once, and the command line is limited.
      for (let from = 0; from < jobs.length; from += 200)
        needTool('scancel', ['--quiet', ...jobs.slice(from, from + 200)]);
    },
    isRunning(job) {
      return unlessSilent(() => {
        const { status, out, err } = runTool('squeue', ['--noheader', '--states=all', '--format=%T', `--jobs=${job}`]);
        if (status !== 0) return !/Invalid job id/i.test(err);
        return out.split('\n').some((state) => RUNNING.has(state.trim()));
      }, true);
    },
    requeue: (job) => unlessSilent(() => (runTool('scontrol', ['requeue', job]).status === 0 ? 0 : null), null),
  };
}

function configured(name: string): string | undefined {
  return new RegExp(`^${name}\\s*=\\s*(\\S+)`, 'm').exec(needTool('scontrol', ['show', 'config']))?.[1];
}

/** sbatch takes a time above the partition's limit, and the job then waits for ever: both are looked at first. */
function checkPartition({ partition, time }: SlurmSpec): void {
  const lines = needTool('sinfo', ['--noheader', '--format=%R|%l|%a|%P']).split('\n');
  const known = lines
    .filter((line) => line !== '')
    .map((line) => {
      const [name, limit, state, marked] = line.split('|');
      return { name, limit, state, isDefault: marked.endsWith('*') };
    });
  const names = [...new Set(known.map(({ name }) => name))];
  const found = known.find(({ name, isDefault }) => (partition === undefined ? isDefault : name === partition));
  if (!found) {
    const near = partition === undefined ? undefined : nearestName(partition, names);
    throw new InputError({
      who: 'executor.partition',
      got: partition === undefined ? 'none, and the cluster has no default' : `${partition}, which Slurm does not know`,
      wanted: `one of ${names.join(', ')}`,
      remedy: `--set executor.partition=${near ?? names[0]}`,
    });
  }
  if (found.state !== 'up')
    throw new InputError({
      who: 'executor.partition',
      got: `${found.name}, which is ${found.state}`,
      wanted: 'a partition that takes jobs',
      remedy: `one of ${names.filter((name) => name !== found.name).join(', ') || 'none other here'}`,
    });
  const limit = limitOf(found.limit);
  if (secondsOf(time) > limit)
    throw new InputError({
      who: 'executor.time',
      got: time,
      wanted: `at most ${formatDuration(limit)}, the limit of the partition ${found.name}`,
      remedy: `--set executor.time=${clockOf(limit)}; a trial that is not done by then is queued again`,
    });
}

/** "infinite", "30:00" (minutes), "4:00:00", "1-00:00:00" in seconds. */
function limitOf(text: string): number {
  if (!/\d/.test(text)) return Infinity;
  const parts = text.split(':').length;
  return secondsOf(parts === 2 && !text.includes('-') ? `0:${text}` : text);
}

const clockOf = (seconds: number): string =>
  [Math.floor(seconds / 3600), Math.floor((seconds % 3600) / 60), seconds % 60]
    .map((part, i) => (i === 0 ? String(part) : String(part).padStart(2, '0')))
    .join(':');

function submit(spec: SlurmSpec, { token, script, tasks, folder }: Batch): string[] {
  const atOnce = spec.parallel === undefined ? '' : `%${spec.parallel}`;
  const { status, out, err } = runTool('sbatch', [
    '--parsable',
    `--job-name=${token}`,
    `--array=0-${tasks - 1}${atOnce}`,
    '--requeue',
    '--open-mode=append',
    `--output=${join(folder, `${token}-%a.txt`)}`,
    `--signal=B:USR1@${spec.notice}`,
    `--time=${spec.time}`,
    '--nodes=1',
    '--ntasks=1',
    `--cpus-per-task=${spec.cpus}`,
    ...(spec.gpus === 0 ? [] : [`--gres=gpu:${spec.gpus}`]),
    ...(spec.memory === undefined ? [] : [`--mem=${mebibytesOf(spec.memory)}M`]),
    ...(spec.partition === undefined ? [] : [`--partition=${spec.partition}`]),
    ...(spec.account === undefined ? [] : [`--account=${spec.account}`]),
    ...(spec.qos === undefined ? [] : [`--qos=${spec.qos}`]),
    ...spec.options,
    script,
  ]);
  const array = /^\d+/.exec(lastLine(out) ?? '')?.[0];
  if (status !== 0 || array === undefined)
    throw new FailureError({
      who: 'sbatch',
      got: lastLine(err) ?? `exit status ${status}`,
      wanted: 'the array to be taken',
      remedy: 'change the executor of the spec (--set executor. ...)',
    });
  return Array.from({ length: tasks }, (_, index) => `${array}_${index}`);
}

function ask(submissions: readonly Submitted[]): ReturnType<Scheduler['ask']> {
  const found = new Map<string, Map<number, SchedulerJob>>();
  const note = (token: string, job: string, standing: JobStanding): void => {
    const jobs = found.get(token) ?? new Map<number, SchedulerJob>();
    found.set(token, jobs);
    const [array] = job.split('_');
    for (const index of tasksOf(job)) if (!jobs.has(index)) jobs.set(index, { job: `${array}_${index}`, standing });
  };
  const tokens = submissions.map(({ token }) => token);
  if (tokens.length === 0) return found;
  const queue = needTool('squeue', [
    '--noheader',
    '--array',
    '--states=all',
    '--format=%j|%i|%T|%r|%N',
    `--name=${tokens.join(',')}`,
  ]);
  for (const line of queue.split('\n').filter((text) => text !== '')) {
    const [token, job, state, reason, node] = line.split('|');
    note(token, job, standingOf(state, reason, node));
  }
  const forgotten = submissions.filter(({ token, tasks }) => (found.get(token)?.size ?? 0) < tasks);
  if (forgotten.length > 0) for (const [token, job, state] of accounted(forgotten)) note(token, job, standingOf(state));
  return found;
}

/** Numbers of the tasks that a line is about: of "7_3" one, of "7_[0-2,5,8-12:2%4]" (ended before any began) many. */
function tasksOf(job: string): number[] {
  const listed = /^\d+_\[?([\d,:-]+)/.exec(job)?.[1] ?? '';
  return listed
    .split(',')
    .filter((range) => range !== '')
    .flatMap((range) => {
      const [first, last = first, step = 1] = range.split(/[-:]/).map(Number);
      return Array.from({ length: Math.floor((last - first) / step) + 1 }, (_, i) => first + i * step);
    });
}

/** What accounting keeps of arrays that have left the queue; nothing where a cluster keeps none. */
function accounted(submissions: readonly Submitted[]): string[][] {
  const arrays = submissions.flatMap(({ jobs }) => (jobs === null ? [] : [jobs[0].split('_')[0]]));
  const unnamed = submissions.filter(({ jobs }) => jobs === null).map(({ token }) => token);
  const tokens = new Set(submissions.map(({ token }) => token));
  // With a start sacct leaves out what was cancelled before it might have begun; asked by name it wants one, and looks
  // at today alone without.
  const byArray = arrays.length === 0 ? [] : account([`--jobs=${arrays.join(',')}`]);
  const byName = unnamed.length === 0 ? [] : account(['--starttime=now-180days', `--name=${unnamed.join(',')}`]);
  // A cluster counts its jobs anew now and then: the name says whose a number is.
  return [...byArray, ...byName].filter(([token]) => tokens.has(token));
}

function account(which: readonly string[]): string[][] {
  const columns = ['--allocations', '--noheader', '--parsable2', '--format=JobName,JobID,State'];
  // Tasks that ended before any of them began are one line with a list, which is else cut after 64 characters.
  const { status, out } = runTool('sacct', [...columns, ...which], { SLURM_BITSTR_LEN: '0' });
  if (status !== 0) return [];
  return out
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => line.split('|'));
}

function standingOf(stated: string, reason = '', node = ''): JobStanding {
  // "CANCELLED by 1000"
  const [state] = stated.split(' ');
  if (QUEUED.has(state)) return { kind: 'queued', reason };
  if (RUNNING.has(state)) return { kind: 'running', node };
  return { kind: 'ended', ending: ENDINGS[state] ?? 'unknown', reason: stated };
}

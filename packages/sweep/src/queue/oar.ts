import { join } from 'node:path';
import { FailureError } from '@lacuna/core';
import type { OarSpec } from './executor-spec.js';
import { lastLine, needTool, runTool, unlessSilent } from './run-tool.js';
import type { Batch, JobStanding, Scheduler, SchedulerJob, Submitted } from './scheduler.js';

/** The exit status by which an idempotent job asks for being submitted again (oarsub(1)). */
const AGAIN = 99;

/** OAR's states (oarstat) that are no end. */
const QUEUED = new Set(['Waiting', 'Hold', 'toLaunch', 'toAckReservation', 'toError']);
const RUNNING = new Set(['Launching', 'Running', 'Suspended', 'Resuming', 'Finishing']);

/** One job as `oarstat -J` gives it; what of it is read. */
interface OarJob {
  readonly Job_Id: number;
  readonly name: string | null;
  readonly array_index?: number;
  readonly state: string;
  readonly message?: string | null;
  readonly assigned_network_address?: readonly string[];
}

/**
 * OAR: one array a submission, found again by its name. A job that ends with status 99 is submitted again by OAR
 * itself, under a new number and the same name: the last one of a task is the one that counts. OAR's own signal before
 * the walltime (--checkpoint) is not asked for: it goes to the user's login shell, which not all shells survive, and
 * besteffort jobs that ask for it are not submitted again when they are preempted (oarsub(1)). The job's own clock
 * does.
 */
export function oarScheduler(spec: OarSpec): Scheduler {
  return {
    kind: 'oar',
    // OAR counts from 1.
    words: { index: '"$((OAR_ARRAY_INDEX - 1))"', job: '"$OAR_JOB_ID"' },
    mostTasks: () => Number.MAX_SAFE_INTEGER,
    check: () => void needTool('oarstat', ['--version']),
    submit: (batch) => submit(spec, batch),
    ask: (submissions) => new Map(submissions.map((submission) => [submission.token, askOne(submission)])),
    cancel(jobs) {
      // oardel says of a job that has ended that it has, and that is no mistake.
      for (let from = 0; from < jobs.length; from += 200) runTool('oardel', jobs.slice(from, from + 200));
    },
    isRunning(job) {
      return unlessSilent(() => {
        const { status, out } = runTool('oarstat', ['-s', '-j', job]);
        return status !== 0 || [...RUNNING].some((state) => out.includes(state));
      }, true);
    },
    requeue: () => AGAIN,
  };
}

function submit(spec: OarSpec, { token, script, tasks, folder }: Batch): string[] {
  const resources = [`/nodes=1/core=${spec.cpus}`, `walltime=${spec.time}`].join(',');
  const { status, out, err } = runTool('oarsub', [
    `--array=${tasks}`,
    `--name=${token}`,
    `--resource=${spec.resources === undefined ? resources : `${spec.resources},walltime=${spec.time}`}`,
    '--type=idempotent',
    ...spec.types.map((type) => `--type=${type}`),
    `--stdout=${join(folder, `${token}-%jobid%.txt`)}`,
    `--stderr=${join(folder, `${token}-%jobid%.txt`)}`,
    ...(spec.queue === undefined ? [] : [`--queue=${spec.queue}`]),
    ...(spec.project === undefined ? [] : [`--project=${spec.project}`]),
    ...(spec.properties === undefined ? [] : [`--property=${spec.properties}`]),
    ...spec.options,
    script,
  ]);
  const jobs = [...out.matchAll(/^OAR_JOB_ID=(\d+)/gm)].map(([, job]) => job);
  if (status === 0 && jobs.length === tasks) return jobs;
  throw new FailureError({
    who: 'oarsub',
    got: lastLine(err) ?? lastLine(out) ?? `exit status ${status}`,
    wanted: 'the array to be taken',
    remedy: 'change the executor of the spec (--set executor. ...)',
  });
}

function askOne({ token }: Submitted): ReadonlyMap<number, SchedulerJob> {
  const text = needTool('oarstat', ['-J', '--sql', `job_name = '${token}'`]);
  const jobs = text.trim() === '' ? [] : Object.values(JSON.parse(text) as Record<string, OarJob>);
  const found = new Map<number, SchedulerJob>();
  for (const job of jobs.sort((a, b) => a.Job_Id - b.Job_Id))
    found.set((job.array_index ?? 1) - 1, { job: String(job.Job_Id), standing: standingOf(job) });
  return found;
}

function standingOf({ state, message, assigned_network_address: nodes = [] }: OarJob): JobStanding {
  if (QUEUED.has(state)) return { kind: 'queued', reason: message ?? '' };
  if (RUNNING.has(state)) return { kind: 'running', node: nodes.join(' ') };
  const ending = state === 'Terminated' ? 'completed' : 'failed';
  return { kind: 'ended', ending, reason: [state, message].filter(Boolean).join(': ') };
}

import { spawnSync } from 'node:child_process';
import { FailureError, writeFileAtomic } from '@lacuna/core';
import { mebibytesOf, type CommandSpec } from './executor-spec.js';
import { lastLine, runTool, unlessSilent, type ToolAnswer } from './run-tool.js';
import type { Batch, JobStanding, Scheduler, SchedulerJob, Submitted } from './scheduler.js';

/** The variable that tells a job its task. */
const TASK = 'LACUNA_QUEUE_TASK';

/**
 * Any scheduler whose commands are said by templates: one job a task. A job is found again by the name that submitting
 * gave; one whose submitter died before it could write that name is told by the trial's claim once it runs.
 */
export function commandScheduler(spec: CommandSpec): Scheduler {
  const standingOf = (job: string): JobStanding => readStanding(spec, job, shell(filled(spec.status, { job })));
  return {
    kind: 'command',
    words: { index: `"$${TASK}"`, job: `"$${spec.jobVariable}"` },
    // One at a time: each job is known as soon as it is taken, also where the next one is refused.
    mostTasks: () => 1,
    check: () => requireTools(spec),
    submit: (batch) => Array.from({ length: batch.tasks }, (_, task) => submitTask(spec, batch, task)),
    ask(submissions) {
      return new Map(submissions.map(({ token, jobs }) => [token, standingsOf({ jobs }, standingOf)]));
    },
    cancel(jobs) {
      for (const job of jobs) cancelJob(spec, job);
    },
    isRunning(job) {
      return unlessSilent(() => standingOf(job).kind === 'running', true);
    },
    requeue(job) {
      if (spec.requeue === undefined) return null;
      const line = filled(spec.requeue, { job });
      return unlessSilent(() => (shell(line).status === 0 ? 0 : null), null);
    },
  };
}

/** A template with its `{names}` filled in, each as one word of the shell. */
function filled(template: string, values: Readonly<Record<string, string | number>>): string {
  return template.replace(/\{(\w+)\}/g, (whole, name: string) => {
    const value = values[name];
    return value === undefined ? whole : `'${String(value).replaceAll("'", String.raw`'\''`)}'`;
  });
}

const shell = (line: string): ToolAnswer => runTool('bash', ['-c', line]);

/** The first word of each template must be a command of this machine. */
function requireTools({ submit, status, cancel }: CommandSpec): void {
  for (const [field, template] of Object.entries({ submit, status, cancel })) {
    const [tool] = template.trim().split(/\s+/);
    if (spawnSync('bash', ['-c', 'command -v "$0"', tool]).status === 0) continue;
    throw new FailureError({
      who: `executor.${field}`,
      got: `${tool}, which is no command of this machine`,
      wanted: "the scheduler's commands",
      remedy: "call lacuna where jobs are submitted (the cluster's front end), or correct the template",
    });
  }
}

function submitTask(spec: CommandSpec, { token, script, folder }: Batch, task: number): string {
  const own = script.replace(/\.sh$/, `-${task}.sh`);
  const quoted = `'${script.replaceAll("'", String.raw`'\''`)}'`;
  writeFileAtomic(own, `#!/bin/bash\nexport ${TASK}=${task}\nexec bash ${quoted}\n`, { mode: 0o700 });
  const { status, out, err } = shell(
    filled(spec.submit, {
      name: `${token}-${task}`,
      script: own,
      output: `${folder}/${token}-${task}.txt`,
      time: spec.time,
      gpus: spec.gpus,
      cpus: spec.cpus,
      memory: spec.memory === undefined ? '' : mebibytesOf(spec.memory),
    }),
  );
  const job = new RegExp(spec.jobId, 'm').exec(out)?.[1];
  if (status === 0 && job !== undefined) return job;
  throw new FailureError({
    who: 'executor.submit',
    got: lastLine(err) ?? lastLine(out) ?? `exit status ${status}`,
    wanted: `an answer with the job's name (${spec.jobId})`,
    remedy: 'those before it were taken; correct the template, or wait for room, and run the same command again',
  });
}

/** @throws {FailureError} where the job is neither ended nor gone. */
function cancelJob(spec: CommandSpec, job: string): void {
  const { status, out, err } = shell(filled(spec.cancel, { job }));
  if (status === 0 || new RegExp(spec.gone, 'm').test(`${out}\n${err}`)) return;
  throw new FailureError({
    who: `executor.cancel of ${job}`,
    got: lastLine(err) ?? lastLine(out) ?? `exit status ${status}`,
    wanted: `its end, or an answer that says it is gone (${spec.gone})`,
    remedy: 'try again, or correct executor.cancel',
  });
}

function standingsOf(
  { jobs }: Pick<Submitted, 'jobs'>,
  standingOf: (job: string) => JobStanding,
): ReadonlyMap<number, SchedulerJob> {
  return new Map((jobs ?? []).map((job, task) => [task, { job, standing: standingOf(job) }]));
}

/** @throws {FailureError} where the answer is a failure that does not say that the job is gone. */
function readStanding(spec: CommandSpec, job: string, { status, out, err }: ToolAnswer): JobStanding {
  const matches = (pattern: string, text: string) => new RegExp(pattern, 'm').test(text);
  if (status === 0 && matches(spec.running, out)) return { kind: 'running', node: '' };
  if (status === 0 && matches(spec.queued, out)) return { kind: 'queued', reason: '' };
  if (status === 0 || matches(spec.gone, `${out}\n${err}`))
    return { kind: 'ended', ending: 'unknown', reason: 'it has left the queue' };
  throw new FailureError({
    who: `executor.status of ${job}`,
    got: lastLine(err) ?? `exit status ${status}`,
    wanted: `an answer, or one that says the job is gone (${spec.gone})`,
    remedy: 'try again, or correct executor.gone; nothing is lost',
  });
}

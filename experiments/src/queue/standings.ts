import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  askSchedulers,
  readSubmissions,
  readTaskRecord,
  type Submission,
  type TaskRecord,
  type TrialJobStanding,
} from '@lacuna/sweep';
import { layout, readResult, type TrialResult } from '../sweep/results/results.js';

/** Where a trial stands, by its folder and by the scheduler's own answer. */
export interface TrialStanding {
  readonly id: string;
  readonly kind:
    'none' | 'queued' | 'running' | 'finished' | 'diverged' | 'pruned' | 'stopped' | 'failed' | 'cancelled';
  readonly reason: string;
  readonly job: string | null;
  /** What the trial's job last wrote. */
  readonly record: TaskRecord | null;
  readonly result: TrialResult | null;
}

/** Where the trials of a sweep stand. @throws {FailureError} where a scheduler does not answer. */
export function standingsOf(folder: string, trials: readonly string[]): TrialStanding[] {
  const results = new Map(trials.map((id) => [id, readResult(layout.trial(folder, id))]));
  const lacking = new Set(trials.filter((id) => !results.get(id)));
  const submissions = readSubmissions(layout.queue(folder));
  const jobs = askSchedulers(submissions, lacking);
  return trials.map((id) => {
    const record = readTaskRecord(layout.record(layout.trial(folder, id)));
    const result = results.get(id) ?? null;
    const standing = jobs.get(id);
    const common = { id, record, result, job: standing?.job ?? record?.job ?? null };
    if (result) return { ...common, kind: result.status, reason: result.reason ?? '' };
    if (!standing) return { ...common, kind: 'none', reason: '' };
    return { ...common, ...withoutResult(folder, standing, record) };
  });
}

/** A trial that its scheduler knows of, or once knew, and that has no result. */
function withoutResult(
  folder: string,
  { job, standing, submission, task }: TrialJobStanding,
  record: TaskRecord | null,
): Pick<TrialStanding, 'kind' | 'reason'> {
  const told = record?.reason ?? '';
  if (standing.kind === 'queued')
    return { kind: 'queued', reason: [told, standing.reason].filter((text) => text !== '').join('; ') };
  if (standing.kind === 'running') return { kind: 'running', reason: standing.node };
  const isOwn = record?.job === job && record.token === submission.token;
  if (standing.ending === 'cancelled') return { kind: 'cancelled', reason: standing.reason };
  if (isOwn && record.state === 'failed') return { kind: 'failed', reason: told };
  if (isOwn && record.state === 'stopped') return { kind: 'stopped', reason: told };
  const last = lastOutput(folder, submission, [String(task), job]);
  return { kind: 'failed', reason: `${WORDS[standing.ending] ?? standing.reason}${last}` };
}

/** Of jobs that ended without a word of their own. */
const WORDS: Readonly<Record<string, string>> = {
  'time-limit': 'the time limit came before a checkpoint was written',
  preempted: 'preempted',
  'node-failed': 'the node failed',
  'out-of-memory': 'killed for memory; raise executor.memory',
  completed: 'its job ended without a result',
  failed: 'its job was killed, or its script failed',
  unknown: 'its job ended, and the scheduler has forgotten how',
};

/** The last line of a task's own output, which tells of failures before the trial began. */
function lastOutput(folder: string, { token }: Submission, names: readonly string[]): string {
  // OAR names files by the job.
  const path = names.map((name) => join(layout.queue(folder), `${token}-${name}.txt`)).find((file) => existsSync(file));
  if (path === undefined) return '';
  const line = readFileSync(path, 'utf8')
    .split('\n')
    .findLast((text) => text.trim() !== '');
  return line === undefined ? '' : ` (${line.trim().slice(0, 300)})`;
}

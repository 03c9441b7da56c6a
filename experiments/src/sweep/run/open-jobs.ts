import { InputError } from '@lacuna/core';
import { listedJobs, type JobSource, type QueuedJob } from '@lacuna/sweep';
import { openSearch } from '../../search/search-jobs.js';
import { takePending, type Retry } from './pending.js';
import type { LacunaSweep, LacunaTrial } from '../plan/plan.js';
import { layout, readResult } from '../results/results.js';

/** Where the trials of a sweep come from. */
export interface SweepJobs {
  readonly jobs: JobSource;
  /** Trials that have ended in earlier runs. */
  readonly known: number;
  /** Trials that may still begin. */
  readonly pending: number;
  /** Once no trial is left. */
  readonly close: () => Promise<void>;
}

/** What the jobs of a sweep are made with. */
interface OpenJobsOptions {
  readonly folder: string;
  readonly retry: Retry;
  readonly jobOf: (trial: LacunaTrial) => QueuedJob;
  /** The sweep's trials: a search adds its own. */
  readonly trials: LacunaTrial[];
  readonly print: (line: string) => void;
}

/** The trials of the axes that lack a result, or those that a search chooses. */
export async function openJobs(sweep: LacunaSweep, options: OpenJobsOptions): Promise<SweepJobs> {
  const { folder, retry, jobOf, trials, print } = options;
  const { search } = sweep;
  if (!search) {
    const pending = takePending(sweep.trials, folder, retry);
    const known = sweep.trials.length - pending.length;
    return { jobs: listedJobs(pending.map(jobOf)), known, pending: pending.length, close: () => Promise.resolve() };
  }
  requireNoRetry(retry);
  const total = search.spec.trials * search.seeds.length;
  const ids = new Set(trials.map(({ id }) => id));
  const known = trials.filter(({ id }) => readResult(layout.trial(folder, id)) !== null).length;
  const opened = await openSearch({ ...sweep, search }, folder, {
    jobOf,
    print,
    onTrials(made) {
      trials.push(...made.filter(({ id }) => !ids.has(id)));
      for (const { id } of made) ids.add(id);
    },
  });
  return { ...opened, known, pending: Math.max(1, total - known) };
}

/** What a study was told cannot be taken back. */
function requireNoRetry(retry: Retry): void {
  if (retry === 'failed') return;
  throw new InputError({
    who: `--retry ${retry}`,
    got: 'a search, whose study knows how its trials ended',
    wanted: 'sweeps of axes',
    remedy: 'search again in another folder: --out',
  });
}

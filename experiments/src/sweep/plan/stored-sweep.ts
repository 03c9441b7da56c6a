import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { FailureError } from '@lacuna/core';
import type { TrialJob } from '../../trial/trial-process.js';
import type { LacunaSweep, LacunaTrial } from './plan.js';
import { layout } from '../results/results.js';
import { commonSpec, trialSpec } from '../spec/spec.js';

/** A sweep as its folder tells of it. */
export interface StoredSweep extends LacunaSweep {
  readonly folder: string;
  /** Where the relative paths of a trial's data start, by its id. */
  readonly baseDirs: ReadonlyMap<string, string>;
}

/**
 * The sweep that lies in a folder, without its spec: the trials of its last leaderboard, methods in the order of the
 * spec, then seeds. `all`: every trial that lies there, those of earlier specs as well.
 * @throws {FailureError} where the folder holds none, or one of a version whose settings are no longer known.
 */
export function readStoredSweep(folder: string, which: 'leaderboard' | 'all' = 'leaderboard'): StoredSweep {
  const written = join(folder, 'spec.json');
  if (!existsSync(written)) {
    throw new FailureError({
      who: folder,
      got: existsSync(folder) ? 'a folder without a sweep (spec.json)' : 'no such folder',
      wanted: 'the folder of a sweep, such as runs/quickstart',
      remedy: 'name the folder that lacuna sweep wrote',
    });
  }
  const { resolved } = readJson(written) as { readonly resolved: Readonly<Record<string, unknown>> };
  const ids = which === 'all' ? trialFolders(folder) : plannedIds(folder);
  const jobs = ids.map((id) => readTrialJob(layout.trialFile(layout.trial(folder, id))));
  const order = Object.keys((resolved['methods'] as object | undefined) ?? {});
  const trials = jobs.map(({ trial }) => trial).sort((a, b) => compareTrials(a, b, order));
  const common = Object.keys(commonSpec.shape).map((key) => [key, resolved[key]] as const);
  return {
    folder,
    name: String(resolved['name']),
    description: String(resolved['description'] ?? ''),
    common: commonSpec.parse(Object.fromEntries(common.filter(([, value]) => value !== undefined))),
    trials,
    search: null,
    budget: null,
    resolved,
    baseDirs: new Map(jobs.map(({ trial, baseDir }) => [trial.id, baseDir])),
  };
}

/** Points of the axes in natural order, then methods, then seeds. */
function compareTrials(a: LacunaTrial, b: LacunaTrial, methods: readonly string[]): number {
  const point = ({ axes }: LacunaTrial) => JSON.stringify(axes);
  const byPoint = point(a).localeCompare(point(b), 'en', { numeric: true });
  return byPoint || methods.indexOf(a.method) - methods.indexOf(b.method) || a.seed - b.seed;
}

/** Trials of the last leaderboard: a spec that was changed leaves others behind. */
function plannedIds(folder: string): string[] {
  const path = join(folder, 'leaderboard.json');
  if (existsSync(path)) {
    const comparisons = readJson(path) as { readonly results: readonly { readonly id: string }[] }[];
    return comparisons.flatMap(({ results }) => results.map(({ id }) => id));
  }
  return trialFolders(folder);
}

function trialFolders(folder: string): string[] {
  const trials = layout.trials(folder);
  const names = existsSync(trials) ? readdirSync(trials) : [];
  return names.filter((id) => existsSync(layout.trialFile(layout.trial(folder, id))));
}

/**
 * What a trial's process was told, as its folder keeps it.
 * @throws {FailureError} where that is damaged, or of a version whose settings are no longer known.
 */
export function readTrialJob(path: string): TrialJob {
  const job = readJson(path) as TrialJob;
  const parsed = trialSpec().safeParse(job.trial.config);
  if (parsed.success) return { ...job, trial: { ...job.trial, config: parsed.data } };
  throw new FailureError({
    who: path,
    got: `settings that this version does not know (${parsed.error.issues[0]?.message ?? 'of another form'})`,
    wanted: 'a trial of this version',
    remedy: 'run the sweep again',
  });
}

function readJson(path: string): unknown {
  try {
    return JSON.parse(readFileSync(path, 'utf8'));
  } catch (cause) {
    throw new FailureError(
      {
        who: path,
        got: existsSync(path) ? 'text that is not JSON' : 'no such file',
        wanted: 'what lacuna sweep wrote',
        remedy: 'run the sweep again: it goes on where it was',
      },
      { cause },
    );
  }
}

import { InputError, makeFolder, writeFileAtomic } from '@lacuna/core';
import { Study, keepPoint, searchSource, type JobSource, type QueuedJob } from '@lacuna/sweep';
import { writeJson } from '../machine/json-file.js';
import { readSetupState } from '../machine/setup-state.js';
import type { LacunaSweep, LacunaTrial } from '../sweep/plan/plan.js';
import { layout, readResult } from '../sweep/results/results.js';
import { EnergyMeter } from '../trial/energy.js';
import { outcomeOf } from './objectives.js';
import { dirname } from 'node:path';

type LacunaSearch = NonNullable<LacunaSweep['search']>;

/** What a search tells those who run it. */
export interface SearchJobsOptions {
  readonly jobOf: (trial: LacunaTrial) => QueuedJob;
  /** Told of trials that the search has made, before they begin. */
  readonly onTrials: (trials: readonly LacunaTrial[]) => void;
  readonly print: (line: string) => void;
}

/** Trials that Optuna chooses, and what is left to do once none is left. */
export interface SearchJobs {
  readonly jobs: JobSource;
  /** Keeps what the study knows of its fields, and ends it. */
  readonly close: () => Promise<void>;
}

/**
 * Opens a search, or goes on with the one that lies in a sweep's folder.
 * @throws {InputError} where an objective cannot be measured here, Optuna is not there, or the study is another one.
 */
export async function openSearch(
  sweep: LacunaSweep & { readonly search: LacunaSearch },
  folder: string,
  { jobOf, onTrials, print }: SearchJobsOptions,
): Promise<SearchJobs> {
  const { search, name } = sweep;
  const { spec, dimensions, method, first, settings } = search;
  const objectives = [...spec.maximise, ...spec.minimise];
  if (objectives.includes('energy')) requireCounter('search.minimise: energy');
  const path = layout.study(folder);
  makeFolder(dirname(path));
  const { study, trials: known } = await Study.open({
    python: requirePython(),
    path,
    name,
    spec,
    dimensions,
    method,
    first,
    settings,
  });
  const points = layout.points(folder);
  // The study is what holds: a line of ours may have been torn.
  writeFileAtomic(points, known.map(({ number, point }) => `${JSON.stringify({ number, point })}\n`).join(''));
  const kept = new Set(known.map(({ number }) => number));
  const jobs = await searchSource({
    search,
    study,
    known,
    jobOf,
    outcomeOf(trial) {
      const result = readResult(layout.trial(folder, trial.id));
      return result && outcomeOf(result, objectives);
    },
    onPoint({ number, point, trials }) {
      if (!kept.has(number)) keepPoint(points, { number, point });
      onTrials(trials);
    },
    onRefused: (number, reason) => print(`#${number}  not tried: ${reason}`),
  });
  return {
    jobs,
    async close() {
      try {
        const shares = await study.importances();
        writeJson(
          layout.importances(folder),
          shares.length === 0 ? [] : objectives.map((objective, i) => ({ objective, shares: shares[i] })),
        );
      } finally {
        await study.close();
      }
    },
  };
}

function requirePython(): string {
  const python = readSetupState()?.python ?? null;
  if (python !== null) return python;
  throw new InputError({
    who: 'search',
    got: 'no Python environment',
    wanted: 'the one that holds Optuna',
    remedy: 'npm run setup brings it, or says what is missing',
  });
}

/** @throws {InputError} where the machine does not say what it takes. */
export function requireCounter(who: string): void {
  const reading = new EnergyMeter({ share: 1 }).read();
  if (reading.joules !== null) return;
  throw new InputError({
    who,
    got: reading.reason,
    wanted: 'a machine that measures energy',
    remedy: 'leave energy out, or let the counters be read (/sys/class/powercap)',
  });
}

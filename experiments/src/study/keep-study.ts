import { existsSync, readFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { join } from 'node:path';
import { FailureError } from '@lacuna/core';
import { sourceCommit } from '../machine/source-commit.js';
import { writeJson } from '../machine/json-file.js';
import { layout, readResult } from '../sweep/results.js';
import { readStoredSweep } from '../sweep/stored-sweep.js';
import { readStudy, writeStudy, type KeptStudy, type KeptTrial, type Provenance } from './kept-study.js';

/** What was kept of a sweep. */
export interface Kept {
  readonly path: string;
  readonly trials: number;
  /** Trials that were not there before. */
  readonly added: number;
  /** Trials that an earlier plan of the sweep had and this one has not. */
  readonly dropped: number;
}

/**
 * Keeps the numbers of a sweep's finished trials in `into/<name>.json`, beside those that are there: a sweep may be run
 * in parts, on several machines, its folder deleted in between.
 * @throws {FailureError} for a folder without a sweep, or one without a finished trial.
 */
export function keepStudy(folder: string, into: string): Kept {
  const sweep = readStoredSweep(folder);
  const made = provenance();
  const planned = plannedIds(folder);
  const finished = sweep.trials.flatMap((trial): KeptTrial[] => {
    const result = planned?.has(trial.id) === false ? null : readResult(layout.trial(folder, trial.id));
    return result === null ? [] : [{ trial, result, made }];
  });
  if (finished.length === 0)
    throw new FailureError({
      who: folder,
      got: 'no finished trial',
      wanted: 'at least one',
      remedy: 'run its sweep first',
    });
  const path = join(into, `${sweep.name}.json`);
  const before = existsSync(path) ? readStudy(path).trials : [];
  const known = new Map(before.map((each) => [each.trial.id, each]));
  const isPlanned = (id: string) => planned?.has(id) !== false;
  const rest = before.filter(
    ({ trial }) => isPlanned(trial.id) && finished.every((each) => each.trial.id !== trial.id),
  );
  // A trial's numbers are those of its first run: to keep them again changes neither day nor machine.
  const trials = [...finished.map((each) => known.get(each.trial.id) ?? each), ...rest];
  const order = Object.keys((sweep.resolved as { methods?: object }).methods ?? {});
  const study: KeptStudy = {
    name: sweep.name,
    description: sweep.description,
    resolved: sweep.resolved as KeptStudy['resolved'],
    common: sweep.common,
    trials: trials.sort((a, b) => compare(a, b, order)),
  };
  writeStudy(path, study);
  return {
    path,
    trials: trials.length,
    added: finished.filter(({ trial }) => !known.has(trial.id)).length,
    dropped: before.length - before.filter(({ trial }) => isPlanned(trial.id)).length,
  };
}

function compare(a: KeptTrial, b: KeptTrial, methods: readonly string[]): number {
  const point = ({ trial }: KeptTrial) => JSON.stringify(trial.axes);
  const byPoint = point(a).localeCompare(point(b), 'en', { numeric: true });
  return byPoint || methods.indexOf(a.trial.method) - methods.indexOf(b.trial.method) || a.trial.seed - b.trial.seed;
}

/** The trials that the sweep planned when it last ran; null where its folder does not say. */
function plannedIds(folder: string): ReadonlySet<string> | null {
  const { trials } = JSON.parse(readFileSync(join(folder, 'spec.json'), 'utf8')) as { trials?: readonly string[] };
  return trials === undefined ? null : new Set(trials);
}

function provenance(): Provenance {
  const [first] = cpus();
  return {
    commit: sourceCommit()?.slice(0, 12) ?? null,
    date: new Date().toISOString().slice(0, 10),
    machine: `${cpus().length} x ${first?.model.trim() ?? 'unknown CPU'}`,
  };
}

/**
 * Writes kept results back into a sweep's folder: `lacuna sweep` then runs only what is missing.
 * @returns how many trials were written; those that the folder has already stay.
 */
export function restoreStudy(study: KeptStudy, folder: string): number {
  let written = 0;
  for (const { trial, result } of study.trials) {
    const to = layout.trial(folder, trial.id);
    if (existsSync(layout.result(to))) continue;
    writeJson(layout.trialFile(to), { trial, baseDir: process.cwd() });
    writeJson(layout.result(to), result);
    written++;
  }
  if (!existsSync(join(folder, 'spec.json'))) {
    const trials = study.trials.map(({ trial }) => trial.id);
    writeJson(join(folder, 'spec.json'), { trials, resolved: study.resolved });
  }
  return written;
}

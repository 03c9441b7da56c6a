import { existsSync, readFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { join } from 'node:path';
import { FailureError } from '@lacuna/core';
import { sourceCommit } from '../machine/source-commit.js';
import { writeJson } from '../machine/json-file.js';
import { layout, readResult } from '../sweep/results/results.js';
import { readStoredSweep } from '../sweep/plan/stored-sweep.js';
import { readStudy, writeStudy, type KeptStudy, type KeptTrial, type Provenance } from './kept-study.js';

/** What was kept of a sweep. */
export interface Kept {
  readonly path: string;
  readonly trials: number;
  /** Trials that were not there before. */
  readonly added: number;
  /** Trials of methods that the spec no longer has, or whose settings it changed. */
  readonly dropped: number;
}

/**
 * Keeps the numbers of a sweep's finished trials in `into/<name>.json`, beside those that are there: a sweep may be run
 * in parts, on several machines, its folder deleted in between.
 * @throws {FailureError} for a folder without a sweep, or one without a finished trial.
 */
export function keepStudy(folder: string, into: string): Kept {
  const sweep = readStoredSweep(folder, 'all');
  const made = provenance();
  const finished = sweep.trials.flatMap((trial): KeptTrial[] => {
    const result = readResult(layout.trial(folder, trial.id));
    return result === null ? [] : [{ trial, result, made }];
  });
  const path = join(into, `${sweep.name}.json`);
  const before = existsSync(path) ? readStudy(path).trials : [];
  const known = new Map(before.map((each) => [each.trial.id, each]));
  const methods = Object.keys((sweep.resolved as { methods?: object }).methods ?? { default: {} });
  const planned = plannedIds(folder);
  // A trial's numbers are those of its first run: to keep them again changes neither day nor machine.
  const all = [...before, ...finished.filter(({ trial }) => !known.has(trial.id))];
  const current = all.filter((each) => methods.includes(each.trial.method) && isCurrent(each, all, planned));
  if (current.length === 0)
    throw new FailureError({
      who: folder,
      got: 'no finished trial',
      wanted: 'at least one',
      remedy: 'run its sweep first',
    });
  writeStudy(path, {
    name: sweep.name,
    description: sweep.description,
    resolved: sweep.resolved as KeptStudy['resolved'],
    common: sweep.common,
    trials: current.sort((a, b) => compare(a, b, methods)),
  });
  return {
    path,
    trials: current.length,
    added: current.filter(({ trial }) => !known.has(trial.id)).length,
    dropped: before.filter((each) => !current.includes(each)).length,
  };
}

/** Of several trials of one name, as changed specs leave them, the one that was planned last, else the newest. */
function isCurrent({ trial }: KeptTrial, all: readonly KeptTrial[], planned: ReadonlySet<string>): boolean {
  const ids = all.filter((other) => other.trial.name === trial.name).map((other) => other.trial.id);
  const current = ids.find((id) => planned.has(id)) ?? ids.at(-1);
  return trial.id === current;
}

function compare(a: KeptTrial, b: KeptTrial, methods: readonly string[]): number {
  const point = ({ trial }: KeptTrial) => JSON.stringify(trial.axes);
  const byPoint = point(a).localeCompare(point(b), 'en', { numeric: true });
  return byPoint || methods.indexOf(a.trial.method) - methods.indexOf(b.trial.method) || a.trial.seed - b.trial.seed;
}

/** The trials that the sweep planned when it last ran. */
function plannedIds(folder: string): ReadonlySet<string> {
  const { trials } = JSON.parse(readFileSync(join(folder, 'spec.json'), 'utf8')) as { trials?: readonly string[] };
  return new Set(trials);
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

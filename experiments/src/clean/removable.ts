import { existsSync, lstatSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { HEADS_FILE } from '@lacuna/models';
import { layout } from '../sweep/results/results.js';
import { readPlannedNow, readTrialFolders, type PlannedNow, type TrialFolder } from './trial-folders.js';

/** What `lacuna clean` may take away, and why nobody misses it. */
export const CLEANED = {
  states: 'states to go on from, of trials that have finished',
  models: 'models of seeds that another seed of their method beats on validation',
  superseded: 'trials that the spec no longer plans, or plans with other settings',
} as const;
export type Cleaned = keyof typeof CLEANED;

/** Files or folders of one trial that may go. */
interface Removable {
  readonly kind: Cleaned;
  readonly trial: string;
  readonly paths: readonly string[];
  readonly bytes: number;
}

/** What of a sweep may go, and what would but for MLflow, which has not got it yet. */
export interface SweepLeavings {
  readonly sweep: string;
  readonly removable: readonly Removable[];
  /** Names of trials that are kept whole until `lacuna sync` has delivered them. */
  readonly undelivered: readonly string[];
}

/** What training goes on from after a stop. */
const STATES = ['last.safetensors', 'previous.safetensors', 'seconds.json'];
const MODELS = ['best.safetensors', HEADS_FILE];

/**
 * Looks through a sweep's folder. Results, scores, curves, kept images, the best model of every method, and whatever an
 * unfinished trial needs, its predecessor's model included, are not among what it finds.
 */
export function leavingsOf(sweep: string, kinds: readonly Cleaned[]): SweepLeavings {
  const trials = readTrialFolders(sweep);
  const planned = readPlannedNow(sweep);
  const superseded = trials.filter((trial) => isSuperseded(trial, trials, planned));
  const others = trials.filter((trial) => !superseded.includes(trial));
  const finished = others.filter(({ result }) => result?.status === 'finished');
  const lost = beatenTrials(finished, awaitedTrials(others));
  const found = {
    superseded: superseded.map((trial) => removable('superseded', trial, [trial.folder])),
    states: finished.map((trial) =>
      removable(
        'states',
        trial,
        STATES.map((file) => inCheckpoints(trial, file)),
      ),
    ),
    models: lost.map((trial) =>
      removable(
        'models',
        trial,
        MODELS.map((file) => inCheckpoints(trial, file)),
      ),
    ),
  };
  // The journal names the model's file until it is delivered; the state for going on is of no run.
  const waits = new Set(trials.filter(({ undelivered }) => undelivered).map(({ id }) => id));
  const mayGo = ({ kind, trial, paths }: Removable) => paths.length > 0 && (kind === 'states' || !waits.has(trial));
  const wanted = kinds.flatMap((kind) => found[kind]);
  return {
    sweep,
    removable: wanted.filter(mayGo),
    undelivered: wanted.filter((one) => one.paths.length > 0 && !mayGo(one)).map(({ trial }) => trial),
  };
}

const inCheckpoints = ({ folder }: TrialFolder, file: string): string => join(layout.checkpoints(folder), file);

function removable(kind: Cleaned, { id }: TrialFolder, paths: readonly string[]): Removable {
  const there = paths.filter((path) => existsSync(path));
  return { kind, trial: id, paths: there, bytes: there.reduce((sum, path) => sum + bytesOf(path), 0) };
}

/** Bytes of a file, or of all files below a folder. Links are not followed. */
function bytesOf(path: string): number {
  const status = lstatSync(path);
  if (!status.isDirectory()) return status.size;
  return readdirSync(path).reduce((sum, name) => sum + bytesOf(join(path, name)), 0);
}

/**
 * Whether a trial's place was taken: its method or seed is no longer in the spec, or the last run planned a trial of
 * the same name with another id. A trial that `--only` left out of the last run keeps its place.
 */
function isSuperseded(one: TrialFolder, trials: readonly TrialFolder[], planned: PlannedNow | null): boolean {
  if (planned === null || one.trial === null || planned.trials.has(one.id)) return false;
  const { method, seed, name } = one.trial;
  if (!planned.methods.has(method) || !planned.seeds.has(seed)) return true;
  return trials.some(({ id, trial }) => planned.trials.has(id) && trial?.name === name);
}

/** Trials whose model a trial without a result is to begin from. */
function awaitedTrials(trials: readonly TrialFolder[]): ReadonlySet<string> {
  const unfinished = trials.filter(({ result }) => result === null);
  return new Set(unfinished.flatMap(({ trial }) => (trial?.after === undefined ? [] : [trial.after])));
}

/** Of every group all but the seed of the best validation score; all are kept where the score has no value. */
function beatenTrials(finished: readonly TrialFolder[], awaited: ReadonlySet<string>): TrialFolder[] {
  const best = new Map<string, { id: string; score: number }>();
  for (const { id, trial, result } of finished) {
    const score = validationScore({ trial, result });
    if (score === null || result === null) continue;
    const before = best.get(result.group);
    if (before === undefined || score > before.score) best.set(result.group, { id, score });
  }
  return finished.filter((one) => {
    if (awaited.has(one.id) || one.result === null || validationScore(one) === null) return false;
    return best.get(one.result.group)?.id !== one.id;
  });
}

/** By what the trial's spec selects models by, larger for better; null without a value. */
function validationScore({ trial, result }: Pick<TrialFolder, 'trial' | 'result'>): number | null {
  if (trial === null || result === null) return null;
  const { metric, better } = trial.config.training.select;
  const value = result.validation.values[metric] ?? null;
  if (value === null) return null;
  return better === 'higher' ? value : -value;
}

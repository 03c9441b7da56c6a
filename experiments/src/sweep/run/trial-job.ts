import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { FailureError } from '@lacuna/core';
import { canonicalJson } from '@lacuna/sweep';
import { extensionsOf } from '../../extensions/used.js';
import { writeJson } from '../../machine/json-file.js';
import { withoutUserInfo } from '../../tracking/address.js';
import type { TrialJob } from '../../trial/trial-process.js';
import { teacherIn } from '../spec/model-links.js';
import { plannedTrials, trialCount, type LacunaSweep, type LacunaTrial } from '../plan/plan.js';
import { layout, readResult } from '../results/results.js';
import type { SweepSelection } from '../plan/selection.js';
import { bytesOf } from '../spec/spec.js';

/** Who may read what was made of a user's spec and options: the user alone. */
const PRIVATE = 0o600;

/** Writes what a sweep was made of into its folder. */
export function writeSpec(sweep: LacunaSweep, { spec: path, set: sets }: SweepSelection, folder: string): void {
  const trials = sweep.trials.map(({ id }) => id);
  const written = withoutUserInfo({ path, sets, trials, resolved: sweep.resolved });
  writeJson(join(folder, 'spec.json'), written, { mode: PRIVATE });
}

/** What a trial's process is told besides its spec. */
export interface TrialJobOptions {
  /** The sweep's. */
  readonly folder: string;
  /** Of one op; null on a GPU. */
  readonly threads: number | null;
  /** See {@link TrialJob}. */
  readonly energyShare: number | null;
  /** Where the trial delivers to MLflow; null for its journal alone. */
  readonly uri: string | null;
  /** What the sweep is called in MLflow. */
  readonly identity: string;
}

/** Writes what the trial's process reads. */
export function writeTrialJob(
  sweep: LacunaSweep,
  trial: LacunaTrial,
  { folder, threads, energyShare, uri, identity }: TrialJobOptions,
): void {
  const extensions = extensionsOf(trial.config);
  const job: TrialJob = {
    trial,
    ...(extensions.length === 0 ? {} : { extensions }),
    ...(isJudged(sweep) ? { isJudged: true } : {}),
    folder: layout.trial(folder, trial.id),
    shared: layout.shared(folder),
    keep: { images: sweep.common.keep.images, bytes: roomOfTrial(sweep) },
    baseDir: process.cwd(),
    initialWeights: modelFile(trial, trial.config.init?.from, { trials: sweep.trials, folder }),
    teacher: modelFile(trial, teacherIn(trial.config)?.from, { trials: sweep.trials, folder }),
    threads,
    energyShare,
    tracking: { experiment: sweep.common.tracking.experiment, uri, sweep: identity, energy: sweep.common.energy },
  };
  writeJson(layout.trialFile(layout.trial(folder, trial.id)), job, { mode: PRIVATE });
}

/** Whether trials are ended early by how others do after as many steps. */
function isJudged({ search }: LacunaSweep): boolean {
  return search?.spec.prune !== undefined && search.spec.prune.kind !== 'wilcoxon';
}

/** Equal shares of the room for kept images: one for each trial, and one for each set of pairs that trials share. */
function roomOfTrial(sweep: LacunaSweep): number {
  const sets = new Set(
    plannedTrials(sweep).map(({ config: { data, dimensions, degradation, split, normalise } }) =>
      canonicalJson([data, dimensions, degradation, split, normalise]),
    ),
  ).size;
  return Math.floor(bytesOf(sweep.common.keep.limit) / (trialCount(sweep) + sets));
}

/**
 * The model file that a trial begins with or learns from; null where there is none.
 * @throws {FailureError} where the trial that it goes on from has left no model.
 */
function modelFile(
  trial: LacunaTrial,
  from: { readonly file?: string | undefined } | undefined,
  { trials, folder }: { readonly trials: readonly LacunaTrial[]; readonly folder: string },
): string | null {
  if (!from) return null;
  if (from.file !== undefined) return resolve(process.cwd(), from.file);
  const before = trials.find(({ id }) => id === trial.after)!;
  const path = join(layout.checkpoints(layout.trial(folder, before.id)), 'best.safetensors');
  const status = readResult(layout.trial(folder, before.id))?.status;
  if (status === 'finished' && existsSync(path)) return path;
  throw new FailureError({
    who: trial.name,
    got: status === 'diverged' ? `weights of ${before.name}, which diverged` : `no model of ${before.name} (${path})`,
    wanted: 'the trial that it goes on from, trained to its end',
    remedy: status === 'diverged' ? 'change its settings, or try again with --retry diverged' : '--retry all',
  });
}

import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { InputError, FailureError } from '@lacuna/core';
import type { EvaluationSpec } from '@lacuna/iqa';
import { keepsNetworkHead } from '@lacuna/models';
import { canonicalJson } from '@lacuna/sweep';
import { extensionsOf } from '../extensions/used.js';
import { writeJson } from '../machine/json-file.js';
import { requireEmptyFolder } from '../machine/new-folder.js';
import type { Comparison } from '../sweep/results/comparison.js';
import { comparisonsOf } from '../sweep/results/comparisons.js';
import type { LacunaTrial } from '../sweep/plan/plan.js';
import { layout, readResult, type TestScores, type TrialResult } from '../sweep/results/results.js';
import type { StoredSweep } from '../sweep/plan/stored-sweep.js';
import { writeLeaderboard } from '../sweep/leaderboard/write-leaderboard.js';
import { measureCeiling } from '../trial/scores/ceiling.js';
import { readKeptImages, type RolePairs } from '../trial/scores/kept-images.js';
import { findOwnLevel } from '../trial/scores/own-level.js';
import { prepareData } from '../trial/data/prepare.js';
import type { Protocol } from '../trial/scores/scores.js';
import { scoreAtBothLevels } from '../trial/scores/test-method.js';
import { scoreValidation } from '../trial/scores/validation-scores.js';

/** What a sweep is scored by again. */
export interface RescoreOptions {
  /** The protocol of a trial, from the one that it was run with. */
  readonly evaluationOf: (trial: LacunaTrial) => EvaluationSpec;
  /** A new folder; `rescored/<id of the protocol>` in the sweep's by default. */
  readonly out?: string;
  readonly onProgress: (text: string) => void;
}

/** A sweep that was scored again. */
export interface Rescored {
  readonly folder: string;
  readonly comparisons: readonly Comparison[];
}

/**
 * Scores the kept images of a finished sweep under another protocol, without training: its leaderboard goes into a
 * folder of its own. The data are read again; the level of the network follows from them and the protocol.
 * @throws {FailureError} where a trial kept no images, or the data have changed.
 */
export async function rescore(sweep: StoredSweep, options: RescoreOptions): Promise<Rescored> {
  const finished = sweep.trials
    .map((trial) => ({ trial, result: readResult(layout.trial(sweep.folder, trial.id)) }))
    .filter((each): each is Finished => each.result?.status === 'finished')
    .map(({ trial, result }) => ({ result, trial: withEvaluation(trial, options.evaluationOf(trial)) }));
  if (finished.length === 0) {
    throw new FailureError({
      who: sweep.folder,
      got: `no finished trial of ${sweep.trials.length}`,
      wanted: 'at least one',
      remedy: 'run the sweep first',
    });
  }
  requireKeptNetworks(finished);
  const protocols = finished.map(({ trial }) => [trial.id, trial.config.evaluation]);
  const id = createHash('sha256').update(canonicalJson(protocols)).digest('hex').slice(0, 12);
  const folder = options.out ?? join(sweep.folder, 'rescored', id);
  requireEmptyFolder(folder);
  const results: TrialResult[] = [];
  for (const group of byData(finished).values()) results.push(...(await rescoreGroup(sweep, group, options)));
  for (const { trial } of finished) {
    const written = layout.trial(folder, trial.id);
    writeJson(
      layout.result(written),
      results.find((result) => result.id === trial.id),
    );
    const extensions = extensionsOf(trial.config);
    writeJson(layout.trialFile(written), {
      trial,
      baseDir: sweep.baseDirs.get(trial.id),
      ...(extensions.length === 0 ? {} : { extensions }),
    });
  }
  writeJson(join(folder, 'spec.json'), { resolved: sweep.resolved });
  const comparisons = comparisonsOf({ ...sweep, trials: finished.map(({ trial }) => trial) }, folder);
  writeLeaderboard(comparisons, folder);
  return { folder, comparisons };
}

/** @throws {InputError} where networks would be read from heads, whose probabilities are not kept. */
function requireKeptNetworks(finished: readonly Finished[]): void {
  const isLost = ({ trial: { config } }: Finished) =>
    config.evaluation.network === 'head' && keepsNetworkHead(config.regime);
  if (!finished.some(isLost)) return;
  throw new InputError({
    who: 'evaluation.network',
    got: 'head',
    wanted: 'networks read from the images: the probabilities of heads are not kept',
    remedy: 'lacuna sweep, or rescore with --set evaluation.network=image',
  });
}

interface Finished {
  readonly trial: LacunaTrial;
  readonly result: TrialResult;
}

const withEvaluation = (trial: LacunaTrial, evaluation: EvaluationSpec): LacunaTrial => ({
  ...trial,
  config: { ...trial.config, evaluation },
});

/** Trials on the same data under the same protocol: these are prepared once. */
function byData(finished: readonly Finished[]): Map<string, Finished[]> {
  const groups = new Map<string, Finished[]>();
  for (const each of finished) {
    const { data, dimensions, degradation, split, normalise, evaluation } = each.trial.config;
    const key = canonicalJson([data, dimensions, degradation, split, normalise, evaluation]);
    groups.set(key, [...(groups.get(key) ?? []), each]);
  }
  return groups;
}

async function rescoreGroup(
  sweep: StoredSweep,
  group: readonly Finished[],
  { onProgress }: RescoreOptions,
): Promise<TrialResult[]> {
  const [{ trial: first }] = group;
  const data = await prepareData(first.config, { baseDir: sweep.baseDirs.get(first.id)!, onProgress });
  const pairs: RolePairs = { test: data.test(), validation: data.validation };
  const protocol: Protocol = { evaluation: first.config.evaluation, level: data.level, segment: data.segment };
  const isKnown = pairs.test.every(({ truth }) => truth !== null);
  let ceiling: TestScores | null = null;
  const results: TrialResult[] = [];
  for (const { trial, result } of group) {
    const { name, id, config } = trial;
    onProgress(name);
    const folder = layout.trial(sweep.folder, id);
    const images = await readKeptImages(folder, { name, pairs, digest: data.source.digest });
    if (isKnown) ceiling ??= measureCeiling(pairs.validation, pairs.test, protocol);
    const ownLevel = findOwnLevel(pairs.validation, images.validation, protocol);
    const { ceiling: _, ...rest } = result;
    results.push({
      ...rest,
      validation: scoreValidation(pairs.validation, images.validation, { protocol, training: config.training }),
      ...scoreAtBothLevels(pairs.test, images.test, { ownLevel, protocol }),
      ...(ceiling === null ? {} : { ceiling }),
    });
  }
  return results;
}

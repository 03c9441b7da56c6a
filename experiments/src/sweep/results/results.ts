import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { FailureError, type LengthUnit } from '@lacuna/core';
import type { Factor } from '@lacuna/datasets';
import type { EnergyReading } from '../../trial/energy.js';

/**
 * Where a sweep keeps what it made:
 *
 *     runs/<sweep>/
 *       spec.json  journal.jsonl  leaderboard.{txt,csv,json}  differences.csv  report.html  figures/
 *       search/{study.log,points.jsonl,points.csv,importances.json,spool/}  (of searches)
 *       shared/ceiling-<key>.json  shared/pairs-<key>/  shared/registration-<key>.json
 *       shared/source-<key>.bin  (until no trial is left)
 *       model/{model.onnx,sr.tif,picture.png}
 *       queue/<submission>.{json,sh}  queue/<submission>-<task>.txt
 *       trials/<id>/
 *         trial.json  metrics.jsonl  result.json  log.txt
 *         record.json  claim  journal.jsonl  (of trials that a cluster runs)
 *         validations.jsonl  verdict.json  (of a search on a cluster)
 *         checkpoints/  images/{hr,lr,sr,truth}.tif  kept/  spool/
 */
export const layout = {
  trials: (sweep: string) => join(sweep, 'trials'),
  queue: (sweep: string) => join(sweep, 'queue'),
  shared: (sweep: string) => join(sweep, 'shared'),
  /** Optuna's own journal, which `optuna-dashboard` opens. */
  study: (sweep: string) => join(sweep, 'search', 'study.log'),
  points: (sweep: string) => join(sweep, 'search', 'points.jsonl'),
  pointTable: (sweep: string) => join(sweep, 'search', 'points.csv'),
  importances: (sweep: string) => join(sweep, 'search', 'importances.json'),
  searchSpool: (sweep: string) => join(sweep, 'search', 'spool'),
  trial: (sweep: string, id: string) => join(sweep, 'trials', id),
  trialFile: (trial: string) => join(trial, 'trial.json'),
  record: (trial: string) => join(trial, 'record.json'),
  validations: (trial: string) => join(trial, 'validations.jsonl'),
  verdict: (trial: string) => join(trial, 'verdict.json'),
  metrics: (trial: string) => join(trial, 'metrics.jsonl'),
  result: (trial: string) => join(trial, 'result.json'),
  checkpoints: (trial: string) => join(trial, 'checkpoints'),
  images: (trial: string) => join(trial, 'images'),
  kept: (trial: string) => join(trial, 'kept'),
  scale: (trial: string) => join(trial, 'images', 'scale.json'),
  spool: (trial: string) => join(trial, 'spool'),
  figures: (sweep: string) => join(sweep, 'figures'),
  report: (sweep: string) => join(sweep, 'report.html'),
  model: (sweep: string) => join(sweep, 'model'),
} as const;

/** How the images of a trial become [0, 1], and the network's level there. */
export interface Scale {
  readonly normalisation: { readonly low: number; readonly high: number };
  readonly level: number;
}

/** Scores by metric name; null where a metric has no value, with the reason in `undefinedBecause`. */
export interface Scores {
  readonly values: Readonly<Record<string, number | null>>;
  readonly undefinedBecause: Readonly<Record<string, string>>;
  /** Border, range and threshold that made these numbers. */
  readonly protocol: string;
  /** Images in which neither the reference nor the estimate has a network, by metric; none where left out. */
  readonly bothEmpty?: Readonly<Record<string, number>>;
  /** Of volumes: the unit of their lengths, null for voxels. Those of planes are in px. */
  readonly volume?: { readonly unit: LengthUnit | null };
  /** Recall where at most 0, 1, ... 30 % of what is drawn is invented, mean over images; where that is measured. */
  readonly recallCurve?: readonly number[];
  /** The same by image, of which `values` are means. Results of older versions have none. */
  readonly cases?: readonly { readonly name: string; readonly values: Readonly<Record<string, number | null>> }[];
}

/** The level of a method's own, in normalised images, with its mean clDice on validation; or why it has none. */
export type OwnLevelChoice =
  { readonly level: number; readonly clDice: number } | { readonly level: null; readonly reason: string };

/** What a method is worth on the test split, cut at the level of all methods and at its own. */
export interface TestScores {
  readonly test: Scores;
  /** Chosen on validation after training. */
  readonly ownLevel: OwnLevelChoice;
  /** Of the metrics that change with the level; null without an own level. */
  readonly testOwnLevel: Scores | null;
}

/** What a method costs at inference and cost to make. */
export interface Cost {
  readonly parameters: number;
  /** Multiply-accumulates for one HR image of 1280 x 720. */
  readonly macs720p: number;
  /** Multiply-accumulates per HR pixel. */
  readonly macsPerPixel: number;
  /** Receptive field in LR pixels; null when a layer looks at the whole image. */
  readonly receptiveField: number | null;
  /** Time of training, or of a fit in closed form; null for a network that others trained. */
  readonly trainSeconds: number | null;
  readonly stepMs: number | null;
  readonly dataWaitShare: number | null;
  readonly energy: EnergyReading;
}

/** One finished trial: everything that the leaderboard and the figures need. Older results lack what is partial. */
export interface TrialResult extends Partial<TestScores> {
  readonly id: string;
  readonly name: string;
  readonly group: string;
  readonly method: string;
  readonly seed: number;
  /** Ratio of the pixel sizes: a number for x and y, or one for each axis. */
  readonly factor: Factor;
  readonly status: 'finished' | 'diverged' | 'pruned';
  readonly reason?: string;
  /** How the two training sets of an unpaired method lie apart. */
  readonly trainedOn?: string;
  readonly steps: number;
  readonly bestStep: number | null;
  readonly validation: Scores;
  readonly test: Scores;
  readonly cost: Cost;
  readonly engine: string;
  /** What the HR images themselves score, where the network is known. */
  readonly ceiling?: TestScores;
}

/** A trial's result, or null while it has none. */
export function readResult(trial: string): TrialResult | null {
  const path = layout.result(trial);
  if (!existsSync(path)) return null;
  try {
    return JSON.parse(readFileSync(path, 'utf8')) as TrialResult;
  } catch (error) {
    throw new FailureError(
      {
        who: path,
        got: 'text that is not JSON',
        wanted: 'the result of a trial',
        remedy: 'delete it: the sweep makes it again',
      },
      { cause: error },
    );
  }
}

/** All results of a sweep, in the order of `ids`, or as they lie there. */
export function readResults(sweep: string, ids?: readonly string[]): TrialResult[] {
  const folder = join(sweep, 'trials');
  const names = ids ?? (existsSync(folder) ? readdirSync(folder).sort() : []);
  return names.map((id) => readResult(layout.trial(sweep, id))).filter((result) => result !== null);
}

import { isTrained } from '../sweep/spec/method.js';
import { leaderboardRows, meanOf } from '../sweep/leaderboard/leaderboard-rows.js';
import { methodOrder } from '../sweep/spec/method-order.js';
import {
  DECIDING,
  decidingDifferences,
  gain,
  judgeTogether,
  psnrDifference,
  type ScoreVerdict,
} from './deciding-scores.js';
import type { StudyComparison } from './study-comparisons.js';

/**
 * What the studies claim: on most data sets one of the `subjects`, with at most 1/20 of the parameters of `rival`, is
 * better than it by three scores that no common level decides, within 0.2 dB of the PSNR of `peer`, the paired model
 * of its own size, and nowhere below a method without training.
 */
export const CLAIM = {
  subjects: ['geometry-small', 'geometry-tied'],
  rival: 'paired-large',
  peer: 'paired-small',
  mostShare: 1 / 20,
  mostLoss: 0.2,
} as const;

/** What the claim is worth on one data set, of one subject. */
export interface DataSetVerdict {
  readonly title: string;
  readonly subject: string;
  readonly seeds: number;
  /** Parameters of the subject over those of its rival. */
  readonly parameterShare: number;
  readonly scores: readonly ScoreVerdict[];
  /** PSNR of the subject less that of its peer, in dB; null where it was not measured. */
  readonly psnrToPeer: number | null;
  /** Methods without training that are above the subject by some deciding score, with that score. */
  readonly above: readonly { readonly method: string; readonly score: string; readonly difference: number }[];
  readonly holds: boolean;
}

/** Verdicts of the claim on each data set for each subject that has finished there, as its rival has. */
export function judgeClaim(all: readonly StudyComparison[]): DataSetVerdict[] {
  const found = all
    .flatMap((each) => CLAIM.subjects.map((subject): Case => ({ ...each, subject })))
    .map((each) => ({ each, differences: decidingDifferences(each, each.subject, CLAIM.rival) }))
    .filter(({ differences }) => differences.length > 0);
  const verdicts = judgeTogether(found.map(({ differences }) => differences));
  return found.map(({ each }, row) => verdictOf(each, verdicts[row]));
}

/** A subject on a data set. */
interface Case extends StudyComparison {
  readonly subject: string;
}

function verdictOf(each: Case, scores: readonly ScoreVerdict[]): DataSetVerdict {
  const { comparison, subject } = each;
  const parameterShare = parametersOf(each, subject)! / parametersOf(each, CLAIM.rival)!;
  const psnrToPeer = psnrDifference(each, subject, CLAIM.peer);
  const above = untrainedMethods(each).flatMap((method) => methodsAbove(each, method));
  const holds =
    scores.length === DECIDING.length &&
    scores.every(({ verdict }) => verdict === 'better') &&
    parameterShare <= CLAIM.mostShare &&
    (psnrToPeer === null || psnrToPeer >= -CLAIM.mostLoss) &&
    above.length === 0;
  const seeds = comparison.results.filter(({ method }) => method === subject).length;
  return { title: comparison.title, subject, seeds, parameterShare, scores, psnrToPeer, above, holds };
}

function parametersOf({ comparison }: StudyComparison, method: string): number | null {
  const row = leaderboardRows(comparison).find((each) => each.method === method);
  return row ? meanOf(row, ({ cost }) => cost.parameters) : null;
}

/** Interpolation and linear filters. */
function untrainedMethods({ comparison }: StudyComparison): string[] {
  return methodOrder(comparison).filter((method) =>
    comparison.trials.some((trial) => trial.method === method && !isTrained(trial.config.regime)),
  );
}

function methodsAbove(each: Case, method: string): DataSetVerdict['above'] {
  return decidingDifferences(each, each.subject, method)
    .filter((one) => gain(one) < 0)
    .map(({ score, difference }) => ({ method, score: score.name, difference: difference.mean }));
}

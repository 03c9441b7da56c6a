import { holm } from '@lacuna/sweep';
import { isTrained } from '../sweep/method.js';
import { differencesOf, type MethodDifference } from '../sweep/differences.js';
import { leaderboardRows, meanOf } from '../sweep/leaderboard-rows.js';
import { methodOrder } from '../sweep/method-order.js';
import type { ShownScore } from '../sweep/shown-scores.js';
import type { StudyComparison } from './study-comparisons.js';

/**
 * What the studies claim: on most data sets one of the `subjects`, with at most 1/20 of the parameters of `rival`, is
 * better than
 * it by three scores that no common level decides, within 0.2 dB of the PSNR of `peer`, the paired model of its own
 * size, and nowhere below a method without training.
 */
export const CLAIM = {
  subjects: ['geometry-small', 'geometry-tied'],
  rival: 'paired-large',
  peer: 'paired-small',
  mostShare: 1 / 20,
  mostLoss: 0.2,
  significance: 0.05,
} as const;

/** The scores that decide: each method at its own level, or over all levels. */
const DECIDING = [
  { metric: 'cldice', level: 'own' },
  { metric: 'recall_at_invention_10', level: 'common' },
  { metric: 'betti_matching_error', level: 'own' },
] as const;

/** The subject against another method by one score. */
export interface ScoreVerdict {
  readonly score: ShownScore;
  readonly difference: MethodDifference;
  /** p after Holm's correction over all deciding scores of all data sets. */
  readonly corrected: number;
  readonly verdict: 'better' | 'worse' | 'not told apart';
}

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
    .flatMap((each) => {
      const differences = differencesTo(each, CLAIM.rival);
      return differences.length === 0 ? [] : [{ each, differences }];
    });
  const corrected = holm(found.flatMap(({ differences }) => differences.map(({ difference }) => difference.p)));
  let at = 0;
  return found.map(({ each, differences }) =>
    verdictOf(
      each,
      differences.map((one) => ({ ...one, corrected: corrected[at++] })),
    ),
  );
}

/** A subject on a data set. */
interface Case extends StudyComparison {
  readonly subject: string;
}

interface SubjectDifference {
  readonly score: ShownScore;
  readonly difference: MethodDifference;
}

/** The subject's differences to a method by the deciding scores. */
function differencesTo({ comparison, subject }: Case, to: string): SubjectDifference[] {
  const differences = differencesOf({ ...comparison, compare: { ...comparison.compare, to } });
  return DECIDING.flatMap(({ metric, level }) => {
    const found = differences?.scores.find(({ score }) => score.metric === metric && score.level === level);
    const difference = found?.methods.find(({ method }) => method === subject);
    return found && difference ? [{ score: found.score, difference }] : [];
  });
}

function verdictOf(
  each: Case,
  differences: readonly (SubjectDifference & { readonly corrected: number })[],
): DataSetVerdict {
  const { comparison, subject } = each;
  const scores = differences.map(({ score, difference, corrected }): ScoreVerdict => {
    const isTold = corrected < CLAIM.significance;
    const verdict = gain(score, difference) > 0 ? 'better' : 'worse';
    return { score, difference, corrected, verdict: isTold ? verdict : 'not told apart' };
  });
  const parameterShare = parametersOf(each, subject)! / parametersOf(each, CLAIM.rival)!;
  const psnrToPeer = psnrDifference(each);
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

/** Positive where the subject is better. */
const gain = ({ better }: ShownScore, { mean }: MethodDifference): number => (better === 'higher' ? mean : -mean);

function parametersOf({ comparison }: StudyComparison, method: string): number | null {
  const row = leaderboardRows(comparison).find((each) => each.method === method);
  return row ? meanOf(row, ({ cost }) => cost.parameters) : null;
}

function psnrDifference({ comparison, subject }: Case): number | null {
  const differences = differencesOf({ ...comparison, compare: { ...comparison.compare, to: CLAIM.peer } });
  const psnr = differences?.scores.find(({ score }) => score.metric === 'psnr' && score.level === 'common');
  return psnr?.methods.find(({ method }) => method === subject)?.mean ?? null;
}

/** Interpolation and linear filters. */
function untrainedMethods({ comparison }: StudyComparison): string[] {
  return methodOrder(comparison).filter((method) =>
    comparison.trials.some((trial) => trial.method === method && !isTrained(trial.config.regime)),
  );
}

function methodsAbove(each: Case, method: string): DataSetVerdict['above'] {
  return differencesTo(each, method)
    .filter(({ score, difference }) => gain(score, difference) < 0)
    .map(({ score, difference }) => ({ method, score: score.name, difference: difference.mean }));
}

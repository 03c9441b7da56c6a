import { holm, type PairedDifference } from '@lacuna/sweep';
import { differenceBetween } from '../sweep/leaderboard/differences.js';
import type { ScoreKey } from '../sweep/results/interval.js';
import { commonScores, ownScores, type ShownScore } from '../sweep/results/shown-scores.js';
import type { StudyComparison } from './study-comparisons.js';

/** The scores that decide: each method at its own level, or over all levels. */
export const DECIDING = [
  { metric: 'cldice', level: 'own' },
  { metric: 'recall_at_invention_10', level: 'common' },
  { metric: 'betti_matching_error', level: 'own' },
] as const;

/** Below which a difference counts, after correction. */
const SIGNIFICANCE = 0.05;

/** One method less another by one score, on the same regions and seeds. */
export interface ScoreDifference {
  readonly score: ShownScore;
  readonly difference: PairedDifference;
}

/** A difference with what it says. */
export interface ScoreVerdict extends ScoreDifference {
  /** p after Holm's correction over all differences of a table. */
  readonly corrected: number;
  readonly verdict: 'better' | 'worse' | 'not told apart';
}

/** A method's differences to another one by the deciding scores; none where either has not finished. */
export function decidingDifferences(each: StudyComparison, method: string, to: string): ScoreDifference[] {
  return DECIDING.flatMap((key) => {
    const score = measuredScore(each, key);
    const difference = score === undefined ? null : differenceBetween(each.comparison, { method, to, score });
    return score === undefined || difference === null ? [] : [{ score, difference }];
  });
}

/** Mean PSNR of a method less that of another, in dB; null where it was not measured. */
export function psnrDifference(each: StudyComparison, method: string, to: string): number | null {
  const score = measuredScore(each, { metric: 'psnr', level: 'common' });
  return score === undefined ? null : (differenceBetween(each.comparison, { method, to, score })?.mean ?? null);
}

/** A score among those that the study's spec measures. */
function measuredScore({ comparison }: StudyComparison, { metric, level }: ScoreKey): ShownScore | undefined {
  const { evaluation } = comparison.trials[0].config;
  const scores = [...commonScores(evaluation), ...ownScores(evaluation)];
  return scores.find((score) => score.metric === metric && score.level === level);
}

/** Judges the rows of a table, corrected over all of them together; rows stay as they are grouped. */
export function judgeTogether(rows: readonly (readonly ScoreDifference[])[]): ScoreVerdict[][] {
  const corrected = holm(rows.flat().map(({ difference }) => difference.p));
  let at = 0;
  return rows.map((row) => row.map((one) => verdictOf(one, corrected[at++])));
}

function verdictOf({ score, difference }: ScoreDifference, corrected: number): ScoreVerdict {
  const direction = gain({ score, difference }) > 0 ? 'better' : 'worse';
  return { score, difference, corrected, verdict: corrected < SIGNIFICANCE ? direction : 'not told apart' };
}

/** Positive where the method is better than the one that it is held to. */
export const gain = ({ score, difference }: ScoreDifference): number =>
  score.better === 'higher' ? difference.mean : -difference.mean;

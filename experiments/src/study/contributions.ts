import { decidingDifferences, judgeTogether, psnrDifference, type ScoreVerdict } from './deciding-scores.js';
import type { StudyComparison } from './study-comparisons.js';

/** Pairs of methods that differ in one thing; and the lightest that knows the geometry, held to an adversarial one. */
const PAIRS = [
  { what: 'the geometry loss', method: 'geometry-small', to: 'paired-small' },
  { what: 'the geometry loss', method: 'geometry-middle', to: 'paired-middle' },
  { what: 'the geometry loss', method: 'geometry-large', to: 'paired-large' },
  { what: 'the geometry loss', method: 'geometry-tied', to: 'paired-tied' },
  { what: 'tied weights, about as many', method: 'paired-tied', to: 'paired-small' },
  { what: 'tied weights, a twentieth as many', method: 'paired-tied', to: 'paired-large' },
  { what: 'filters by orientation', method: 'oriented-ridge', to: 'ridge' },
  { what: 'geometry in place of a discriminator', method: 'geometry-tied', to: 'pix2pix' },
] as const;

/** What one part of geometry is worth on one data set. */
export interface Contribution {
  readonly title: string;
  readonly what: string;
  readonly method: string;
  readonly to: string;
  readonly scores: readonly ScoreVerdict[];
  /** In dB; null where it was not measured. */
  readonly psnr: number | null;
}

/**
 * Differences between methods that differ in one thing, on every data set on which both have finished: which part of
 * geometry pays. Nothing was claimed of them beforehand; p is corrected over all of them.
 */
export function contributionsOf(all: readonly StudyComparison[]): Contribution[] {
  const found = PAIRS.flatMap((pair) =>
    all.map((each) => ({ each, pair, differences: decidingDifferences(each, pair.method, pair.to) })),
  ).filter(({ differences }) => differences.length > 0);
  const verdicts = judgeTogether(found.map(({ differences }) => differences));
  return found.map(({ each, pair }, row) => ({
    title: each.comparison.title,
    ...pair,
    scores: verdicts[row],
    psnr: psnrDifference(each, pair.method, pair.to),
  }));
}

import type { Comparison } from '../sweep/results/comparison.js';
import { comparisonsFrom } from '../sweep/results/comparisons.js';
import type { KeptStudy } from './kept-study.js';

/** A study's comparison, under the name that pages show. */
export interface StudyComparison {
  readonly study: KeptStudy;
  readonly comparison: Comparison;
}

/** The comparisons of studies: one for each point of their axes. */
export function studyComparisons(studies: readonly KeptStudy[]): StudyComparison[] {
  return studies.flatMap((study) => {
    const results = new Map(study.trials.map(({ trial, result }) => [trial.id, result]));
    const sweep = { common: study.common, trials: study.trials.map(({ trial }) => trial) };
    return comparisonsFrom(sweep, (id) => results.get(id) ?? null).map((comparison) => ({ study, comparison }));
  });
}

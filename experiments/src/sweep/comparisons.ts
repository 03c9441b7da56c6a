import { describeFactor } from '@lacuna/datasets';
import { canonicalJson } from '@lacuna/sweep';
import { disagreementFromResults, type DisagreementData } from '../figures/index.js';
import { headlineScores, shownMetrics } from '../trial/scores.js';
import { foundBy, shownPoints, type Found } from '../search/found.js';
import type { LacunaSweep, LacunaTrial } from './plan.js';
import type { Comparison } from './comparison.js';
import { methodOrder } from './method-order.js';
import { layout, readResult, type TestScores, type TrialResult } from './results.js';
import { commonScores, ownScores, type ShownScore } from './shown-scores.js';

/**
 * The finished part of a sweep, one comparison for each point of its axes; methods that have images, a degradation or a
 * split of their own are scored on other regions, and compared among themselves.
 */
export function comparisonsOf(sweep: LacunaSweep, folder: string): Comparison[] {
  const found = foundBy(sweep, folder);
  const trials = found ? trialsToCompare(found) : sweep.trials;
  return comparisonsFrom({ ...sweep, trials }, (id) => readResult(layout.trial(folder, id)));
}

/** Of a search the best points, beside one another whatever their fields are. */
const trialsToCompare = (found: Found): LacunaTrial[] =>
  shownPoints(found).flatMap(({ trials }) => trials.map((trial) => ({ ...trial, axes: {} })));

/** The same, of results that lie elsewhere. @param resultOf null for a trial that has none. */
export function comparisonsFrom(
  sweep: Pick<LacunaSweep, 'trials' | 'common'>,
  resultOf: (id: string) => TrialResult | null,
): Comparison[] {
  const points = new Map<string, LacunaTrial[]>();
  for (const trial of sweep.trials) {
    const { data, degradation, split } = trial.config;
    // Folds are parts of one comparison.
    const point = canonicalJson([trial.axes, data, degradation, { ...split, fold: undefined }]);
    points.set(point, [...(points.get(point) ?? []), trial]);
  }
  return [...points.values()]
    .map((trials) => {
      const { degradation, data } = trials[0].config;
      const results = trials.map(({ id }) => resultOf(id)).filter((result) => result !== null);
      const factor = `x${describeFactor(degradation.factor)}`;
      const labels = trials[0].group
        .split(', ')
        .slice(1)
        .filter((label) => label !== factor && label !== data.source);
      return {
        title: [`${data.source}, ${factor}`, ...labels].join(', '),
        trials,
        results,
        ceilings: ceilingsOf(trials, results),
        compare: sweep.common.compare,
      };
    })
    .filter(({ results }) => results.length > 0);
}

/** One for each set of test regions: trials of the same fold share theirs. */
function ceilingsOf(trials: readonly LacunaTrial[], results: readonly TrialResult[]): TestScores[] {
  const bySplit = new Map<string, TestScores>();
  for (const { id, ceiling } of results) {
    const split = canonicalJson(trials.find((trial) => trial.id === id)!.config.split);
    if (ceiling && !bySplit.has(split)) bySplit.set(split, ceiling);
  }
  return [...bySplit.values()];
}

/** The scores of summaries, at the common level and at each method's own. */
export function headlinesOf({ trials }: Comparison): ShownScore[] {
  const { evaluation } = trials[0].config;
  return [...commonScores(evaluation), ...ownScores(evaluation)].filter(({ metric }) =>
    headlineScores().includes(metric),
  );
}

/** Where the metrics of a sweep order its methods differently; null where there is nothing to compare. */
export function disagreementOf(comparison: Comparison): DisagreementData | null {
  return disagreementFromResults(comparison.results, {
    title: comparison.title,
    order: methodOrder(comparison),
    metrics: shownMetrics(comparison.trials[0].config.evaluation),
  });
}

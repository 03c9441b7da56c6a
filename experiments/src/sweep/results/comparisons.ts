import { describeFactor } from '@lacuna/datasets';
import { canonicalJson } from '@lacuna/sweep';
import { disagreementFromResults, type DisagreementData } from '../../figures/index.js';
import { headlineScores, shownMetrics } from '../../trial/scores/scores.js';
import { foundBy, shownPoints, type Found } from '../../search/found.js';
import type { LacunaSweep, LacunaTrial } from '../plan/plan.js';
import type { Comparison } from './comparison.js';
import { methodOrder } from '../spec/method-order.js';
import { layout, readResult, type TestScores, type TrialResult } from './results.js';
import type { TrialSpec } from '../spec/spec.js';
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
  return [...comparisonsAmong(sweep, resultOf)];
}

function* comparisonsAmong(
  sweep: Pick<LacunaSweep, 'trials' | 'common'>,
  resultOf: (id: string) => TrialResult | null,
): Generator<Comparison> {
  for (const trials of trialsByPoint(sweep.trials)) {
    const { degradation, data } = trials[0].config;
    const results = trials.map(({ id }) => resultOf(id)).filter((result) => result !== null);
    if (results.length === 0) continue;
    const factor = `x${describeFactor(degradation.factor)}`;
    const labels = trials[0].group
      .split(', ')
      .slice(1)
      .filter((label) => label !== factor && label !== data.source);
    yield {
      title: [`${data.source}, ${factor}`, ...labels].join(', '),
      trials,
      results,
      ceilings: ceilingsOf(trials, results),
      compare: sweep.common.compare,
      energy: sweep.common.energy,
    };
  }
}

/** Trials of one point of the axes, on the same data. */
function trialsByPoint(trials: readonly LacunaTrial[]): Iterable<LacunaTrial[]> {
  const points = new Map<string, LacunaTrial[]>();
  // Seeds of a method share their settings, and most methods their data.
  const texts = new Map<TrialSpec, string>();
  for (const { config, axes } of trials) {
    if (texts.has(config)) continue;
    const { data, degradation, split } = config;
    // Folds are parts of one comparison.
    texts.set(config, canonicalJson([axes, data, degradation, { ...split, fold: undefined }]));
  }
  for (const trial of trials) {
    const point = texts.get(trial.config)!;
    const known = points.get(point);
    if (known) known.push(trial);
    else points.set(point, [trial]);
  }
  return points.values();
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

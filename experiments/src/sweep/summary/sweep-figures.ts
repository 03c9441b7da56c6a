import {
  costsFromResults,
  curvesFromTrials,
  drawFigures,
  type CurveData,
  type DrawnFigure,
  type FigureData,
  type PanelData,
  type ShownCurve,
  type VolumeData,
} from '../../figures/index.js';
import { readMetrics, type MetricPoint } from '../../trial/metrics-log.js';
import { shownMetrics } from '../../trial/scores/scores.js';
import type { Comparison } from '../results/comparison.js';
import { comparisonsOf, disagreementOf, headlinesOf } from '../results/comparisons.js';
import { filterBanksOf } from './filter-banks.js';
import { searchesOf } from '../../search/search-figures.js';
import { methodOrder } from '../spec/method-order.js';
import type { LacunaSweep } from '../plan/plan.js';
import { recallsOf } from '../results/recall-curves.js';
import { layout, type TrialResult } from '../results/results.js';
import { testPictures } from './test-pictures.js';

/** The figures of a sweep, and what they show, for a report to be explored. */
export interface SweepFigures {
  readonly drawn: readonly DrawnFigure[];
  readonly volumes: readonly VolumeData[];
  /** Test regions of planes. */
  readonly planes: readonly PanelData[];
  readonly curves: readonly CurveData[];
}

/** Draws every figure of a sweep from what its trials left in a folder, or from what MLflow gave for one. */
export async function drawSweepFigures(
  sweep: LacunaSweep,
  folder: string,
  into: string = layout.figures(folder),
): Promise<SweepFigures> {
  // Where every trial diverged there is nothing to draw.
  const finished = comparisonsOf(sweep, folder).filter(({ results }) =>
    results.some(({ status }) => status === 'finished'),
  );
  const panels: PanelData[] = [];
  const planes: PanelData[] = [];
  const volumes: VolumeData[] = [];
  for (const comparison of finished) {
    const shown = await testPictures(comparison, folder, sweep.common.figures.crop);
    if (!shown) continue;
    panels.push(shown.panel);
    if (shown.volume) volumes.push(shown.volume);
    else planes.push(shown.panel);
  }
  const curves = finished.map((comparison) =>
    curvesFromTrials(
      comparison.results.map((result) => ({
        result,
        curves: curvesOf(result, comparison, folder),
      })),
      { title: comparison.title, order: methodOrder(comparison), curves: shownCurves(comparison) },
    ),
  );
  const data: FigureData = {
    panels,
    volumes,
    costs: finished.map((comparison) =>
      costsFromResults(comparison.results, {
        title: comparison.title,
        order: methodOrder(comparison),
        metrics: headlinesOf(comparison),
        ceilings: comparison.ceilings,
      }),
    ),
    curves,
    recalls: finished.flatMap((comparison) => recallsOf(comparison) ?? []),
    banks: finished.flatMap((comparison) => filterBanksOf(comparison, folder)),
    disagreements: finished.flatMap((comparison) => disagreementOf(comparison) ?? []),
    searches: searchesOf(sweep, folder),
  };
  const drawn = await drawFigures(data, into, sweep.common.figures.formats);
  return { drawn, volumes, planes, curves };
}

/**
 * A trial's curves. A method without training has one score, drawn as a line up to the last step of the others; it is
 * not run again where their number of steps changes.
 */
function curvesOf(result: TrialResult, { trials }: Comparison, folder: string): MetricPoint[] {
  const points = readMetrics(layout.metrics(layout.trial(folder, result.id)));
  if (result.steps > 0 || result.status !== 'finished') return points;
  const last = Math.max(...trials.map(({ config }) => config.training.steps));
  return points.map((point) => (point.step === 0 ? point : { ...point, step: last }));
}

/** Loss and scores over the steps, as the figure of the curves shows them. */
function shownCurves(comparison: Comparison): ShownCurve[] {
  const scores = shownMetrics(comparison.trials[0].config.evaluation).slice(0, 5);
  return [
    { metric: 'train/loss', name: 'training loss', scale: 'log' },
    ...scores.map(({ metric, name, unit }): ShownCurve => ({
      metric: `validation/${metric}`,
      name: `validation ${name}`,
      scale: 'linear',
      ...(unit === undefined ? {} : { unit }),
    })),
  ];
}

import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { smooth, threshold } from '@lacuna/iqa';
import { byAxis, describeFactor, normalise, readImage } from '@lacuna/datasets';
import { canonicalJson } from '@lacuna/sweep';
import {
  costsFromResults,
  curvesFromTrials,
  disagreementFromResults,
  drawFigures,
  panelFromImages,
  type DisagreementData,
  type DrawnFigure,
  type FigureData,
  type PanelData,
  type ShownCurve,
} from '../figures/index.js';
import { headlineScores, shownMetrics } from '../trial/scores.js';
import { readMetrics, type MetricPoint } from '../trial/metrics-log.js';
import type { LacunaSweep, LacunaTrial } from './plan.js';
import { methodOrder } from './method-order.js';
import { layout, readResult, type Scale, type TestScores, type TrialResult } from './results.js';
import { commonScores, ownScores, type ShownScore } from './shown-scores.js';
import type { CommonSpec } from './spec.js';

/** Trials that answer one question: all methods and seeds at one point of the axes. */
export interface Comparison {
  readonly title: string;
  readonly trials: readonly LacunaTrial[];
  readonly results: readonly TrialResult[];
  /** What the HR images themselves score, where the network is known. */
  readonly ceiling: TestScores | null;
  /** To which method the others are held, and how. */
  readonly compare: CommonSpec['compare'];
}

/** The finished part of a sweep, one comparison for each point of its axes. */
export function comparisonsOf(sweep: LacunaSweep, folder: string): Comparison[] {
  const points = new Map<string, LacunaTrial[]>();
  for (const trial of sweep.trials) {
    const point = canonicalJson(trial.axes);
    points.set(point, [...(points.get(point) ?? []), trial]);
  }
  return [...points.values()]
    .map((trials) => {
      const { degradation, data } = trials[0].config;
      const results = trials
        .map((trial) => readResult(layout.trial(folder, trial.id)))
        .filter((result) => result !== null);
      const factor = `x${describeFactor(degradation.factor)}`;
      const labels = trials[0].group
        .split(', ')
        .slice(1)
        .filter((label) => label !== factor && label !== data.source);
      return {
        title: [`${data.source}, ${factor}`, ...labels].join(', '),
        trials,
        results,
        ceiling: results.find((result) => result.ceiling)?.ceiling ?? null,
        compare: sweep.common.compare,
      };
    })
    .filter(({ results }) => results.length > 0);
}

/** The scores of summaries, at the common level and at each method's own. */
function headlinesOf({ trials }: Comparison): ShownScore[] {
  const { evaluation } = trials[0].config;
  return [...commonScores(evaluation), ...ownScores(evaluation)].filter(({ metric }) =>
    headlineScores.includes(metric),
  );
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

/** Where the metrics of a sweep order its methods differently; null where there is nothing to compare. */
export function disagreementOf(comparison: Comparison): DisagreementData | null {
  return disagreementFromResults(comparison.results, {
    title: comparison.title,
    order: methodOrder(comparison),
    metrics: shownMetrics(comparison.trials[0].config.evaluation),
  });
}

/** Draws every figure of a sweep from what its trials left in a folder, or from what MLflow gave for one. */
export async function drawSweepFigures(
  sweep: LacunaSweep,
  folder: string,
  into: string = layout.figures(folder),
): Promise<DrawnFigure[]> {
  // Where every trial diverged there is nothing to draw.
  const finished = comparisonsOf(sweep, folder).filter(({ results }) =>
    results.some(({ status }) => status === 'finished'),
  );
  const panels: PanelData[] = [];
  for (const comparison of finished) {
    const panel = await panelOf(comparison, sweep, folder);
    if (panel) panels.push(panel);
  }
  const data: FigureData = {
    panels,
    costs: finished.map((comparison) =>
      costsFromResults(comparison.results, {
        title: comparison.title,
        order: methodOrder(comparison),
        metrics: headlinesOf(comparison),
        ceiling: comparison.ceiling,
      }),
    ),
    curves: finished.map((comparison) =>
      curvesFromTrials(
        comparison.results.map((result) => ({
          result,
          curves: curvesOf(result, comparison, folder),
        })),
        { title: comparison.title, order: methodOrder(comparison), curves: shownCurves(comparison) },
      ),
    ),
    disagreements: finished.flatMap((comparison) => disagreementOf(comparison) ?? []),
  };
  return drawFigures(data, into);
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

/** The comparison panel of the first seed of which every method has finished. */
async function panelOf(comparison: Comparison, sweep: LacunaSweep, folder: string): Promise<PanelData | null> {
  const order = methodOrder(comparison);
  const seed = comparison.results.find((result) => result.status === 'finished')?.seed;
  const chosen = order
    .map((method) =>
      comparison.results.find(
        (result) => result.method === method && result.seed === seed && result.status === 'finished',
      ),
    )
    .filter((result) => result !== undefined);
  if (chosen.length === 0) return null;
  // keep.images: none
  if (!chosen.every(({ id }) => existsSync(join(layout.images(layout.trial(folder, id)), 'sr.tif')))) return null;
  const { normalisation, level } = JSON.parse(
    readFileSync(layout.scale(layout.trial(folder, chosen[0].id)), 'utf8'),
  ) as Scale;
  const read = async (id: string, name: string) =>
    normalise(await readImage(join(layout.images(layout.trial(folder, id)), `${name}.tif`)), normalisation, {
      clip: true,
    });
  const { evaluation, degradation } = comparison.trials[0].config;
  const sr: { method: string; image: Awaited<ReturnType<typeof read>> }[] = [];
  for (const { method, id } of chosen) sr.push({ method, image: await read(id, 'sr') });
  return panelFromImages(
    {
      hr: await read(chosen[0].id, 'hr'),
      lr: await read(chosen[0].id, 'lr'),
      factor: byAxis(degradation.factor).x,
      sr,
    },
    comparison.results,
    {
      title: `${comparison.title}, test split, seed ${seed}`,
      rule: sweep.common.figures.crop,
      metrics: headlinesOf(comparison),
      tolerance: evaluation.tolerance,
      segment: (image) => threshold(smooth(image, evaluation.smoothing), level),
    },
  );
}

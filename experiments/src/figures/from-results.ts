import type { Image } from '@lacuna/core';
import { describeSample, scoreInterval, type Level, type ScoreKey, type Scored } from '../sweep/results/interval.js';
import type { MetricPoint } from '../trial/metrics-log.js';
import type { TrialResult } from '../sweep/results/results.js';
import type { NetworkMarks, TestImages } from './panel/network-marks.js';
import { largestAlongZ, projected } from './volumes/projections.js';
import type { CostData, CropRule, CurveData, Estimate, FigureImage, PanelData, PanelMethod } from './types.js';

/** How a metric of the results is shown. */
export interface ShownMetric {
  /** Its name in the results. */
  readonly metric: string;
  /** What people read. */
  readonly name: string;
  readonly unit?: string;
  readonly digits: number;
  readonly better: 'higher' | 'lower';
}

/** A finished trial with what it left on disk. */
export interface TrialRecord {
  readonly result: TrialResult;
  readonly curves: readonly MetricPoint[];
}

/** Methods of the results in the order of `order`, then the others as they come: the order that decides colours. */
export function methodsInOrder(results: readonly TrialResult[], order: readonly string[]): string[] {
  const present = new Set(results.map((result) => result.method));
  return [
    ...order.filter((method) => present.has(method)),
    ...[...present].filter((method) => !order.includes(method)),
  ];
}

/**
 * Mean of one method's test score and its interval over regions and seeds; null where it has no value. Diverged trials
 * are left out.
 */
export function testEstimate(
  results: readonly TrialResult[],
  method: string,
  metric: string,
  level: Level = 'common',
): Estimate | null {
  return scoreInterval(finished(results, method), { metric, level });
}

/** Scores against parameters and MACs, for the results of one factor. */
export function costsFromResults(
  results: readonly TrialResult[],
  options: {
    title: string;
    order: readonly string[];
    metrics: readonly (ShownMetric & Partial<ScoreKey>)[];
    ceilings?: readonly Scored[];
  },
): CostData {
  const methods = methodsInOrder(results, options.order);
  const costAxes = [{ name: 'Parameters' }, { name: 'MACs for a 1280 × 720 image' }] as const;
  const most = methods.map((method) => finished(results, method)).sort((a, b) => b.length - a.length)[0] ?? [];
  const { ceilings = [] } = options;
  return {
    title: options.title,
    costs: costAxes,
    scores: options.metrics.map(({ metric, name, unit, better, level = 'common' }) => {
      const highest = scoreInterval(ceilings, { metric, level });
      return {
        name: scoreTitle(name, level),
        better,
        ...(unit === undefined ? {} : { unit }),
        ...(highest === null ? {} : { ceiling: highest.mean }),
      };
    }),
    interval: describeSample(most),
    // Methods without a score keep their place, so that the others keep their colours.
    points: methods.map((method) => {
      const { cost } = results.find((result) => result.method === method)!;
      const scores = options.metrics.flatMap(({ metric, name, level = 'common' }) => {
        const value = testEstimate(results, method, metric, level);
        return value === null ? [] : [[scoreTitle(name, level), value] as const];
      });
      return {
        method,
        costs: { [costAxes[0].name]: cost.parameters, [costAxes[1].name]: cost.macs720p },
        scores: Object.fromEntries(scores),
      };
    }),
  };
}

const scoreTitle = (name: string, level: Level): string => (level === 'own' ? `${name}, own level` : name);

/** Which curves to draw, and how. */
export interface ShownCurve {
  /** The metric's name in metrics.jsonl. */
  readonly metric: string;
  readonly name: string;
  readonly unit?: string;
  readonly scale: 'linear' | 'log';
}

/** Training curves of all trials, one chart for each of `curves` that any trial has. */
export function curvesFromTrials(
  trials: readonly TrialRecord[],
  options: { title: string; order: readonly string[]; curves: readonly ShownCurve[] },
): CurveData {
  const methods = methodsInOrder(
    trials.map((trial) => trial.result),
    options.order,
  );
  const charts = options.curves
    .map(({ metric, ...shown }) => ({
      ...shown,
      methods: methods
        .map((method) => ({
          method,
          seeds: trials
            .filter((trial) => trial.result.method === method)
            .map((trial) => ({
              seed: trial.result.seed,
              points: trial.curves
                .filter((point) => point.name === metric)
                .map((point) => [point.step, point.value] as const)
                .sort((a, b) => a[0] - b[0]),
            }))
            .filter((seed) => seed.points.length > 0),
        }))
        .filter((method) => method.seeds.length > 0),
    }))
    .filter((chart) => chart.methods.length > 0);
  return { title: options.title, methods, charts };
}

/**
 * The comparison panel. Networks are compared by the evaluation's own rule ({@link networkMarks}), so that the panel
 * shows what the scores counted; scores are means over seeds of the whole test split. Volumes are compared as volumes
 * and shown as maximum projections along z, their branches too: what was invented lies over what was missed, and that
 * over what was found.
 * @param options.factor along x and y.
 */
export function panelFromImages(
  images: TestImages,
  { skeleton, marks, branches }: NetworkMarks,
  results: readonly TrialResult[],
  options: {
    title: string;
    rule: CropRule;
    factor: number;
    metrics: readonly (ShownMetric & Partial<ScoreKey>)[];
  },
): PanelData {
  const { depth } = images.hr;
  return {
    title: options.title,
    rule: options.rule,
    factor: options.factor,
    hr: grey(images.hr),
    lr: grey(images.lr),
    pixelSize: images.hr.pixelSize,
    network: largestAlongZ(skeleton.data, depth),
    isNetworkKnown: images.truth !== null,
    methods: images.sr.map(({ method, image }, i): PanelMethod => ({
      name: method,
      sr: grey(image),
      marks: largestAlongZ(marks[i], depth),
      ...(depth > 1 ? {} : { branches: branches[i] }),
      scores: options.metrics.flatMap(({ metric, name, unit, digits, better, level = 'common' }) => {
        const estimate = testEstimate(results, method, metric, level);
        return estimate === null
          ? []
          : [
              {
                name: scoreTitle(name, level),
                value: estimate.mean,
                digits,
                better,
                ...(unit === undefined ? {} : { unit }),
              },
            ];
      }),
    })),
  };
}

function finished(results: readonly TrialResult[], method: string): TrialResult[] {
  return results.filter((result) => result.method === method && result.status === 'finished');
}

function grey(image: Image): FigureImage {
  const { data, width, height } = projected(image);
  return { data, width, height };
}

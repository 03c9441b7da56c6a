import type { Image } from '@lacuna/core';
import {
  evaluate,
  metricNames,
  metricOf,
  type EvaluateOptions,
  type Evaluation,
  type EvaluationSpec,
  type Mask,
  type MetricName,
} from '@lacuna/iqa';
import { metricUnit } from '../../iqa/metric-unit.js';
import type { EvidenceName } from '../../explain/evidence-names.js';
import type { ShownMetric } from '../../figures/from-results.js';
import type { Pair } from '../data/pair.js';
import type { Scores } from '../../sweep/results/results.js';

/** What scores depend on besides the images. */
export interface Protocol {
  readonly evaluation: EvaluationSpec & {
    readonly network?: 'image' | 'head' | undefined;
    readonly evidence?: readonly EvidenceName[] | undefined;
  };
  /** The network's level in normalised images; the same for all methods. */
  readonly level: number;
  readonly segment: (image: Image) => Mask;
}

/** Invented shares at which curves of recall are kept. */
export const CURVE_SHARES: readonly number[] = Array.from({ length: 31 }, (_, percent) => percent / 100);

/** What decides a region's scores besides its images. */
export function evaluateOptions({ hr, truth }: Pair, { evaluation, level }: Protocol): EvaluateOptions {
  return {
    ...evaluation,
    dataRange: 1,
    threshold: level,
    // Lengths of planes are in px; volumes have another pixel along z, and their lengths need its size.
    pixelSize: hr.depth > 1 ? hr.pixelSize : null,
    ...(truth ? { truth } : {}),
  };
}

/**
 * Mean scores of SR images over regions, cut at the common level. Where the network is known, that is the reference of
 * every network metric; else it is the segmented HR image.
 * @param metrics those of the protocol by default.
 */
export function scoreRegions(
  pairs: readonly Pair[],
  estimates: readonly Image[],
  protocol: Protocol,
  metrics: readonly MetricName[] = protocol.evaluation.metrics,
): Scores {
  const isConsistencyAsked = metrics.some((name) => metricOf(name).needs === 'low-resolution');
  let id = '';
  const curves: number[][] = [];
  const cases = pairs.map((pair, i) => {
    const { hr, lr, region, forward } = pair;
    const evaluation = evaluate(hr, estimates[i], {
      ...evaluateOptions(pair, protocol),
      metrics,
      ...(isConsistencyAsked ? { lowResolution: { lr, degraded: forward(estimates[i]) } } : {}),
    });
    id = evaluation.protocol;
    curves.push(...recallCurve(evaluation, metrics));
    return { name: region.box.image, ...evaluation };
  });
  const scores = meanScores(cases, { metrics, protocol: id, ...lengthsOf(pairs) });
  return curves.length === 0 ? scores : { ...scores, recallCurve: meanCurve(curves) };
}

/** A region's curve, where a metric over all levels has a value there. */
function recallCurve(
  { values, recallAtInvention }: Pick<Evaluation, 'values' | 'recallAtInvention'>,
  metrics: readonly MetricName[],
): number[][] {
  const isMeasured = metrics.some((name) => metricOf(name).overLevels === true && typeof values[name] === 'number');
  const found = isMeasured ? recallAtInvention() : null;
  return found === null ? [] : [CURVE_SHARES.map((share) => found.at(share))];
}

const meanCurve = (curves: readonly (readonly number[])[]): number[] =>
  CURVE_SHARES.map((_, i) => curves.reduce((sum, curve) => sum + curve[i], 0) / curves.length);

/** The unit of lengths of volumes, for those who print them; nothing for planes. */
export function lengthsOf(pairs: readonly Pair[]): Pick<Scores, 'volume'> {
  const volume = pairs.find(({ hr }) => hr.depth > 1)?.hr;
  return volume ? { volume: { unit: volume.pixelSize?.unit ?? null } } : {};
}

/** A region's measurements. */
type RegionScores = Pick<Evaluation, 'values' | 'notes' | 'referenceValues'> & { readonly name: string };

/**
 * Means over regions. A metric without a value in some region is a mean over the others, and the reason is kept.
 * Metrics that describe one network alone (largest component, density) are stored as their distance from the
 * reference's, with `_error` behind the name.
 */
export function meanScores(
  regions: readonly RegionScores[],
  { metrics, ...common }: Pick<Scores, 'protocol' | 'volume'> & { readonly metrics: readonly MetricName[] },
): Scores {
  const undefinedBecause: Record<string, string> = {};
  const bothEmpty: Record<string, number> = {};
  const cases = regions.map(({ name: region, values, notes, referenceValues }) => {
    const ofCase: Record<string, number | null> = {};
    for (const name of metrics) {
      const own = values[name] ?? null;
      const value = metricOf(name).better === 'reference' ? distance(own, referenceValues[name] ?? null) : own;
      ofCase[scoreName(name)] = value;
      if (value === null) undefinedBecause[scoreName(name)] = `${region}: ${notes[name] ?? 'undefined'}`;
      else if (notes[name] === 'both empty') bothEmpty[scoreName(name)] = (bothEmpty[scoreName(name)] ?? 0) + 1;
    }
    return { name: region, values: ofCase };
  });
  const means = metrics.map((name) => {
    const key = scoreName(name);
    const list = cases.map(({ values }) => values[key]).filter((value) => value !== null);
    return [key, list.length > 0 ? list.reduce((sum, value) => sum + value, 0) / list.length : null];
  });
  const scores = { values: Object.fromEntries(means) as Scores['values'], undefinedBecause, ...common, cases };
  return Object.keys(bothEmpty).length === 0 ? scores : { ...scores, bothEmpty };
}

const distance = (own: number | null, reference: number | null): number | null =>
  own === null || reference === null ? null : Math.abs(own - reference);

/** The name under which a metric's score is kept. */
export function scoreName(name: MetricName): string {
  return metricOf(name).better === 'reference' ? `${name}_error` : name;
}

/** Names of the scores that summaries show. */
export const headlineScores = (): string[] => metricNames.filter((name) => metricOf(name).headline).map(scoreName);

/** The metrics of a spec as tables and figures show them. */
export function shownMetrics(evaluation: EvaluationSpec, volume?: Scores['volume']): ShownMetric[] {
  return evaluation.metrics.map((name) => shownMetric(name, volume));
}

/** One metric as tables and figures show it. @param volume of scores of volumes, whose lengths have another unit. */
export function shownMetric(name: MetricName, volume?: Scores['volume']): ShownMetric {
  const { label, better, digits } = metricOf(name);
  const unit = metricUnit(name, { volume: volume !== undefined, length: volume?.unit ?? null });
  return {
    metric: scoreName(name),
    name: better === 'reference' ? `${label} error` : label,
    digits,
    better: better === 'higher' ? 'higher' : 'lower',
    ...(unit === '' ? {} : { unit }),
  };
}

import type { Image } from '@lacuna/core';
import { evaluate, metricNames, metricOf, type EvaluationSpec, type Mask, type MetricName } from '@lacuna/iqa';
import type { ShownMetric } from '../figures/from-results.js';
import type { Pair } from './pair.js';
import type { Scores } from '../sweep/results.js';

/** What scores depend on besides the images. */
export interface Protocol {
  readonly evaluation: EvaluationSpec;
  /** The network's level in normalised images; the same for all methods. */
  readonly level: number;
  readonly segment: (image: Image) => Mask;
}

/**
 * Mean scores of SR images over regions. A metric without a value in some region is a mean over the others, and the
 * reason is kept.
 * Where the network is known, that is the reference of every network metric; else it is the segmented HR image.
 * Metrics that describe one network alone (largest component, density) are stored as their distance from the
 * reference's, with `_error` behind the name.
 */
export function scoreRegions(pairs: readonly Pair[], estimates: readonly Image[], protocol: Protocol): Scores {
  const { evaluation, level } = protocol;
  const found = new Map<string, number[]>();
  const undefinedBecause: Record<string, string> = {};
  const cases: { name: string; values: Record<string, number | null> }[] = [];
  let id = '';
  pairs.forEach(({ hr, lr, region, truth, forward }, i) => {
    const degraded = forward(estimates[i]);
    const {
      values,
      notes,
      referenceValues,
      protocol: used,
    } = evaluate(hr, estimates[i], {
      ...evaluation,
      dataRange: 1,
      threshold: level,
      lowResolution: { lr, degraded },
      pixelSize: null,
      ...(truth ? { truth } : {}),
    });
    id = used;
    const ofCase: Record<string, number | null> = {};
    cases.push({ name: region.box.image, values: ofCase });
    for (const name of evaluation.metrics) {
      const own = values[name] ?? null;
      const reference = referenceValues[name] ?? null;
      const value = metricOf(name).better === 'reference' ? distance(own, reference) : own;
      const key = scoreName(name);
      ofCase[key] = value;
      if (value === null) undefinedBecause[key] = `${region.box.image}: ${notes[name] ?? 'undefined'}`;
      else found.set(key, [...(found.get(key) ?? []), value]);
    }
  });
  const values = Object.fromEntries(
    evaluation.metrics.map((name) => {
      const list = found.get(scoreName(name)) ?? [];
      return [scoreName(name), list.length > 0 ? list.reduce((sum, value) => sum + value, 0) / list.length : null];
    }),
  );
  return { values, undefinedBecause, protocol: id, cases };
}

const distance = (own: number | null, reference: number | null): number | null =>
  own === null || reference === null ? null : Math.abs(own - reference);

/** The name under which a metric's score is kept. */
export function scoreName(name: MetricName): string {
  return metricOf(name).better === 'reference' ? `${name}_error` : name;
}

const headlines = metricNames.filter((name) => metricOf(name).headline);

/** Names of the scores that summaries show. */
export const headlineScores: readonly string[] = headlines.map(scoreName);

/** The metrics of a spec as tables and figures show them. */
export function shownMetrics(evaluation: EvaluationSpec): ShownMetric[] {
  return evaluation.metrics.map(shownMetric);
}

/** One metric as tables and figures show it. */
export function shownMetric(name: MetricName): ShownMetric {
  const { label, unit, better, digits } = metricOf(name);
  return {
    metric: scoreName(name),
    name: better === 'reference' ? `${label} error` : label,
    digits,
    better: better === 'higher' ? 'higher' : 'lower',
    ...(unit === '' ? {} : { unit }),
  };
}

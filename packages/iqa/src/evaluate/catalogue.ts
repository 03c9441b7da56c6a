import { InputError } from '@lacuna/core';
import { morphometryMetrics } from './catalogue/morphometry.js';
import { networkMetrics } from './catalogue/network.js';
import { overlapMetrics } from './catalogue/overlap.js';
import { pixelMetrics } from './catalogue/pixel.js';
import { referenceFreeMetrics } from './catalogue/reference-free.js';
import { spectrumMetrics } from './catalogue/spectrum.js';
import { surfaceMetrics } from './catalogue/surface.js';
import { topologyMetrics } from './catalogue/topology.js';
import type { Metric } from './metric.js';

/** Every metric by name, in the order of tables; behind Lacuna's own those of extensions ({@link registerMetric}). */
export const metrics = {
  ...pixelMetrics,
  ...spectrumMetrics,
  ...referenceFreeMetrics,
  ...overlapMetrics,
  ...topologyMetrics,
  ...surfaceMetrics,
  ...networkMetrics,
  ...morphometryMetrics,
} as const satisfies Record<string, Metric>;

export type MetricName = keyof typeof metrics;

/** All names, for specs and the command line. */
export const metricNames = Object.keys(metrics) as [MetricName, ...MetricName[]];

/** A row of the catalogue by its name. */
export function metricOf(name: MetricName): Metric {
  return metrics[name];
}

/**
 * Adds a metric of others to the catalogue of this process, behind Lacuna's own.
 * @throws {InputError} where the name is taken.
 */
export function registerMetric(name: string, metric: Metric): void {
  if (Object.hasOwn(metrics, name))
    throw new InputError({ who: `metric ${name}`, got: 'a name that is taken', wanted: 'a name of its own' });
  Object.assign(metrics, { [name]: metric });
  metricNames.push(name as MetricName);
}

import { morphometryMetrics } from './catalogue/morphometry.js';
import { networkMetrics } from './catalogue/network.js';
import { overlapMetrics } from './catalogue/overlap.js';
import { pixelMetrics } from './catalogue/pixel.js';
import { referenceFreeMetrics } from './catalogue/reference-free.js';
import { spectrumMetrics } from './catalogue/spectrum.js';
import { surfaceMetrics } from './catalogue/surface.js';
import { topologyMetrics } from './catalogue/topology.js';
import type { Metric } from './metric.js';

/** Every metric by name, in the order of tables. */
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

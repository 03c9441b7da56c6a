import { createHash } from 'node:crypto';
import { InputError, nearestName } from '@lacuna/core';
import type { Intensities } from '../intensities.js';
import { metricNames, metricOf, metrics as catalogue, type MetricName } from './catalogue.js';
import type { Measured } from './metric.js';
import { pairRemarks } from './pair-remarks.js';
import { EvaluationContext, type EvaluateOptions } from './context.js';
import type { NetworkComparison } from '../network/comparison/compare.js';
import type { RecallAtInvention } from '../network/comparison/recall-at-invention.js';

/** Scores of one pair. */
export interface Evaluation {
  /** By name; null where the metric has no value for this pair. */
  readonly values: Readonly<Partial<Record<MetricName, number | null>>>;
  /** Why a value is null, or what is particular about it ("both empty"). */
  readonly notes: Readonly<Partial<Record<MetricName, string>>>;
  /** What is particular about the pair as a whole: spans of intensities that differ by a large factor. */
  readonly remarks: readonly string[];
  /** The reference's own measure, for metrics that compare by it. */
  readonly referenceValues: Readonly<Partial<Record<MetricName, number | null>>>;
  /** Id of everything besides the images that decides the values. */
  readonly protocol: string;
  /** The branch-by-branch comparison, made on request. */
  readonly compare: () => NetworkComparison;
  /** Recall over all levels of the estimate, made on request; null for a reference without a network. */
  readonly recallAtInvention: () => RecallAtInvention | null;
  /** What was measured: the channel asked for, less the border. */
  readonly images: { readonly reference: Intensities; readonly estimate: Intensities };
}

/** The parts of a protocol, with defaults filled in, as its id hashes them. */
export function describeProtocol(options: EvaluateOptions): Record<string, unknown> {
  const {
    dataRange,
    threshold = 'otsu',
    smoothing = 1,
    border = 0,
    channel = 'all',
    tolerance = 2,
    connectivity = 'full',
    pixelSize = null,
  } = options;
  const cut = typeof threshold === 'object' ? { high: threshold.high, low: threshold.low } : threshold;
  const pixel = pixelSize && { unit: pixelSize.unit, x: pixelSize.x, y: pixelSize.y, z: pixelSize.z ?? null };
  return {
    version: 2,
    border,
    channel,
    connectivity,
    dataRange,
    pixelSize: pixel,
    smoothing,
    threshold: cut,
    tolerance,
    ...(options.truth ? { network: 'known' } : {}),
  };
}

/**
 * First 12 hexadecimal digits of the SHA-256 of {@link describeProtocol}. Scores with different ids must not be
 * compared.
 */
export function protocolId(options: EvaluateOptions): string {
  return createHash('sha256')
    .update(JSON.stringify(describeProtocol(options)))
    .digest('hex')
    .slice(0, 12);
}

/**
 * Measures an estimate against its reference. Masks, skeletons and graphs are made once, whatever asks for them.
 * @param options.metrics names; `psnr`, `ssim`, `cldice`, `betti0_error` and `betti1_error` by default.
 * @throws {ShapeError} if sizes differ. @throws {InputError} for an unknown name, a missing data range, values that are
 * not finite.
 */
export function evaluate(
  reference: Intensities,
  estimate: Intensities,
  options: EvaluateOptions & { readonly metrics?: readonly MetricName[] },
): Evaluation {
  const { metrics = ['psnr', 'ssim', 'cldice', 'betti0_error', 'betti1_error'] } = options;
  for (const name of metrics) {
    if (!(name in catalogue)) {
      const near = nearestName(name, metricNames);
      throw new InputError({
        who: 'evaluate',
        got: `metric ${JSON.stringify(name)}`,
        wanted: `one of ${metricNames.join(', ')}`,
        remedy: near && `did you mean ${near}?`,
      });
    }
  }
  const context = new EvaluationContext(reference, estimate, options);
  const values: Partial<Record<MetricName, number | null>> = {};
  const notes: Partial<Record<MetricName, string>> = {};
  const referenceValues: Partial<Record<MetricName, number | null>> = {};
  for (const name of metrics) {
    const { value, note, reference: own } = measure(name, context);
    values[name] = value;
    if (note !== undefined) notes[name] = note;
    if (own !== undefined) referenceValues[name] = own;
  }
  return {
    values,
    notes,
    remarks: pairRemarks(context.reference, context.estimate),
    referenceValues,
    protocol: protocolId(options),
    compare: () => context.comparison,
    recallAtInvention: () => context.recallAtInvention,
    images: { reference: context.reference, estimate: context.estimate },
  };
}

/** An image that one metric cannot take (smaller than its window) costs that metric alone, with the reason. */
function measure(name: MetricName, context: EvaluationContext): Measured {
  const metric = metricOf(name);
  try {
    const measured = metric.compute(context);
    const full = metric.needs === 'masks' || metric.needs === 'graph' ? context.fullMasks : undefined;
    return full !== undefined && measured.value !== null && measured.note === undefined
      ? { ...measured, note: full }
      : measured;
  } catch (error) {
    if (error instanceof InputError) return { value: null, note: error.message };
    throw error;
  }
}

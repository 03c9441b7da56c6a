import { MlflowInputError } from '../errors.js';
import type { Item } from '../spool/record.js';
import { checkMetricValue, checkName, checkStep, checkTimestamp, LIMITS, metricValueToJson } from '../validate.js';

/** When and of what a metric point is. */
export interface MetricOptions {
  /** Whole; default 0. */
  readonly step?: number;
  /** Milliseconds since 1970; default: now. */
  readonly timestamp?: number;
  /** Logged model that the point is of. */
  readonly modelId?: string;
  /** Dataset that the point was measured on. */
  readonly datasetName?: string;
  /** Digest of that dataset. */
  readonly datasetDigest?: string;
}

/** A metric point as a journal item. @throws {MlflowInputError} for a name, step, time or value that cannot be kept. */
export function metricItem(key: string, value: number, options: MetricOptions): Extract<Item, { t: 'metric' }> {
  const timestamp = options.timestamp ?? Date.now();
  const step = options.step ?? 0;
  checkName('logMetric', key);
  checkMetricValue('logMetric', value);
  checkStep('logMetric', step);
  checkTimestamp('logMetric', timestamp);
  return {
    t: 'metric',
    k: key,
    v: metricValueToJson(value),
    ts: timestamp,
    s: step,
    model: options.modelId,
    dn: options.datasetName,
    dd: options.datasetDigest,
  };
}

/** Params may be numbers and the like; objects become JSON. */
export type ParamValue =
  string | number | boolean | bigint | null | readonly unknown[] | { readonly [key: string]: unknown };

/** The text that is kept of a param's value: objects as JSON. @throws {MlflowInputError} for undefined. */
export function paramText(key: string, value: ParamValue): string {
  if (typeof value === 'string') return value;
  if (value === undefined)
    throw new MlflowInputError({
      who: 'logParam',
      got: `undefined for "${key}"`,
      wanted: 'a value',
      remedy: 'Leave the param out, or log null.',
    });
  return typeof value === 'object' && value !== null ? JSON.stringify(value) : String(value);
}

/**
 * A param or tag, and where its value is longer than MLflow keeps, the whole value as an artifact with the shortened
 * value pointing to it: MLflow alone would cut it without a word.
 */
export function textItems(t: 'param' | 'tag', key: string, value: string): Item[] {
  checkName(t === 'param' ? 'logParam' : 'setTag', key);
  const limit = t === 'param' ? LIMITS.paramValue : LIMITS.tagValue;
  if (value.length <= limit) return [{ t, k: key, v: value }];
  const path = `${t}s/${key.replace(/[^\w.\-/]/g, '_')}.txt`;
  const pointer = `... (${value.length} characters, whole in artifact ${path})`;
  return [
    { t: 'artifact', path, content: { base64: Buffer.from(value).toString('base64') } },
    { t, k: key, v: value.slice(0, limit - pointer.length).replace(/[\uD800-\uDBFF]$/, '') + pointer },
  ];
}

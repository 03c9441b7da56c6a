import { LacunaError } from '@lacuna/core';
import type { EvaluationContext, Measured, Metric } from '@lacuna/iqa';
import { z } from 'zod';
import { calling, callable, parseEntry, type EntryOf } from './entry.js';
import { ExtensionError } from './extension-error.js';

/** What a metric of an extension is told of a pair: made when asked for, once for all metrics. */
type MeasuredPair = Pick<EvaluationContext, (typeof PAIR_FIELDS)[number]> & {
  readonly pixelSize: EvaluationContext['options']['pixelSize'];
  readonly dataRange: number;
};

/** What metrics of extensions may read of a pair. */
export const PAIR_FIELDS = [
  'reference',
  'estimate',
  'masks',
  'skeletons',
  'comparison',
  'morphometry',
  'thicknessMaps',
  'spacing',
  'tolerance',
  'connectivity',
] as const satisfies readonly (keyof EvaluationContext)[];

/** A metric as an extension gives it: see `Metric` of `@lacuna/iqa`. */
export interface MetricEntry {
  /** A number; null for a pair without a value; or both with a remark and the reference's own measure. */
  readonly compute: (pair: MeasuredPair) => number | null | Measured;
  readonly better: Metric['better'];
  readonly label: string;
  readonly doc: string;
  readonly unit?: string;
  readonly volumeUnit?: string;
  readonly range?: Metric['range'];
  readonly needs?: Metric['needs'];
  readonly digits?: number;
  readonly headline?: boolean;
  readonly source?: string;
}

const bound = z.number().nullable();
const entrySchema = z.strictObject({
  compute: callable<MetricEntry['compute']>(),
  better: z.enum(['higher', 'lower', 'reference']),
  label: z.string().min(1).max(60),
  doc: z.string().min(1),
  unit: z.string().default(''),
  volumeUnit: z.string().optional(),
  range: z.tuple([bound, bound]).default([null, null]),
  needs: z.enum(['pixels', 'masks', 'graph']).default('pixels'),
  digits: z.int().min(0).max(8).default(3),
  headline: z.boolean().optional(),
  source: z.string().min(1).default('own'),
});

/** A row of the catalogue that holds an extension's metric to what a metric gives. */
export function guardedMetric(of: EntryOf, entry: unknown): Metric {
  const { compute, headline, volumeUnit, ...rest } = parseEntry(entrySchema, entry, of);
  return {
    ...rest,
    ...(headline === undefined ? {} : { headline }),
    ...(volumeUnit === undefined ? {} : { volumeUnit }),
    compute: (context) =>
      asMeasured(
        of,
        calling(of, 'compute', () => compute(pairOf(context)), isOfPair),
      ),
  };
}

/** What a pair lacks (an image too small, a pixel size) leaves it without a value, as with Lacuna's own metrics. */
const isOfPair = (cause: unknown): boolean => cause instanceof LacunaError;

function pairOf(context: EvaluationContext): MeasuredPair {
  const pair = { pixelSize: context.options.pixelSize, dataRange: context.options.dataRange };
  for (const field of PAIR_FIELDS)
    Object.defineProperty(pair, field, { enumerable: true, get: () => context[field] as unknown });
  return Object.freeze(pair) as MeasuredPair;
}

function asMeasured(of: EntryOf, given: unknown): Measured {
  const { value, note, reference } = isRecord(given) ? given : { value: given };
  const isValue = (each: unknown) => each === null || (typeof each === 'number' && Number.isFinite(each));
  if (!isValue(value) || !(reference === undefined || isValue(reference)))
    throw new ExtensionError({
      who: `${of.file}: compute of ${of.name}`,
      got: String(isValue(value) ? reference : value),
      wanted: 'a finite number, null, or { value, note, reference }',
    });
  const common = reference === undefined ? {} : { reference: reference as number | null };
  if (value === null) return { value, note: typeof note === 'string' ? note : 'the metric gives no value', ...common };
  return { value: value as number, ...(typeof note === 'string' ? { note } : {}), ...common };
}

const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null;

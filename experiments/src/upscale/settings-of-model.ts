import { metricNames } from '@lacuna/iqa';
import { z } from 'zod';
import { trialSpec, type TrialSpec } from '../sweep/spec/spec.js';

/** What enlarging takes from the settings that a model was trained with. */
export interface ModelSettings extends Pick<TrialSpec, 'normalise' | 'evaluation'> {
  readonly data: TrialSpec['data'] | { readonly source: string };
  /** Null for one that is not known here. */
  readonly degradation: TrialSpec['degradation'] | null;
}

/** A synthetic structure: the only sources that extensions have. */
const structureOfOthers = z.looseObject({ source: z.string(), structure: z.looseObject({}) });

/**
 * Reads the settings that a model's file keeps. What extensions that are not loaded registered does not matter here:
 * their metrics are left out, and their structures treat images in no way of their own.
 * @returns null for settings of another version.
 */
export function settingsOfModel(text: string): ModelSettings | null {
  const { data, normalise, degradation, evaluation } = JSON.parse(text) as Readonly<Record<string, unknown>>;
  const { shape } = trialSpec();
  const schema = z.object({
    data: z.union([shape.data, structureOfOthers]),
    normalise: shape.normalise,
    degradation: shape.degradation.nullable().catch(null),
    evaluation: shape.evaluation,
  });
  return schema.safeParse({ data, normalise, degradation, evaluation: withKnownMetrics(evaluation) }).data ?? null;
}

function withKnownMetrics(evaluation: unknown): unknown {
  const { metrics, ...rest } = (evaluation ?? {}) as Readonly<Record<string, unknown>>;
  const known = Array.isArray(metrics)
    ? metrics.filter((name) => (metricNames as readonly unknown[]).includes(name))
    : [];
  return known.length === 0 ? rest : { ...rest, metrics: known };
}

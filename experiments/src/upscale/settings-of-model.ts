import { metricNames } from '@lacuna/iqa';
import { z } from 'zod';
import { trialSpec, type TrialSpec } from '../sweep/spec.js';

/** What enlarging takes from the settings that a model was trained with. */
export type ModelSettings = Pick<TrialSpec, 'data' | 'normalise' | 'evaluation'>;

/**
 * Reads the settings that a model's file keeps. Models and terms of extensions that are not loaded do not matter;
 * their metrics are left out.
 * @returns null for settings of another version.
 */
export function settingsOfModel(text: string): ModelSettings | null {
  const { data, normalise, evaluation } = JSON.parse(text) as Readonly<Record<string, unknown>>;
  const { shape } = trialSpec();
  const schema = z.object({ data: shape.data, normalise: shape.normalise, evaluation: shape.evaluation });
  return schema.safeParse({ data, normalise, evaluation: withKnownMetrics(evaluation) }).data ?? null;
}

function withKnownMetrics(evaluation: unknown): unknown {
  const { metrics, ...rest } = (evaluation ?? {}) as Readonly<Record<string, unknown>>;
  const known = Array.isArray(metrics)
    ? metrics.filter((name) => (metricNames as readonly unknown[]).includes(name))
    : [];
  return known.length === 0 ? rest : { ...rest, metrics: known };
}

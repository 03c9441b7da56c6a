import { z } from 'zod';
import { Metric } from './run.js';
import { int64, keyValues } from './scalars.js';

/** The words that MLflow has for a logged model's state. */
export const LOGGED_MODEL_STATUSES = [
  'LOGGED_MODEL_STATUS_UNSPECIFIED',
  'LOGGED_MODEL_PENDING',
  'LOGGED_MODEL_READY',
  'LOGGED_MODEL_UPLOAD_FAILED',
] as const;
/** State of a logged model: READY once all its files are there. */
export type LoggedModelStatus = (typeof LOGGED_MODEL_STATUSES)[number];

/** Reads a logged model as the server sends it. */
export const LoggedModel = z
  .object({
    info: z.object({
      model_id: z.string(),
      experiment_id: z.string(),
      name: z.string(),
      creation_timestamp_ms: int64.optional(),
      last_updated_timestamp_ms: int64.optional(),
      artifact_uri: z.string().optional().default(''),
      status: z.enum(LOGGED_MODEL_STATUSES).optional().default('LOGGED_MODEL_STATUS_UNSPECIFIED'),
      model_type: z.string().optional(),
      source_run_id: z.string().optional(),
      status_message: z.string().optional(),
      tags: keyValues,
    }),
    data: z.object({ params: keyValues, metrics: z.array(Metric).optional().default([]) }).optional(),
  })
  .transform(({ info, data }) => ({
    modelId: info.model_id,
    experimentId: info.experiment_id,
    name: info.name,
    creationTimestamp: info.creation_timestamp_ms,
    lastUpdatedTimestamp: info.last_updated_timestamp_ms,
    artifactUri: info.artifact_uri,
    status: info.status,
    modelType: info.model_type || undefined,
    sourceRunId: info.source_run_id || undefined,
    statusMessage: info.status_message || undefined,
    tags: info.tags,
    params: data?.params ?? {},
    metrics: data?.metrics ?? [],
  }));
/** A model that a run made, MLflow 3's `LoggedModel`. */
export type LoggedModel = z.output<typeof LoggedModel>;

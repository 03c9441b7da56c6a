import { z } from 'zod';
import { double, int64, keyValues } from './scalars.js';

/** The words that MLflow has for a run's state. */
export const RUN_STATUSES = ['RUNNING', 'SCHEDULED', 'FINISHED', 'FAILED', 'KILLED'] as const;
/** State of a run: RUNNING until it is FINISHED, FAILED or KILLED. */
export type RunStatus = (typeof RUN_STATUSES)[number];

/** Reads a point of a metric as the server sends it. */
export const Metric = z
  .object({
    key: z.string(),
    value: double,
    timestamp: int64,
    step: int64.optional().default(0),
    model_id: z.string().optional(),
    dataset_name: z.string().optional(),
    dataset_digest: z.string().optional(),
    run_id: z.string().optional(),
  })
  .transform((wire) => ({
    key: wire.key,
    value: wire.value,
    timestamp: wire.timestamp,
    step: wire.step,
    modelId: wire.model_id || undefined,
    datasetName: wire.dataset_name || undefined,
    datasetDigest: wire.dataset_digest || undefined,
    runId: wire.run_id || undefined,
  }));
/** One point of a metric. `timestamp` is milliseconds since 1970. */
export type Metric = z.output<typeof Metric>;

/** Reads what a run is, without what it logged. */
export const RunInfo = z
  .object({
    run_id: z.string(),
    run_name: z.string().optional().default(''),
    experiment_id: z.string(),
    user_id: z.string().optional().default(''),
    status: z.enum(RUN_STATUSES),
    start_time: int64.optional(),
    end_time: int64.optional(),
    artifact_uri: z.string().optional().default(''),
    lifecycle_stage: z.enum(['active', 'deleted']),
  })
  .transform((wire) => ({
    runId: wire.run_id,
    runName: wire.run_name,
    experimentId: wire.experiment_id,
    userId: wire.user_id,
    status: wire.status,
    startTime: wire.start_time,
    // A run that goes on has 0 or nothing here.
    endTime: wire.end_time || undefined,
    artifactUri: wire.artifact_uri,
    lifecycleStage: wire.lifecycle_stage,
  }));
/** What a run is: ids, name, status, times (milliseconds since 1970), address of its artifacts. */
export type RunInfo = z.output<typeof RunInfo>;

/** Reads a dataset as the server sends it. */
export const Dataset = z
  .object({
    name: z.string(),
    digest: z.string(),
    source_type: z.string().optional().default(''),
    source: z.string().optional().default(''),
    schema: z.string().optional(),
    profile: z.string().optional(),
  })
  .transform(({ source_type, ...rest }) => ({ ...rest, sourceType: source_type }));
/** A dataset that a run read. `schema` and `profile` are JSON texts. */
export type Dataset = z.output<typeof Dataset>;

/** Reads a run's input as the server sends it. */
export const DatasetInput = z.object({ dataset: Dataset, tags: keyValues });
/** A dataset that a run read, and the tags of that reading, such as `mlflow.data.context`. */
export type DatasetInput = z.output<typeof DatasetInput>;

const ModelInput = z.object({ model_id: z.string() }).transform((wire) => ({ modelId: wire.model_id }));
const ModelOutput = z
  .object({ model_id: z.string(), step: int64.optional().default(0) })
  .transform((wire) => ({ modelId: wire.model_id, step: wire.step }));

const RunData = z
  .object({
    metrics: z.array(Metric).optional().default([]),
    params: keyValues,
    tags: keyValues,
  })
  .transform((wire) => ({
    /** Last value of each metric. */
    metrics: Object.fromEntries(wire.metrics.map((metric) => [metric.key, metric.value])),
    /** Last point of each metric, with step and time. */
    latestMetrics: wire.metrics,
    params: wire.params,
    tags: wire.tags,
  }));

/** Reads a whole run as the server sends it. */
export const Run = z
  .object({
    info: RunInfo,
    data: RunData.optional().transform((data) => data ?? { metrics: {}, latestMetrics: [], params: {}, tags: {} }),
    inputs: z
      .object({
        dataset_inputs: z.array(DatasetInput).optional().default([]),
        model_inputs: z.array(ModelInput).optional().default([]),
      })
      .optional(),
    outputs: z.object({ model_outputs: z.array(ModelOutput).optional().default([]) }).optional(),
  })
  .transform((wire) => ({
    info: wire.info,
    data: wire.data,
    inputs: { datasetInputs: wire.inputs?.dataset_inputs ?? [], modelInputs: wire.inputs?.model_inputs ?? [] },
    outputs: { modelOutputs: wire.outputs?.model_outputs ?? [] },
  }));
/** A run as the server holds it. */
export type RunEntity = z.output<typeof Run>;

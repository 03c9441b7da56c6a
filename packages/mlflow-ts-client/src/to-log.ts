import { toPairs } from './entities/scalars.js';
import { checkMetricValue, checkName, checkStep, checkTimestamp, metricValueToJson } from './validate.js';

/** A metric point to be logged; `timestamp` in ms since 1970. */
export interface MetricPoint {
  /** Name of the metric. */
  readonly key: string;
  /** NaN and the infinities are kept as such. */
  readonly value: number;
  /** Milliseconds since 1970, whole. */
  readonly timestamp: number;
  /** Whole; default 0. */
  readonly step?: number;
  /** Logged model that the point is of. */
  readonly modelId?: string;
  /** Dataset that the point was measured on. */
  readonly datasetName?: string;
  /** Digest of that dataset. */
  readonly datasetDigest?: string;
}

/**
 * A dataset to be logged as an input; `schema` and `profile` are JSON texts. `context` is training, validation or
 * test.
 */
export interface DatasetToLog {
  /** Name that is shown. */
  readonly name: string;
  /** Tells versions of a dataset apart. */
  readonly digest: string;
  /** Kind of source, such as `local` or `http`. */
  readonly sourceType: string;
  /** Where it comes from, a JSON text such as `{"uri": "/data"}`. */
  readonly source: string;
  /** What its columns or tensors are, a JSON text. */
  readonly schema?: string;
  /** Numbers that describe it, a JSON text. */
  readonly profile?: string;
  /** What it was used for; the tag `mlflow.data.context`. */
  readonly context?: string;
  /** Further tags of the input. */
  readonly tags?: Readonly<Record<string, string>>;
}

/** The wire form of a metric point. */
export function metricToJson(point: MetricPoint): Record<string, unknown> {
  return {
    key: point.key,
    value: metricValueToJson(point.value),
    timestamp: point.timestamp,
    step: point.step ?? 0,
    model_id: point.modelId,
    dataset_name: point.datasetName,
    dataset_digest: point.datasetDigest,
  };
}

/** The wire form of a dataset input. */
export function datasetToJson(input: DatasetToLog): Record<string, unknown> {
  const { name, digest, source, schema, profile } = input;
  const tags = input.context === undefined ? input.tags : { ...input.tags, 'mlflow.data.context': input.context };
  return { dataset: { name, digest, source_type: input.sourceType, source, schema, profile }, tags: toPairs(tags) };
}

/** Refuses what MLflow would not keep. @throws {MlflowInputError} for a name, value, time or step. */
export function checkPoint(who: string, point: MetricPoint): void {
  checkName(who, point.key);
  checkMetricValue(who, point.value);
  checkTimestamp(who, point.timestamp);
  checkStep(who, point.step ?? 0);
}

import { resolveConfig, type ClientOptions } from './config.js';
import { endpoints, invoke } from './endpoints.js';
import type { FileInfo } from './entities/artifact.js';
import type { Experiment } from './entities/experiment.js';
import type { LoggedModel, LoggedModelStatus } from './entities/logged-model.js';
import type { Metric, RunEntity, RunInfo, RunStatus } from './entities/run.js';
import { toPairs, type Page } from './entities/scalars.js';
import { pages } from './pages.js';
import { Rest } from './rest.js';
import { checkServerVersion, readServerVersion } from './server-version.js';
import { fetchTransport } from './transport/fetch.js';
import type { Transport } from './transport/transport.js';
import {
  checkFreeName,
  checkLength,
  checkMetricValue,
  checkName,
  checkStatus,
  checkStep,
  checkTimestamp,
  LIMITS,
  metricValueToJson,
} from './validate.js';

/** Which runs or experiments a search looks at. */
export type ViewType = 'ACTIVE_ONLY' | 'DELETED_ONLY' | 'ALL';

/** A metric point to be logged; `timestamp` in ms since 1970. */
export interface MetricPoint {
  readonly key: string;
  readonly value: number;
  readonly timestamp: number;
  readonly step?: number;
  readonly modelId?: string;
  readonly datasetName?: string;
  readonly datasetDigest?: string;
}

/**
 * A dataset to be logged as an input; `schema` and `profile` are JSON texts. `context` is training, validation or
 * test.
 */
export interface DatasetToLog {
  readonly name: string;
  readonly digest: string;
  readonly sourceType: string;
  readonly source: string;
  readonly schema?: string;
  readonly profile?: string;
  readonly context?: string;
  readonly tags?: Readonly<Record<string, string>>;
}

export interface SearchOptions {
  /** A filter string, or what `where` builds. */
  readonly filter?: string | { toString(): string };
  readonly orderBy?: readonly string[];
  /** Results of one page. */
  readonly maxResults?: number;
  readonly viewType?: ViewType;
  readonly pageToken?: string;
}

type Tags = Readonly<Record<string, string>>;

/** The wire form of a metric point. */
function metricToJson(point: MetricPoint): Record<string, unknown> {
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

/** Experiments, runs and logged models: one method for each REST call, named as in Python's `MlflowClient`. */
export class TrackingClient {
  /** The layer below: any call that has no method yet. */
  readonly rest: Rest;

  constructor(options: ClientOptions | Rest = {}, transport: Transport = fetchTransport) {
    this.rest = options instanceof Rest ? options : new Rest(resolveConfig(options), transport);
  }

  /** Address of the server, without credentials. */
  get trackingUri(): string {
    return this.rest.config.baseUrl;
  }

  /** The server's version, such as `3.17.2`; undefined where it does not say. */
  serverVersion(): Promise<string | undefined> {
    return readServerVersion(this.rest);
  }

  /** Asks for the server's version. @throws {MlflowVersionError} where it is older than this client speaks to. */
  async checkServer(): Promise<void> {
    checkServerVersion(await this.serverVersion(), this.trackingUri);
  }

  /**
   * @returns the new experiment's id.
   * @throws {MlflowServerError} RESOURCE_ALREADY_EXISTS, also where a deleted one has that name.
   */
  async createExperiment(name: string, options: { artifactLocation?: string; tags?: Tags } = {}): Promise<string> {
    checkFreeName('createExperiment', name, LIMITS.experimentName);
    return invoke(this.rest, endpoints.createExperiment, {
      name,
      artifact_location: options.artifactLocation,
      tags: toPairs(options.tags),
    });
  }

  getExperiment(experimentId: string): Promise<Experiment> {
    return invoke(this.rest, endpoints.getExperiment, { experiment_id: experimentId });
  }

  /** Finds deleted ones too: look at `lifecycleStage`. @throws {MlflowServerError} RESOURCE_DOES_NOT_EXIST. */
  getExperimentByName(name: string): Promise<Experiment> {
    return invoke(this.rest, endpoints.getExperimentByName, { experiment_name: name });
  }

  /** One page; `experiments()` goes over all pages. */
  searchExperiments(options: SearchOptions = {}): Promise<Page<Experiment>> {
    return invoke(this.rest, endpoints.searchExperiments, {
      filter: options.filter?.toString(),
      order_by: options.orderBy,
      max_results: options.maxResults ?? 1000,
      view_type: options.viewType ?? 'ACTIVE_ONLY',
      page_token: options.pageToken,
    });
  }

  /** All experiments that match, page by page. */
  experiments(options: SearchOptions = {}): AsyncIterable<Experiment> {
    return pages((pageToken) => this.searchExperiments({ ...options, pageToken }));
  }

  deleteExperiment(experimentId: string): Promise<void> {
    return invoke(this.rest, endpoints.deleteExperiment, { experiment_id: experimentId });
  }

  restoreExperiment(experimentId: string): Promise<void> {
    return invoke(this.rest, endpoints.restoreExperiment, { experiment_id: experimentId });
  }

  async renameExperiment(experimentId: string, newName: string): Promise<void> {
    checkFreeName('renameExperiment', newName, LIMITS.experimentName);
    return invoke(this.rest, endpoints.updateExperiment, { experiment_id: experimentId, new_name: newName });
  }

  async setExperimentTag(experimentId: string, key: string, value: string): Promise<void> {
    checkFreeName('setExperimentTag', key, LIMITS.key);
    checkLength('setExperimentTag', value, LIMITS.experimentTagValue);
    return invoke(this.rest, endpoints.setExperimentTag, { experiment_id: experimentId, key, value });
  }

  deleteExperimentTag(experimentId: string, key: string): Promise<void> {
    return invoke(this.rest, endpoints.deleteExperimentTag, { experiment_id: experimentId, key });
  }

  /** Datasets that runs of these experiments read. */
  searchDatasets(
    experimentIds: readonly string[],
  ): Promise<{ experimentId: string; name: string; digest: string; context: string | undefined }[]> {
    return invoke(this.rest, endpoints.searchDatasets, { experiment_ids: experimentIds });
  }

  async createRun(
    experimentId: string,
    options: { runName?: string; startTime?: number; userId?: string; tags?: Tags } = {},
  ): Promise<RunEntity> {
    if (options.runName !== undefined) checkFreeName('createRun', options.runName, LIMITS.runName);
    return invoke(this.rest, endpoints.createRun, {
      experiment_id: experimentId,
      run_name: options.runName,
      start_time: options.startTime ?? Date.now(),
      user_id: options.userId,
      tags: toPairs(options.tags),
    });
  }

  getRun(runId: string): Promise<RunEntity> {
    return invoke(this.rest, endpoints.getRun, { run_id: runId });
  }

  /** Changes status, end time or name. @throws {MlflowInputError} for a status that MLflow would ignore. */
  async updateRun(runId: string, change: { status?: RunStatus; endTime?: number; runName?: string }): Promise<RunInfo> {
    if (change.status !== undefined) checkStatus('updateRun', change.status);
    if (change.runName !== undefined) checkFreeName('updateRun', change.runName, LIMITS.runName);
    return invoke(this.rest, endpoints.updateRun, {
      run_id: runId,
      status: change.status,
      end_time: change.endTime,
      run_name: change.runName,
    });
  }

  /** Ends a run. */
  async setTerminated(runId: string, status: RunStatus = 'FINISHED', endTime: number = Date.now()): Promise<void> {
    await this.updateRun(runId, { status, endTime });
  }

  deleteRun(runId: string): Promise<void> {
    return invoke(this.rest, endpoints.deleteRun, { run_id: runId });
  }

  restoreRun(runId: string): Promise<void> {
    return invoke(this.rest, endpoints.restoreRun, { run_id: runId });
  }

  /** One page of at most 50,000 runs; `runs()` goes over all pages. */
  searchRuns(experimentIds: readonly string[], options: SearchOptions = {}): Promise<Page<RunEntity>> {
    return invoke(this.rest, endpoints.searchRuns, {
      experiment_ids: experimentIds,
      filter: options.filter?.toString() ?? '',
      order_by: options.orderBy,
      max_results: options.maxResults ?? 1000,
      run_view_type: options.viewType ?? 'ACTIVE_ONLY',
      page_token: options.pageToken,
    });
  }

  /** All runs that match, page by page. */
  runs(experimentIds: readonly string[], options: SearchOptions = {}): AsyncIterable<RunEntity> {
    return pages((pageToken) => this.searchRuns(experimentIds, { ...options, pageToken }));
  }

  /** Logs one point. The server keeps a point that comes twice once. */
  async logMetric(
    runId: string,
    key: string,
    value: number,
    options: Omit<MetricPoint, 'key' | 'value' | 'timestamp'> & { timestamp?: number } = {},
  ): Promise<void> {
    const point = { timestamp: Date.now(), ...options, key, value };
    checkPoint('logMetric', point);
    return invoke(this.rest, endpoints.logMetric, { run_id: runId, ...metricToJson(point) });
  }

  /**
   * Logs a param.
   * @throws {MlflowServerError} where it has another value already; {MlflowInputError} beyond 6,000 characters.
   */
  async logParam(runId: string, key: string, value: string): Promise<void> {
    checkName('logParam', key);
    checkLength('logParam', value, LIMITS.paramValue);
    return invoke(this.rest, endpoints.logParameter, { run_id: runId, key, value });
  }

  /** Up to 1,000 items at once, all or none. The spool of `startRun` splits larger ones. */
  async logBatch(
    runId: string,
    batch: { metrics?: readonly MetricPoint[]; params?: Tags; tags?: Tags },
  ): Promise<void> {
    for (const point of batch.metrics ?? []) checkPoint('logBatch', point);
    for (const [key, value] of Object.entries(batch.params ?? {})) {
      checkName('logBatch', key);
      checkLength('logBatch', value, LIMITS.paramValue);
    }
    for (const value of Object.values(batch.tags ?? {})) checkLength('logBatch', value, LIMITS.tagValue);
    return invoke(this.rest, endpoints.logBatch, {
      run_id: runId,
      metrics: (batch.metrics ?? []).map(metricToJson),
      params: toPairs(batch.params),
      tags: toPairs(batch.tags),
    });
  }

  async setTag(runId: string, key: string, value: string): Promise<void> {
    checkLength('setTag', value, LIMITS.tagValue);
    return invoke(this.rest, endpoints.setTag, { run_id: runId, key, value });
  }

  deleteTag(runId: string, key: string): Promise<void> {
    return invoke(this.rest, endpoints.deleteTag, { run_id: runId, key });
  }

  logInputs(
    runId: string,
    inputs: { datasets?: readonly DatasetToLog[]; modelIds?: readonly string[] },
  ): Promise<void> {
    return invoke(this.rest, endpoints.logInputs, {
      run_id: runId,
      datasets: (inputs.datasets ?? []).map(datasetToJson),
      models: (inputs.modelIds ?? []).map((id) => ({ model_id: id })),
    });
  }

  logOutputs(runId: string, models: readonly { modelId: string; step: number }[]): Promise<void> {
    return invoke(this.rest, endpoints.logOutputs, {
      run_id: runId,
      models: models.map(({ modelId, step }) => ({ model_id: modelId, step })),
    });
  }

  /** Records an `MLmodel` (as JSON) in the tag `mlflow.log-model.history`, as models before MLflow 3 did. */
  recordLoggedModel(runId: string, modelJson: string): Promise<void> {
    return invoke(this.rest, endpoints.logModel, { run_id: runId, model_json: modelJson });
  }

  /** One page of a metric's points; `metricHistory()` goes over all pages. */
  getMetricHistory(
    runId: string,
    key: string,
    options: { maxResults?: number; pageToken?: string } = {},
  ): Promise<Page<Metric>> {
    return invoke(this.rest, endpoints.getMetricHistory, {
      run_id: runId,
      metric_key: key,
      max_results: options.maxResults ?? LIMITS.metricHistoryPage,
      page_token: options.pageToken,
    });
  }

  /** All points of a metric, page by page. */
  metricHistory(runId: string, key: string): AsyncIterable<Metric> {
    return pages((pageToken) => this.getMetricHistory(runId, key, { pageToken }));
  }

  /** Points of one metric over several runs, thinned by the server to about `maxResults` steps of each run. */
  async getMetricHistoryBulkInterval(
    runIds: readonly string[],
    key: string,
    options: { startStep?: number; endStep?: number; maxResults?: number } = {},
  ): Promise<Metric[]> {
    const { startStep, endStep, maxResults } = options;
    const page = await invoke(this.rest, endpoints.getMetricHistoryBulkInterval, {
      run_ids: runIds,
      metric_key: key,
      start_step: startStep,
      end_step: endStep,
      max_results: maxResults ?? 320,
    });
    return page.items;
  }

  /** One page of a run's artifacts in one folder. `rootUri` is the run's artifact address. */
  listArtifactsPage(
    runId: string,
    options: { path?: string; pageToken?: string } = {},
  ): Promise<Page<FileInfo> & { rootUri: string }> {
    return invoke(this.rest, endpoints.listArtifacts, {
      run_id: runId,
      path: options.path,
      page_token: options.pageToken,
    });
  }

  createLoggedModel(
    experimentId: string,
    options: { name?: string; modelType?: string; sourceRunId?: string; params?: Tags; tags?: Tags } = {},
  ): Promise<LoggedModel> {
    return invoke(this.rest, endpoints.createLoggedModel, {
      experiment_id: experimentId,
      name: options.name,
      model_type: options.modelType,
      source_run_id: options.sourceRunId,
      params: toPairs(options.params),
      tags: toPairs(options.tags),
    });
  }

  getLoggedModel(modelId: string): Promise<LoggedModel> {
    return invoke(this.rest, endpoints.getLoggedModel, { model_id: modelId });
  }

  finalizeLoggedModel(modelId: string, status: LoggedModelStatus): Promise<LoggedModel> {
    return invoke(this.rest, endpoints.finalizeLoggedModel, { model_id: modelId, status });
  }

  deleteLoggedModel(modelId: string): Promise<void> {
    return invoke(this.rest, endpoints.deleteLoggedModel, { model_id: modelId });
  }

  /** One page; `loggedModels()` goes over all pages. `orderBy` takes field names such as `creation_timestamp DESC`. */
  searchLoggedModels(
    experimentIds: readonly string[],
    options: Omit<SearchOptions, 'viewType'> & { datasets?: readonly { name: string; digest?: string }[] } = {},
  ): Promise<Page<LoggedModel>> {
    return invoke(this.rest, endpoints.searchLoggedModels, {
      experiment_ids: experimentIds,
      filter: options.filter?.toString(),
      max_results: options.maxResults ?? 100,
      page_token: options.pageToken,
      datasets: options.datasets?.map(({ name, digest }) => ({ dataset_name: name, dataset_digest: digest })),
      order_by: options.orderBy?.map((field) => ({
        field_name: field.replace(/ (ASC|DESC)$/i, ''),
        ascending: !/ DESC$/i.test(field),
      })),
    });
  }

  loggedModels(
    experimentIds: readonly string[],
    options: Omit<SearchOptions, 'viewType'> = {},
  ): AsyncIterable<LoggedModel> {
    return pages((pageToken) => this.searchLoggedModels(experimentIds, { ...options, pageToken }));
  }

  logLoggedModelParams(modelId: string, params: Tags): Promise<void> {
    return invoke(this.rest, endpoints.logLoggedModelParams, { model_id: modelId, params: toPairs(params) });
  }

  setLoggedModelTags(modelId: string, tags: Tags): Promise<void> {
    return invoke(this.rest, endpoints.setLoggedModelTags, { model_id: modelId, tags: toPairs(tags) });
  }

  deleteLoggedModelTag(modelId: string, key: string): Promise<void> {
    return invoke(this.rest, endpoints.deleteLoggedModelTag, { model_id: modelId, tag_key: key });
  }

  listLoggedModelArtifacts(
    modelId: string,
    options: { path?: string; pageToken?: string } = {},
  ): Promise<Page<FileInfo> & { rootUri: string }> {
    return invoke(this.rest, endpoints.listLoggedModelArtifacts, {
      model_id: modelId,
      artifact_directory_path: options.path,
      page_token: options.pageToken,
    });
  }
}

function checkPoint(who: string, point: MetricPoint): void {
  checkName(who, point.key);
  checkMetricValue(who, point.value);
  checkTimestamp(who, point.timestamp);
  checkStep(who, point.step ?? 0);
}

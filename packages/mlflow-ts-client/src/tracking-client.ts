import { resolveConfig, type ClientOptions } from './config.js';
import { endpoints, invoke } from './endpoints.js';
import type { FileInfo } from './entities/artifact.js';
import type { Experiment } from './entities/experiment.js';
import type { Metric, RunEntity, RunInfo, RunStatus } from './entities/run.js';
import { toPairs, type Page } from './entities/scalars.js';
import { pages } from './pages.js';
import { Rest } from './rest.js';
import { checkServerVersion, readServerVersion } from './server-version.js';
import { fetchTransport } from './transport/fetch.js';
import type { Transport } from './transport/transport.js';
import { datasetToJson, checkPoint, metricToJson, type DatasetToLog, type MetricPoint } from './to-log.js';
import type { SearchOptions } from './search-options.js';
import { checkFreeName, checkLength, checkName, checkStatus, LIMITS } from './validate.js';

type Tags = Readonly<Record<string, string>>;

/**
 * Experiments and runs: one method for each REST call, named as in Python's `MlflowClient`. Times are milliseconds
 * since 1970. Every call may reject with `MlflowConnectionError` (no answer, after retries), `MlflowAuthError` (401,
 * 403), `MlflowServerError` (refused: its `errorCode` is MLflow's word) and `MlflowProtocolError` (an answer that is
 * not MLflow's); what cannot be kept is refused before it is sent, as `MlflowInputError`.
 */
export class TrackingClient {
  /** The layer below: any call that has no method yet. */
  readonly rest: Rest;

  /** @throws {MlflowInputError} where no server is named, or its address is none. */
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

  /** Finds deleted ones too. @throws {MlflowServerError} RESOURCE_DOES_NOT_EXIST. */
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

  /** Marks an experiment and its runs as deleted; `restoreExperiment` takes it back. */
  deleteExperiment(experimentId: string): Promise<void> {
    return invoke(this.rest, endpoints.deleteExperiment, { experiment_id: experimentId });
  }

  /** Takes a deletion back, of the experiment and its runs. */
  restoreExperiment(experimentId: string): Promise<void> {
    return invoke(this.rest, endpoints.restoreExperiment, { experiment_id: experimentId });
  }

  /** @throws {MlflowInputError} for a name that MLflow would not keep; {MlflowServerError} where it is taken. */
  async renameExperiment(experimentId: string, newName: string): Promise<void> {
    checkFreeName('renameExperiment', newName, LIMITS.experimentName);
    return invoke(this.rest, endpoints.updateExperiment, { experiment_id: experimentId, new_name: newName });
  }

  /** Sets a tag; another value replaces the first. @throws {MlflowInputError} beyond 20,000 characters. */
  async setExperimentTag(experimentId: string, key: string, value: string): Promise<void> {
    checkFreeName('setExperimentTag', key, LIMITS.key);
    checkLength('setExperimentTag', value, LIMITS.experimentTagValue);
    return invoke(this.rest, endpoints.setExperimentTag, { experiment_id: experimentId, key, value });
  }

  /** Deletes a tag. @throws {MlflowServerError} where there is none. */
  deleteExperimentTag(experimentId: string, key: string): Promise<void> {
    return invoke(this.rest, endpoints.deleteExperimentTag, { experiment_id: experimentId, key });
  }

  /** Datasets that runs of these experiments read. */
  searchDatasets(
    experimentIds: readonly string[],
  ): Promise<{ experimentId: string; name: string; digest: string; context: string | undefined }[]> {
    return invoke(this.rest, endpoints.searchDatasets, { experiment_ids: experimentIds });
  }

  /**
   * Creates a run that is RUNNING. `startTime`: milliseconds since 1970; default: now. Not repeated after an uncertain
   * failure.
   */
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

  /** Finds deleted ones too. @throws {MlflowServerError} RESOURCE_DOES_NOT_EXIST. */
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

  /** Marks a run as deleted; `restoreRun` takes it back. */
  deleteRun(runId: string): Promise<void> {
    return invoke(this.rest, endpoints.deleteRun, { run_id: runId });
  }

  /** Takes a deletion back. */
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

  /** Sets a tag; another value replaces the first. @throws {MlflowInputError} beyond 8,000 characters. */
  async setTag(runId: string, key: string, value: string): Promise<void> {
    checkLength('setTag', value, LIMITS.tagValue);
    return invoke(this.rest, endpoints.setTag, { run_id: runId, key, value });
  }

  /** Deletes a tag. @throws {MlflowServerError} RESOURCE_DOES_NOT_EXIST where there is none. */
  deleteTag(runId: string, key: string): Promise<void> {
    return invoke(this.rest, endpoints.deleteTag, { run_id: runId, key });
  }

  /** Says what data sets and models a run read. */
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

  /** Says what logged models a run made, each with its training step. */
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
}

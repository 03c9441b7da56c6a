import { z } from 'zod';
import { Experiment } from './entities/experiment.js';
import { FileInfo } from './entities/artifact.js';
import { LoggedModel } from './entities/logged-model.js';
import { ModelVersion, RegisteredModel } from './entities/registry.js';
import { Metric, Run, RunInfo } from './entities/run.js';
import { nextPageToken, nothing } from './entities/scalars.js';
import type { Query, Rest, RestCall } from './rest.js';

/** What is known of one REST endpoint: `{name}` in a path stands for a value of the call. */
interface Endpoint<Out> {
  readonly method: RestCall<unknown>['method'];
  readonly path: string;
  /** Default `/api/2.0`. */
  readonly root?: string;
  readonly response: z.ZodType<Out>;
  readonly retry: RestCall<unknown>['retry'];
}

/**
 * Calls an endpoint: GET sends the values as a query, everything else as JSON. Values named in the path go there too:
 * MLflow reads some of them from the body all the same.
 */
export function invoke<Out>(
  rest: Rest,
  endpoint: Endpoint<Out>,
  values: Readonly<Record<string, unknown>>,
): Promise<Out> {
  const path = endpoint.path.replace(/\{(\w+)\}/g, (_, name: string) => encodeURIComponent(String(values[name])));
  const { method, response, retry, root = '/api/2.0' } = endpoint;
  return method === 'GET'
    ? rest.call({ method, path: `${root}${path}`, query: values as Query, response, retry })
    : rest.call({ method, path: `${root}${path}`, json: values, response, retry });
}

const get = <Out>(path: string, response: z.ZodType<Out>): Endpoint<Out> => ({
  method: 'GET',
  path: `/mlflow/${path}`,
  response,
  retry: 'idempotent',
});
const post = <Out>(path: string, response: z.ZodType<Out>): Endpoint<Out> => ({
  method: 'POST',
  path: `/mlflow/${path}`,
  response,
  retry: 'idempotent',
});
const create = <Out>(path: string, response: z.ZodType<Out>): Endpoint<Out> => ({
  method: 'POST',
  path: `/mlflow/${path}`,
  response,
  retry: 'never',
});
const patch = <Out>(path: string, response: z.ZodType<Out>): Endpoint<Out> => ({
  method: 'PATCH',
  path: `/mlflow/${path}`,
  response,
  retry: 'idempotent',
});
const remove = <Out>(path: string, response: z.ZodType<Out>): Endpoint<Out> => ({
  method: 'DELETE',
  path: `/mlflow/${path}`,
  response,
  retry: 'idempotent',
});

const field = <Name extends string, Out>(name: Name, inner: z.ZodType<Out>): z.ZodType<Out> =>
  z.looseObject({ [name]: inner }).transform((wire) => (wire as Record<string, unknown>)[name] as Out);
const page = <Out>(
  name: string,
  item: z.ZodType<Out>,
): z.ZodType<{ items: Out[]; nextPageToken: string | undefined }> =>
  z.looseObject({ [name]: z.array(item).optional().default([]), next_page_token: nextPageToken }).transform((wire) => ({
    items: (wire as Record<string, unknown>)[name] as Out[],
    nextPageToken: wire['next_page_token'] as string | undefined,
  }));
const files = z
  .object({
    root_uri: z.string().optional().default(''),
    files: z.array(FileInfo).optional().default([]),
    next_page_token: nextPageToken,
  })
  .transform((wire) => ({ rootUri: wire.root_uri, items: wire.files, nextPageToken: wire.next_page_token }));
const datasetSummary = z
  .object({ experiment_id: z.string(), name: z.string(), digest: z.string(), context: z.string().optional() })
  .transform((wire) => ({
    experimentId: wire.experiment_id,
    name: wire.name,
    digest: wire.digest,
    context: wire.context,
  }));

/** Every REST endpoint that the client calls, under `/api/2.0`. */
export const endpoints = {
  createExperiment: create('experiments/create', field('experiment_id', z.string())),
  searchExperiments: post('experiments/search', page('experiments', Experiment)),
  getExperiment: get('experiments/get', field('experiment', Experiment)),
  getExperimentByName: get('experiments/get-by-name', field('experiment', Experiment)),
  deleteExperiment: create('experiments/delete', nothing),
  restoreExperiment: create('experiments/restore', nothing),
  updateExperiment: post('experiments/update', nothing),
  setExperimentTag: post('experiments/set-experiment-tag', nothing),
  deleteExperimentTag: create('experiments/delete-experiment-tag', nothing),
  // The server has this one under its /ajax-api alone: its /api address is registered without the slash and never
  // answers.
  searchDatasets: {
    ...post('', field('dataset_summaries', z.array(datasetSummary).optional().default([]))),
    path: '/mlflow/experiments/search-datasets',
    root: '/ajax-api/2.0',
  },

  createRun: create('runs/create', field('run', Run)),
  getRun: get('runs/get', field('run', Run)),
  updateRun: post('runs/update', field('run_info', RunInfo)),
  deleteRun: post('runs/delete', nothing),
  restoreRun: post('runs/restore', nothing),
  searchRuns: post('runs/search', page('runs', Run)),
  logMetric: post('runs/log-metric', nothing),
  logParameter: post('runs/log-parameter', nothing),
  logBatch: post('runs/log-batch', nothing),
  setTag: post('runs/set-tag', nothing),
  deleteTag: create('runs/delete-tag', nothing),
  logInputs: post('runs/log-inputs', nothing),
  logOutputs: create('runs/outputs', nothing),
  logModel: post('runs/log-model', nothing),
  getMetricHistory: get('metrics/get-history', page('metrics', Metric)),
  getMetricHistoryBulkInterval: get('metrics/get-history-bulk-interval', page('metrics', Metric)),
  listArtifacts: get('artifacts/list', files),

  createLoggedModel: create('logged-models', field('model', LoggedModel)),
  getLoggedModel: get('logged-models/{model_id}', field('model', LoggedModel)),
  finalizeLoggedModel: patch('logged-models/{model_id}', field('model', LoggedModel)),
  deleteLoggedModel: remove('logged-models/{model_id}', nothing),
  searchLoggedModels: post('logged-models/search', page('models', LoggedModel)),
  logLoggedModelParams: post('logged-models/{model_id}/params', nothing),
  setLoggedModelTags: patch('logged-models/{model_id}/tags', nothing),
  deleteLoggedModelTag: remove('logged-models/{model_id}/tags/{tag_key}', nothing),
  listLoggedModelArtifacts: get('logged-models/{model_id}/artifacts/directories', files),

  createRegisteredModel: create('registered-models/create', field('registered_model', RegisteredModel)),
  getRegisteredModel: get('registered-models/get', field('registered_model', RegisteredModel)),
  renameRegisteredModel: create('registered-models/rename', field('registered_model', RegisteredModel)),
  updateRegisteredModel: patch('registered-models/update', field('registered_model', RegisteredModel)),
  deleteRegisteredModel: remove('registered-models/delete', nothing),
  searchRegisteredModels: get('registered-models/search', page('registered_models', RegisteredModel)),
  getLatestVersions: post(
    'registered-models/get-latest-versions',
    field('model_versions', z.array(ModelVersion).optional().default([])),
  ),
  setRegisteredModelTag: post('registered-models/set-tag', nothing),
  deleteRegisteredModelTag: remove('registered-models/delete-tag', nothing),
  setRegisteredModelAlias: post('registered-models/alias', nothing),
  deleteRegisteredModelAlias: remove('registered-models/alias', nothing),
  getModelVersionByAlias: get('registered-models/alias', field('model_version', ModelVersion)),

  createModelVersion: create('model-versions/create', field('model_version', ModelVersion)),
  getModelVersion: get('model-versions/get', field('model_version', ModelVersion)),
  updateModelVersion: patch('model-versions/update', field('model_version', ModelVersion)),
  deleteModelVersion: remove('model-versions/delete', nothing),
  searchModelVersions: get('model-versions/search', page('model_versions', ModelVersion)),
  getModelVersionDownloadUri: get(
    'model-versions/get-download-uri',
    field('artifact_uri', z.string().optional().default('')),
  ),
  transitionModelVersionStage: create('model-versions/transition-stage', field('model_version', ModelVersion)),
  setModelVersionTag: post('model-versions/set-tag', nothing),
  deleteModelVersionTag: remove('model-versions/delete-tag', nothing),
} as const;

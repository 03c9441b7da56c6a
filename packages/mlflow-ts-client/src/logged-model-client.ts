import { endpoints, invoke } from './endpoints.js';
import type { FileInfo } from './entities/artifact.js';
import type { LoggedModel, LoggedModelStatus } from './entities/logged-model.js';
import { toPairs, type Page } from './entities/scalars.js';
import { pages } from './pages.js';
import type { SearchOptions } from './search-options.js';
import { TrackingClient } from './tracking-client.js';

type Tags = Readonly<Record<string, string>>;
type ModelSearch = Omit<SearchOptions, 'viewType'>;

/** Everything of `TrackingClient`, and logged models: what MLflow 3 knows of the models that runs made. */
export class LoggedModelClient extends TrackingClient {
  /** Creates a model that is PENDING until `finalizeLoggedModel`. Not repeated after an uncertain failure. */
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

  /** @throws {MlflowServerError} RESOURCE_DOES_NOT_EXIST where there is none. */
  getLoggedModel(modelId: string): Promise<LoggedModel> {
    return invoke(this.rest, endpoints.getLoggedModel, { model_id: modelId });
  }

  /** Says that a model's files are whole (`LOGGED_MODEL_READY`) or not. */
  finalizeLoggedModel(modelId: string, status: LoggedModelStatus): Promise<LoggedModel> {
    return invoke(this.rest, endpoints.finalizeLoggedModel, { model_id: modelId, status });
  }

  /** Marks a model as deleted: searches find it no more. */
  deleteLoggedModel(modelId: string): Promise<void> {
    return invoke(this.rest, endpoints.deleteLoggedModel, { model_id: modelId });
  }

  /** One page; `loggedModels()` goes over all pages. `orderBy` takes field names such as `creation_timestamp DESC`. */
  searchLoggedModels(
    experimentIds: readonly string[],
    options: ModelSearch & { datasets?: readonly { name: string; digest?: string }[] } = {},
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

  /** All logged models that match, page by page. */
  loggedModels(experimentIds: readonly string[], options: ModelSearch = {}): AsyncIterable<LoggedModel> {
    return pages((pageToken) => this.searchLoggedModels(experimentIds, { ...options, pageToken }));
  }

  /** Adds params to a model. @throws {MlflowServerError} where one has another value already. */
  logLoggedModelParams(modelId: string, params: Tags): Promise<void> {
    return invoke(this.rest, endpoints.logLoggedModelParams, { model_id: modelId, params: toPairs(params) });
  }

  /** Sets tags; other values replace the first. */
  setLoggedModelTags(modelId: string, tags: Tags): Promise<void> {
    return invoke(this.rest, endpoints.setLoggedModelTags, { model_id: modelId, tags: toPairs(tags) });
  }

  /** Deletes a tag of a model. */
  deleteLoggedModelTag(modelId: string, key: string): Promise<void> {
    return invoke(this.rest, endpoints.deleteLoggedModelTag, { model_id: modelId, tag_key: key });
  }

  /** One page of a model's files in one folder. `rootUri` is the model's artifact address. */
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

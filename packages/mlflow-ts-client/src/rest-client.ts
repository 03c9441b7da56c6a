import { endpoints, invoke } from './endpoints.js';
import type { ModelVersion, RegisteredModel } from './entities/registry.js';
import { toPairs, type Page } from './entities/scalars.js';
import { pages } from './pages.js';
import { LoggedModelClient } from './logged-model-client.js';
import type { SearchOptions } from './search-options.js';

type Tags = Readonly<Record<string, string>>;
type RegistrySearch = Omit<SearchOptions, 'viewType'>;

/**
 * MLflow's REST API over any transport: experiments, runs, logged models and the model registry. Versions are decimal
 * strings.
 */
export class MlflowRestClient extends LoggedModelClient {
  /** @throws {MlflowServerError} RESOURCE_ALREADY_EXISTS where the name is taken. */
  createRegisteredModel(name: string, options: { description?: string; tags?: Tags } = {}): Promise<RegisteredModel> {
    return invoke(this.rest, endpoints.createRegisteredModel, {
      name,
      description: options.description,
      tags: toPairs(options.tags),
    });
  }

  /** @throws {MlflowServerError} RESOURCE_DOES_NOT_EXIST where there is none of that name. */
  getRegisteredModel(name: string): Promise<RegisteredModel> {
    return invoke(this.rest, endpoints.getRegisteredModel, { name });
  }

  /** Renames a model with all its versions. @throws {MlflowServerError} where the new name is taken. */
  renameRegisteredModel(name: string, newName: string): Promise<RegisteredModel> {
    return invoke(this.rest, endpoints.renameRegisteredModel, { name, new_name: newName });
  }

  /** Replaces the description. */
  updateRegisteredModel(name: string, change: { description: string }): Promise<RegisteredModel> {
    return invoke(this.rest, endpoints.updateRegisteredModel, { name, description: change.description });
  }

  /** Deletes a model with all its versions, for ever. */
  deleteRegisteredModel(name: string): Promise<void> {
    return invoke(this.rest, endpoints.deleteRegisteredModel, { name });
  }

  /** One page; `registeredModels()` goes over all pages. */
  searchRegisteredModels(options: RegistrySearch = {}): Promise<Page<RegisteredModel>> {
    return invoke(this.rest, endpoints.searchRegisteredModels, {
      filter: options.filter?.toString(),
      max_results: options.maxResults ?? 100,
      order_by: options.orderBy,
      page_token: options.pageToken,
    });
  }

  /** All registered models that match, page by page. */
  registeredModels(options: RegistrySearch = {}): AsyncIterable<RegisteredModel> {
    return pages((pageToken) => this.searchRegisteredModels({ ...options, pageToken }));
  }

  /** The latest version of each stage; MLflow prefers aliases to stages. */
  getLatestVersions(name: string, stages?: readonly string[]): Promise<ModelVersion[]> {
    return invoke(this.rest, endpoints.getLatestVersions, { name, stages });
  }

  /** Sets a tag of a model; another value replaces the first. */
  setRegisteredModelTag(name: string, key: string, value: string): Promise<void> {
    return invoke(this.rest, endpoints.setRegisteredModelTag, { name, key, value });
  }

  /** Deletes a tag of a model. */
  deleteRegisteredModelTag(name: string, key: string): Promise<void> {
    return invoke(this.rest, endpoints.deleteRegisteredModelTag, { name, key });
  }

  /** Points an alias at a version, away from where it pointed before. */
  setRegisteredModelAlias(name: string, alias: string, version: string): Promise<void> {
    return invoke(this.rest, endpoints.setRegisteredModelAlias, { name, alias, version });
  }

  /** Deletes an alias; the version stays. */
  deleteRegisteredModelAlias(name: string, alias: string): Promise<void> {
    return invoke(this.rest, endpoints.deleteRegisteredModelAlias, { name, alias });
  }

  /** The version that an alias points at. @throws {MlflowServerError} where there is no such alias. */
  getModelVersionByAlias(name: string, alias: string): Promise<ModelVersion> {
    return invoke(this.rest, endpoints.getModelVersionByAlias, { name, alias });
  }

  /** @param source where the files are: a run's artifact address, or `models:/m-...` of a logged model. */
  createModelVersion(
    name: string,
    source: string,
    options: { runId?: string; modelId?: string; runLink?: string; description?: string; tags?: Tags } = {},
  ): Promise<ModelVersion> {
    return invoke(this.rest, endpoints.createModelVersion, {
      name,
      source,
      run_id: options.runId,
      model_id: options.modelId,
      run_link: options.runLink,
      description: options.description,
      tags: toPairs(options.tags),
    });
  }

  /** @throws {MlflowServerError} RESOURCE_DOES_NOT_EXIST where there is no such version. */
  getModelVersion(name: string, version: string): Promise<ModelVersion> {
    return invoke(this.rest, endpoints.getModelVersion, { name, version });
  }

  /** Replaces the description of a version. */
  updateModelVersion(name: string, version: string, change: { description: string }): Promise<ModelVersion> {
    return invoke(this.rest, endpoints.updateModelVersion, { name, version, description: change.description });
  }

  /** Deletes a version for ever; its files stay where they are. */
  deleteModelVersion(name: string, version: string): Promise<void> {
    return invoke(this.rest, endpoints.deleteModelVersion, { name, version });
  }

  /** One page; `modelVersions()` goes over all pages. */
  searchModelVersions(options: RegistrySearch = {}): Promise<Page<ModelVersion>> {
    return invoke(this.rest, endpoints.searchModelVersions, {
      filter: options.filter?.toString(),
      max_results: options.maxResults ?? 1000,
      order_by: options.orderBy,
      page_token: options.pageToken,
    });
  }

  /** All versions that match, page by page. */
  modelVersions(options: RegistrySearch = {}): AsyncIterable<ModelVersion> {
    return pages((pageToken) => this.searchModelVersions({ ...options, pageToken }));
  }

  /** Where a version's files are, as an artifact address. */
  getModelVersionDownloadUri(name: string, version: string): Promise<string> {
    return invoke(this.rest, endpoints.getModelVersionDownloadUri, { name, version });
  }

  /** Moves a version to a stage; `archiveExistingVersions` archives those that were there. Default: leaves them. */
  transitionModelVersionStage(
    name: string,
    version: string,
    stage: 'None' | 'Staging' | 'Production' | 'Archived',
    options: { archiveExistingVersions?: boolean } = {},
  ): Promise<ModelVersion> {
    return invoke(this.rest, endpoints.transitionModelVersionStage, {
      name,
      version,
      stage,
      archive_existing_versions: options.archiveExistingVersions ?? false,
    });
  }

  /** Sets a tag of a version; another value replaces the first. */
  setModelVersionTag(name: string, version: string, key: string, value: string): Promise<void> {
    return invoke(this.rest, endpoints.setModelVersionTag, { name, version, key, value });
  }

  /** Deletes a tag of a version. */
  deleteModelVersionTag(name: string, version: string, key: string): Promise<void> {
    return invoke(this.rest, endpoints.deleteModelVersionTag, { name, version, key });
  }
}

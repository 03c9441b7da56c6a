// What both entry points, Node's and the browser's, offer.
export { redactUserInfo, splitTrackingUri, type ClientOptions, type TrackingAddress } from './config.js';
export { ProxiedArtifacts } from './artifact-store.js';
export { Filter, where } from './filter.js';
export { OLDEST_SERVER } from './server-version.js';
export { LIMITS } from './validate.js';
export {
  MlflowAuthError,
  MlflowConnectionError,
  MlflowError,
  MlflowInputError,
  MlflowProtocolError,
  MlflowServerError,
  MlflowSpoolError,
  MlflowVersionError,
  type ErrorParts,
} from './errors.js';
export type { DatasetToLog, MetricPoint } from './to-log.js';
export type { SearchOptions, ViewType } from './search-options.js';
export {
  RUN_STATUSES,
  type Dataset,
  type DatasetInput,
  type Metric,
  type RunEntity,
  type RunInfo,
  type RunStatus,
} from './entities/run.js';
export type { Experiment } from './entities/experiment.js';
export { LOGGED_MODEL_STATUSES, type LoggedModel, type LoggedModelStatus } from './entities/logged-model.js';
export type { ModelVersion, RegisteredModel } from './entities/registry.js';
export type { FileInfo } from './entities/artifact.js';
export type { Page } from './entities/scalars.js';
export type { HttpRequest, HttpResponse, StreamBody, Transport } from './transport/transport.js';

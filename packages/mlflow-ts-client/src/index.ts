/**
 * A typed MLflow client with an offline spool, for Node 20 and newer.
 *
 * - {@link startRun} and {@link withRun}: log to a run that never waits for the server.
 * - {@link syncSpools}: deliver what earlier processes left, and end runs whose process is gone.
 * - {@link MlflowClient}: one method for each REST call.
 * - {@link where}: filters for searches.
 * @packageDocumentation
 */
export { startRun, withRun, type StartRunOptions } from './fluent/start-run.js';
export { Run } from './fluent/run.js';
export type { DeliveryReport } from './fluent/delivery.js';
export type { MetricOptions, ParamValue } from './fluent/run-items.js';
export type { ImageEncoder, ImageToLog, RawImage } from './fluent/image.js';
export type { ModelToLog } from './fluent/model.js';
export { tableToJson, type TableData } from './fluent/table.js';
export { SystemSampler, type SystemSample } from './fluent/system-metrics.js';
export { openSpool, type Spool, type SpooledRun } from './spool/spool.js';
export { endLostRuns, syncSpools, type SyncedRun, type SyncOptions } from './sync.js';
export type { SpoolEvent } from './sender/events.js';
export type { Item as SpoolItem } from './spool/record.js';
export { MlflowClient } from './client.js';
export { LocalArtifacts, openArtifacts, type ArtifactStore } from './local-artifacts.js';
export * from './shared-exports.js';

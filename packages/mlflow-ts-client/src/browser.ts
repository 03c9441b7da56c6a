/**
 * The entry point where there is no file system: the REST client over `fetch`, filters, artifacts through the server.
 * @packageDocumentation
 */
export { MlflowRestClient as MlflowClient } from './rest-client.js';
export { fetchTransport } from './transport/fetch.js';
export * from './shared-exports.js';

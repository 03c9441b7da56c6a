export { encodeIndexedPng } from './figures/indexed-png.js';
export { inferno } from './figures/inferno.js';
export * from './figures/index.js';
export {
  buildComparison,
  comparisonAddress,
  experimentKindTag,
  type ComparedMetric,
  type ComparisonOptions,
  type ComparisonTag,
} from './tracking/comparison.js';
export * from './report/index.js';
export { type ExtensionApi } from './extensions/api.js';

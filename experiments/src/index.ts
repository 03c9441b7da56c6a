export { encodeIndexedPng } from './figures/drawing/indexed-png.js';
export { inferno } from './figures/drawing/inferno.js';
export * from './figures/index.js';
export {
  buildComparison,
  comparisonAddress,
  experimentKindTag,
  type ComparedMetric,
  type ComparisonOptions,
  type ComparisonTag,
} from './tracking/comparison.js';
export { serveFolder, type DemoServer } from './demo/serve.js';
export { writeDemo, type DemoOptions } from './demo/write-demo.js';
export * from './report/index.js';
export { type ExtensionApi } from './extensions/api.js';
export { defaultOptions } from './upscale/options.js';
export { upscale } from './upscale/upscale.js';

export * from './architectures/index.js';
export * from './engine/index.js';
export * from './graph/index.js';
export * from './linear/index.js';
export * from './losses/index.js';
export * from './regimes/index.js';
export * from './training/index.js';
export { graphCost, modelCost, type ModelCost } from './cost.js';
export { describeModel, loadModel, parseModelMetadata, type LoadedModel, type ModelMetadata } from './load.js';

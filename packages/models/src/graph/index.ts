export {
  type ComputedOp,
  type OpAttributes,
  type OpName,
  type PoolAttributes,
  type ReduceAttributes,
  type Sides,
  type WindowAttributes,
} from './attributes.js';
export { type Padding, type PoolOptions, type ReduceOptions } from './builder.js';
export {
  alongAxes,
  interpolationMatrix,
  matchAlongAxes,
  resizeMatrix,
  resizeTo,
  type AxisMatrices,
} from './along-axes.js';
export { fourierMatrix, powerSpectrum } from './fourier.js';
export { gradients, topologicalOrder } from './gradients.js';
export { Graph, type Variable } from './graph.js';
export { fitted, normal, ones, zeros, type Initializer } from './initializers.js';
export {
  batchNorm,
  conv,
  convTranspose,
  instanceNorm,
  normalise,
  prelu,
  upsample,
  upsampleNearest,
  type ConvOptions,
  type Interpolation,
} from './layers.js';
export { averageName } from './names.js';
export { ops } from './ops/index.js';
export { type OpDefinition } from './ops/definition.js';
export { adam, movingAverage, stepNumbers, type AdamOptions, type StepNumbers } from './optimizers.js';
export {
  createProgram,
  initialVariables,
  type Action,
  type PlannedAction,
  type Precision,
  type Program,
  type Update,
} from './program.js';
export {
  channelsOf,
  factorOf,
  formatShape,
  perAxis,
  sizeOf,
  spatialAxes,
  spatialRank,
  spatialSizes,
  type PerAxis,
  type Shape,
} from './shape.js';
export { type Node, type Tensor } from './tensor.js';
export { meanByTie, orbits, type Tie } from './tie.js';

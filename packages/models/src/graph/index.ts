export { gradients, topologicalOrder } from './gradients.js';
export { Graph, type Padding, type ReduceOptions, type Variable } from './graph.js';
export { normal, ones, zeros, type Initializer } from './initializers.js';
export {
  batchNorm,
  conv,
  convTranspose,
  instanceNorm,
  interpolationMatrix,
  prelu,
  separable,
  upsample,
  upsampleNearest,
  type ConvOptions,
} from './layers.js';
export { averageName } from './names.js';
export { ops, type OpDefinition } from './ops.js';
export { adam, movingAverage, stepNumbers, type AdamOptions, type StepNumbers } from './optimizers.js';
export { createProgram, initialVariables, type Action, type Program, type Update } from './program.js';
export { formatShape, sizeOf, type Attributes, type Shape, type Tensor } from './tensor.js';

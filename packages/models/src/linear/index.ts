export { fitCorrection, forwardWeights, meanSquaredError } from './correction.js';
export { filterSide, ridgeStrength } from './filter-options.js';
export { requireForward, type FitSource } from './fit-source.js';
export {
  defaultSide,
  convolutionWeights,
  linearWeights,
  type FittedWeights,
  type LinearFilter,
  type LinearPair,
} from './linear-filter.js';
export { fitLmmse } from './lmmse.js';
export { fitRidge, type RidgeOptions } from './ridge.js';
export { smoothedInterpolation } from './smoothed-interpolation.js';
export { type Turns } from './symmetries.js';

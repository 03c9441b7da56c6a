export { linearWeights, type LinearFilter, type LinearPair } from './linear-filter.js';
export { fitLmmse, type LmmseOptions } from './lmmse.js';
export { fitRidge, type RidgeOptions } from './ridge.js';
export { smoothedInterpolation } from './smoothed-interpolation.js';

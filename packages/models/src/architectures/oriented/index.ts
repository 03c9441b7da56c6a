export { SHRINKAGE, fitOrientedRidge, type OrientedRidgeOptions } from './fit.js';
export { edgeNames, orientedGates } from './gates.js';
export { oriented } from './oriented.js';
export { bankOf, orientedOptions, type Bank, type OrientedOptions } from './options.js';

export { buildRegime } from './build.js';
export { GENERATOR, type Regime, type RegimeContext } from './regime.js';
export { keepsNetworkHead, regimeSpec, type RegimeOf, type RegimeSpec, type TrainedRegimeSpec } from './spec.js';

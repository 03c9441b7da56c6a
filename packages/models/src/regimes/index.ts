export { buildRegime } from './build.js';
export { registerTerm, type Term, type TermInputs } from './geometry-terms.js';
export { probeTerms, type ProbedTerm } from './probe-terms.js';
export { GENERATOR, type Regime, type RegimeContext } from './regime.js';
export {
  isUnpaired,
  keepsNetworkHead,
  regimeSpec,
  registeredRegimeSpec,
  type RegimeOf,
  type RegimeSpec,
  type TrainedRegimeSpec,
} from './spec.js';

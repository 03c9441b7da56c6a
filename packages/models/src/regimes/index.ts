export { buildRegime } from './build.js';
export { registerTerm, type Term, type TermInputs } from './geometry-terms.js';
export { directionChannels, headMaps } from './head-maps.js';
export { probeTerms, type ProbedTerm } from './probe-terms.js';
export { GENERATOR, type Regime, type RegimeContext, type Teacher } from './regime.js';
export { TEACHER } from './teacher.js';
export { teacherOf, type TeacherSpec } from './teacher-spec.js';
export {
  isUnpaired,
  keepsNetworkHead,
  regimeSpec,
  registeredRegimeSpec,
  type RegimeOf,
  type RegimeSpec,
  type TrainedRegimeSpec,
} from './spec.js';

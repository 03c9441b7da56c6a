export { firstLayerOf, type FirstLayer } from './first-layer.js';
export { predictHeads, type HeadMaps } from './heads.js';
export { lineSelectivity, type LineSelectivity } from './line-selectivity.js';
export { attributeAlong, diffusionIndex, giniCoefficient, type Attribution } from './path-attribution.js';
export { compileTarget, type CompiledTarget } from './target.js';

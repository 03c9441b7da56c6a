export { firstLayerOf, type FirstLayer } from './first-layer.js';
export { attributeAlong, diffusionIndex, giniCoefficient, type Attribution } from './path-attribution.js';
export { compileTarget, type CompiledTarget } from './target.js';

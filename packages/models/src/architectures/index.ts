export { type Architecture, type GeneratorContext, type GeneratorOutput } from './architecture.js';
export { architectures, buildGenerator, modelSpec, sizeMultiple, type ModelSpec } from './catalogue.js';
export { discriminatorOptions, patchDiscriminator } from './patch-discriminator.js';
export { shrinkGenerator } from './resnet-generator.js';

export {
  type Architecture,
  type BuildContext,
  type GeneratorContext,
  type GeneratorOutput,
  type Grid,
} from './architecture.js';
export {
  architectures,
  buildGenerator,
  closedFormFit,
  gridOf,
  middlePlane,
  modelSpec,
  registerArchitecture,
  registeredModelSpec,
  sizeMultiple,
  sizeMultiples,
  type ModelSpec,
} from './catalogue.js';
export { type NetworkOutput } from './network-head.js';
export { discriminatorOptions, patchDiscriminator } from './patch-discriminator.js';
export { requireSymmetry } from './symmetric-layers.js';
export { shrinkGenerator } from './resnet-generator.js';
export * from './oriented/index.js';

// What runs in a browser as well as in Node: the entry for the condition `browser`.
export { FailureError, InputError, LacunaError, ShapeError, nearestName, type ErrorParts } from './errors.js';
export { fft2, planFft, transformPlane, type Fft } from './fft.js';
export {
  createImage,
  cropImage,
  describeShape,
  mapImage,
  selectChannel,
  type Image,
  type ImageOptions,
} from './image.js';
export { keysCubic } from './keys-cubic.js';
export { nanometresOf } from './length-units.js';
export { clampIndex, mirrorIndex, reflectIndex } from './mirror-index.js';
export { median, percentileOfSorted } from './percentile.js';
export { printable } from './printable.js';
export { createRng, philox4x32, restoreRng, type Rng, type RngState } from './rng.js';
export {
  convertLength,
  enlargedPixelSize,
  formatLength,
  lengthUnits,
  parseLengthUnit,
  parsePixelSize,
  readLength,
  type LengthUnit,
  type PixelSize,
} from './units.js';

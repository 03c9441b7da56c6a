// What runs in a browser as well as in Node: the entry for the condition `browser`.
export { enlarge, finerPixelSize } from './degrade/enlarge.js';
export { byAxis, describeFactor, factorField, type Factor, type Factors } from './degrade/factor.js';
export { imresize } from './filters/imresize.js';
export { pixelBytes, samplesOfBytes, type SampleType } from './formats/pixel-bytes.js';
export { oneFrame } from './formats/frames.js';
export { measureRange } from './formats/intensity-range.js';
export type { ImageRegion, OpenImage, OpenOptions, StoredType } from './formats/open-image.js';
export { bytesInMemory, type ByteSource } from './formats/byte-source.js';
export { pixelsImage, type PixelsOptions } from './formats/pixels-image.js';
export { encodeTiff, type TiffOptions } from './formats/tiff/encode.js';
export { openTiffBytes } from './formats/tiff/open.js';
export { openZarrStore } from './formats/zarr/open.js';
export { storeRoot } from './formats/zarr/store-root.js';
export type { ZarrStore } from './formats/zarr/store.js';
export { zipStore } from './formats/zarr/zip-store.js';

export { appendWhole } from './append-file.js';
export {
  guardTemporary,
  temporaryPath,
  withAtomicFile,
  writeFileAtomic,
  writeStreamAtomic,
  writerOf,
  type AtomicWriteOptions,
} from './atomic-file.js';
export { cacheFolder } from './cache-folder.js';
export { contentDigest, type DigestOptions } from './content-digest.js';
export { crc32 } from './crc32.js';
export { freeMemory } from './free-memory.js';
export { diskFailure, formatBytes, isDiskRefusal, freeBytes } from './disk-failure.js';
export { FailureError, InputError, LacunaError, ShapeError, nearestName, type ErrorParts } from './errors.js';
export { fft2, planFft, transformPlane, type Fft } from './fft.js';
export { makeFolder } from './folders.js';
export {
  createImage,
  cropImage,
  describeShape,
  mapImage,
  selectChannel,
  type Image,
  type ImageOptions,
} from './image.js';
export {
  isAlive,
  tryLockFile,
  withLockFile,
  type LockAttempt,
  type LockHolder,
  type LockJob,
  type LockWait,
} from './lock-file.js';
export { keysCubic } from './keys-cubic.js';
export { nanometresOf } from './length-units.js';
export { clampIndex, mirrorIndex, reflectIndex } from './mirror-index.js';
export { median, percentileOfSorted } from './percentile.js';
export { printable } from './printable.js';
export { describeReadFailure, readRegularFile } from './regular-file.js';
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
export { WorkerThread, serveWorker, workerUrl, type Transferred } from './workers.js';

export * from './browser.js';
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
export { makeFolder } from './folders.js';
export {
  isAlive,
  tryLockFile,
  withLockFile,
  type LockAttempt,
  type LockHolder,
  type LockJob,
  type LockWait,
} from './lock-file.js';
export { describeReadFailure, readRegularFile } from './regular-file.js';
export { WorkerThread, serveWorker, workerUrl, type Transferred } from './workers.js';

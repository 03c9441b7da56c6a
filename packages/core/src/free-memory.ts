import { freemem } from 'node:os';

/**
 * Bytes that this process may still take: what the machine can give without swapping, or less where a control group
 * confines it.
 */
export function freeMemory(): number {
  return typeof process.availableMemory === 'function'
    ? Math.min(process.availableMemory(), freemem() || Infinity)
    : freemem();
}

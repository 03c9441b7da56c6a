import { closeSync, fstatSync, fsyncSync, ftruncateSync, openSync, writeSync } from 'node:fs';
import { diskFailure } from './disk-failure.js';

/**
 * Appends text (UTF-8) to a file, all of it or nothing: what a full disk tore is cut off again, so that the next line
 * does not continue a torn one. Only one process may append to a file at a time.
 * @param options.sync also forces it to the disk; default false.
 * @throws {FailureError} where the disk refuses.
 */
export function appendWhole(path: string, text: string, { sync = false }: { readonly sync?: boolean } = {}): void {
  const bytes = Buffer.from(text);
  try {
    const file = openSync(path, 'a');
    try {
      const before = fstatSync(file).size;
      try {
        for (let at = 0; at < bytes.length;) at += writeSync(file, bytes, at);
        if (sync) fsyncSync(file);
      } catch (error) {
        ftruncateSync(file, before);
        throw error;
      }
    } finally {
      closeSync(file);
    }
  } catch (error) {
    throw diskFailure(path, error, 'lines written whole', 'check that the folder exists and may be written');
  }
}

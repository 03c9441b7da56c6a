import { closeSync, existsSync, fsyncSync, mkdirSync, openSync, renameSync, rmSync, writeSync } from 'node:fs';
import { dirname } from 'node:path';
import { FailureError } from '@lacuna/core';

/**
 * Writes a file so that under its final name there is either the old content or all of the new.
 * @throws {FailureError} when the disk is full or the folder is not writable; the temporary file is removed.
 */
export function writeFileAtomically(path: string, content: string | Uint8Array): void {
  const temporary = `${path}.${process.pid}.part`;
  try {
    mkdirSync(dirname(path), { recursive: true });
    const file = openSync(temporary, 'w');
    try {
      const bytes = typeof content === 'string' ? Buffer.from(content) : content;
      for (let at = 0; at < bytes.length; ) at += writeSync(file, bytes, at);
      fsyncSync(file);
    } finally {
      closeSync(file);
    }
    renameSync(temporary, path);
  } catch (error) {
    // rmSync itself fails below a path that is no folder, and would hide the reason.
    if (existsSync(temporary)) rmSync(temporary);
    const code = (error as NodeJS.ErrnoException).code ?? String(error);
    const remedy = code === 'ENOSPC' ? 'free some space and run the same command again' : 'check that the folder exists and may be written';
    throw new FailureError({ who: path, got: code, wanted: 'a file written whole', remedy }, { cause: error });
  }
}

/** Writes a value as JSON, atomically; numbers that JSON lacks become null. */
export function writeJson(path: string, value: unknown): void {
  writeFileAtomically(path, `${JSON.stringify(value, null, 2)}\n`);
}

import { readFileSync, statSync } from 'node:fs';
import { InputError } from './errors.js';

const REASONS: Readonly<Record<string, string>> = {
  ENOENT: 'no such file',
  EACCES: 'a file that may not be read',
  EPERM: 'a file that may not be read',
  ENOTDIR: 'a path that leads through a file',
  ELOOP: 'links that lead in a circle',
};

/** Why a file could not be read, for a message; the system's own code where there is no better word. */
export function describeReadFailure(error: unknown): string {
  const { code } = error as NodeJS.ErrnoException;
  return REASONS[code ?? ''] ?? String(code);
}

/**
 * The bytes of a file that a user names. A pipe is not waited for, and a device, which may have no end, is not read.
 * @param wanted what the file should have been.
 * @throws {InputError} for what is no file, is not there or may not be read.
 */
export function readRegularFile(path: string, wanted: string): Buffer {
  try {
    const stat = statSync(path);
    if (stat.isDirectory()) throw new InputError({ who: path, got: 'a folder', wanted });
    if (!stat.isFile()) throw new InputError({ who: path, got: 'a pipe, a device or a socket', wanted });
    return readFileSync(path);
  } catch (error) {
    if (error instanceof InputError) throw error;
    throw new InputError({ who: path, got: describeReadFailure(error), wanted }, { cause: error });
  }
}

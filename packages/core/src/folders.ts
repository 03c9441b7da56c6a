import { mkdirSync, statSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { diskFailure } from './disk-failure.js';

/**
 * Makes a folder and those above it; a folder that is there already is left as it is.
 *
 * Not `mkdirSync` with `recursive`: Node never returns from that where a folder exists but lets nothing be made in it
 * as if it were missing, such as /proc.
 * @throws {FailureError} where the disk refuses, or a part of the path is a file.
 */
export function makeFolder(
  path: string,
  {
    wanted = 'a folder to write into',
    remedy = 'choose a folder that may be written',
  }: { readonly wanted?: string; readonly remedy?: string } = {},
): void {
  try {
    ensureFolder(path);
  } catch (error) {
    throw diskFailure(path, error, wanted, remedy);
  }
}

/** {@link makeFolder} that throws what the system said. */
export function ensureFolder(path: string): void {
  const missing: string[] = [];
  for (let at = resolve(path); !isFolder(at); at = dirname(at)) missing.push(at);
  for (let folder = missing.pop(); folder !== undefined; folder = missing.pop()) makeOne(folder);
}

/** Another process may make the same folder meanwhile. */
function makeOne(folder: string): void {
  try {
    mkdirSync(folder);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST' || !isFolder(folder)) throw error;
  }
}

/**
 * @throws the error of a path that leads through a file, for which `mkdir` would only say that something is missing.
 */
function isFolder(path: string): boolean {
  const found = statSync(path, { throwIfNoEntry: false });
  if (found && !found.isDirectory()) throw Object.assign(new Error(`${path} is a file`), { code: 'ENOTDIR' });
  return found !== undefined;
}

import { existsSync, readdirSync, statSync } from 'node:fs';
import { InputError } from '@lacuna/core';

/**
 * For results that write over nothing.
 * @throws {InputError} where something lies at the path already; an empty folder may.
 */
export function requireEmptyFolder(path: string): void {
  const isFolder = statSync(path, { throwIfNoEntry: false })?.isDirectory() ?? false;
  if (existsSync(path) && (!isFolder || readdirSync(path).length > 0))
    throw new InputError({
      who: path,
      got: isFolder ? 'a folder that holds something' : 'a file',
      wanted: 'a new or an empty folder',
      remedy: 'name another with --out; nothing is written over',
    });
}

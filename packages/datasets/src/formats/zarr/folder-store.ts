import { closeSync, openSync, readFileSync, readSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { InputError } from '@lacuna/core';
import type { ZarrStore } from './store.js';

/** A folder as a store. */
export function folderStore(path: string): ZarrStore {
  return {
    name: path,
    get(key, part) {
      try {
        const file = join(path, key);
        if (!part) return readFileSync(file);
        const start = part.start < 0 ? statSync(file).size + part.start : part.start;
        if (start < 0) return new Uint8Array(0);
        const handle = openSync(file, 'r');
        try {
          const bytes = new Uint8Array(Math.min(part.length, Math.max(0, statSync(file).size - start)));
          return bytes.subarray(0, readSync(handle, bytes, 0, bytes.length, start));
        } finally {
          closeSync(handle);
        }
      } catch (error) {
        const code = (error as NodeJS.ErrnoException).code;
        if (code === 'ENOENT' || code === 'ENOTDIR' || code === 'EISDIR') return null;
        throw new InputError(
          { who: join(path, key), got: String(code), wanted: 'a file that can be read' },
          { cause: error },
        );
      }
    },
    size: () => folderSize(path),
  };
}

/** Bytes of all files below a folder. */
export function folderSize(path: string): number {
  let sum = 0;
  for (const entry of readdirSync(path, { recursive: true, withFileTypes: true })) {
    if (entry.isFile()) sum += statSync(join(entry.parentPath, entry.name)).size;
  }
  return sum;
}

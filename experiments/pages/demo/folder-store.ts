import { InputError } from '@lacuna/core';
import { storeRoot, type ZarrStore } from '@lacuna/datasets';
import type { DroppedFolder } from './dropped.js';

/** Reads files in workers, and waits for them. */
declare const FileReaderSync: new () => { readAsArrayBuffer(piece: Blob): ArrayBuffer };

/**
 * A dropped folder as a Zarr store, whose files are read when they are asked for.
 * @throws {InputError} for a folder without a Zarr store, and for files that are gone or changed since.
 */
export function droppedStore({ name, files }: DroppedFolder): ZarrStore {
  const count = `a folder of ${files.length} file${files.length === 1 ? '' : 's'}`;
  const root = storeRoot(
    name,
    count,
    files.map(({ path }) => path),
  );
  const inside = files.filter(({ path }) => path.startsWith(root));
  const byKey = new Map(inside.map(({ path, file }) => [path.slice(root.length), file]));
  const reader = new FileReaderSync();
  return {
    name: root.split('/').at(-2) ?? name,
    get(key, part) {
      const file = byKey.get(key);
      if (file === undefined) return null;
      const start = part === undefined ? 0 : Math.max(0, part.start < 0 ? file.size + part.start : part.start);
      const end = part === undefined ? file.size : start + part.length;
      try {
        return new Uint8Array(reader.readAsArrayBuffer(file.slice(start, end)));
      } catch (error) {
        throw new InputError(
          {
            who: `${name}/${root}${key}`,
            got: 'a file that cannot be read any more',
            wanted: 'the folder as it was given',
            remedy: 'give it again',
          },
          { cause: error },
        );
      }
    },
    size: () => inside.reduce((sum, { file }) => sum + file.size, 0),
  };
}

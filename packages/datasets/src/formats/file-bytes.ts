import { closeSync, fstatSync, openSync, readSync } from 'node:fs';
import { InputError } from '@lacuna/core';
import { damagedFile, requireInside, type ByteSource } from './byte-source.js';
import { freshBytes } from './fresh-array.js';

/**
 * Small pieces (directories, tables) come out of a window of this many bytes, so that one call to the system serves
 * many.
 */
const WINDOW = 1 << 16;

/** Opens a file for reading in pieces. */
export function openBytes(path: string): ByteSource {
  let file: number;
  try {
    file = openSync(path, 'r');
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code;
    throw new InputError(
      { who: path, got: code === 'ENOENT' ? 'no such file' : String(code), wanted: 'an image file that can be read' },
      { cause: error },
    );
  }
  let open = true;
  const { size } = fstatSync(file);
  let window: Uint8Array = new Uint8Array(0);
  let start = 0;
  const fill = (position: number, bytes: Uint8Array): Uint8Array => {
    for (let got = 0; got < bytes.length;) {
      const more = readSync(file, bytes, got, bytes.length - got, position + got);
      if (more === 0) throw damagedFile(path, 'file', `it ended at byte ${position + got} while it was read`);
      got += more;
    }
    return bytes;
  };
  const requireReadable = (position: number, length: number): void => {
    if (!open) throw new InputError({ who: path, got: 'a read after close', wanted: 'an open image' });
    requireInside(path, position, length, size);
  };
  return {
    name: path,
    size,
    read(position, length) {
      requireReadable(position, length);
      if (length > WINDOW / 4) return fill(position, freshBytes(length));
      if (position < start || position + length > start + window.length) {
        start = position;
        window = fill(position, freshBytes(Math.min(WINDOW, size - position)));
      }
      return window.slice(position - start, position - start + length);
    },
    readInto(position, bytes) {
      if (bytes.length <= WINDOW / 4) return bytes.set(this.read(position, bytes.length));
      requireReadable(position, bytes.length);
      fill(position, bytes);
    },
    close() {
      if (open) closeSync(file);
      open = false;
    },
  };
}

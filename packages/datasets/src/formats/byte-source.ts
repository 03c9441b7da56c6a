import { closeSync, fstatSync, openSync, readSync } from 'node:fs';
import { InputError } from '@lacuna/core';
import { freshBytes } from './fresh-array.js';

/** A file, or bytes in memory, that readers take pieces of. */
export interface ByteSource {
  /** For messages: the path. */
  readonly name: string;
  readonly size: number;
  /**
   * A copy of some bytes, at the start of a buffer of its own.
   * @throws {InputError} for a piece that is not all inside.
   */
  read(position: number, length: number): Uint8Array;
  /**
   * Fills an array with the bytes from `position` on.
   * @throws {InputError} as {@link read}.
   */
  readInto(position: number, bytes: Uint8Array): void;
  close(): void;
}

/**
 * Small pieces (directories, tables) come out of a window of this many bytes, so that one call to the system serves
 * many.
 */
const WINDOW = 1 << 16;

/**
 * Bytes that one byte of a compressed stream can become at most, with room to spare: LZW 2730 (12 bits for a string of
 * 4096), deflate 1032, PackBits 64; Zstandard and JPEG have no such limit and get this one.
 */
export const MOST_EXPANSION = 4096;

/** A refusal of a file that cannot be whole. */
export function damagedFile(who: string, kind: string, what: string, cause?: unknown): InputError {
  return new InputError(
    {
      who,
      got: `a damaged or truncated ${kind} (${what})`,
      wanted: 'a whole image',
      remedy: 'export or copy it again',
    },
    cause === undefined ? {} : { cause },
  );
}

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

/** The same over bytes in memory. */
export function bytesInMemory(name: string, bytes: Uint8Array): ByteSource {
  return {
    name,
    size: bytes.length,
    read(position, length) {
      requireInside(name, position, length, bytes.length);
      return Uint8Array.prototype.slice.call(bytes, position, position + length);
    },
    readInto(position, target) {
      requireInside(name, position, target.length, bytes.length);
      target.set(bytes.subarray(position, position + target.length));
    },
    close: () => undefined,
  };
}

function requireInside(name: string, position: number, length: number, size: number): void {
  if (!(position >= 0 && length >= 0 && position + length <= size))
    throw damagedFile(name, 'file', `bytes ${position} to ${position + length} of ${size}`);
}

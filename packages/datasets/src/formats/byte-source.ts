import { InputError } from '@lacuna/core';

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

/** Bytes in memory, to be read in pieces. */
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

/** @throws {InputError} for a piece that is not all inside. */
export function requireInside(name: string, position: number, length: number, size: number): void {
  if (!(position >= 0 && length >= 0 && position + length <= size))
    throw damagedFile(name, 'file', `bytes ${position} to ${position + length} of ${size}`);
}

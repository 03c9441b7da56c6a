import { gunzipSync, inflateSync } from 'node:zlib';
import { InputError } from '@lacuna/core';
import { MOST_EXPANSION } from '../tiff/codecs.js';
import { decodeZstd } from '../zstd.js';
import type { CodecSpec } from './metadata.js';

interface Decoder {
  decode(bytes: Uint8Array): Uint8Array | Promise<Uint8Array>;
}
let blosc: Promise<Decoder> | undefined;
let lz4: Promise<Decoder> | undefined;

/** Codecs from bytes to bytes that chunks are read in. */
export const byteCodecs = ['gzip', 'zlib', 'zstd', 'blosc', 'lz4', 'crc32c'] as const;

/** Refuses chains with codecs that are not known. */
export function requireCodecs(who: string, codecs: readonly CodecSpec[]): void {
  const unknown = codecs.find(({ name }) => !byteCodecs.some((known) => known === name));
  if (unknown)
    throw new InputError({
      who,
      got: `codec ${unknown.name}`,
      wanted: byteCodecs.join(', '),
      remedy: 'write it again with zstd or without compression',
    });
}

/**
 * Undoes a chain of codecs, the last one first. Sizes that headers promise are compared with `length` before a decoder
 * believes them.
 * @param length bytes that the chunk has.
 * @throws {Error} for damaged bytes and other lengths.
 */
export async function decodeChunk(
  bytes: Uint8Array,
  codecs: readonly CodecSpec[],
  length: number,
): Promise<Uint8Array> {
  if (length > bytes.length * MOST_EXPANSION) throw new Error(`${bytes.length} bytes for a chunk of ${length}`);
  let out = bytes;
  // Between two compressors the length is not known: some room for bytes that did not shrink.
  const room = length + (length >> 3) + 1024;
  for (const { name } of [...codecs].reverse()) out = await decodeOne(name, out, room);
  if (out.length < length) throw new Error(`${out.length} of ${length} bytes of a chunk`);
  return out.length === length ? out : out.subarray(0, length);
}

async function decodeOne(name: string, bytes: Uint8Array, most: number): Promise<Uint8Array> {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  switch (name) {
    case 'gzip':
      return gunzipSync(bytes, { maxOutputLength: most });
    case 'zlib':
      return inflateSync(bytes, { maxOutputLength: most });
    case 'zstd':
      return decodeZstd(bytes, most);
    case 'crc32c': {
      if (bytes.length < 4 || view.getUint32(bytes.length - 4, true) !== crc32c(bytes.subarray(0, -4)))
        throw new Error('a checksum that does not match');
      return bytes.subarray(0, -4);
    }
    case 'lz4':
      if (bytes.length < 4 || view.getUint32(0, true) > most) throw new Error('LZ4 of another size');
      lz4 ??= import('numcodecs/lz4').then(({ default: Lz4 }) => new Lz4());
      return (await lz4).decode(bytes);
    default:
      requireBloscHeader(bytes, view, most);
      blosc ??= import('numcodecs/blosc').then(({ default: Blosc }) => new Blosc());
      return (await blosc).decode(bytes);
  }
}

/** Blosc 1: version, inner version, flags, size of a value, then sizes of all bytes, of a block and of the stream. */
function requireBloscHeader(bytes: Uint8Array, view: DataView, most: number): void {
  if (bytes.length < 16) throw new Error('a Blosc header cut short');
  const plain = view.getUint32(4, true);
  const block = view.getUint32(8, true);
  const packed = view.getUint32(12, true);
  const valueSize = bytes[3];
  if (
    plain > most ||
    packed !== bytes.length ||
    block > plain ||
    valueSize === 0 ||
    bytes[0] > 2 ||
    (plain > 0 && block === 0)
  )
    throw new Error('a Blosc header that does not fit the chunk');
  // Blocks lie in the order of a table of their starts; each must be inside. Stored bytes have no table.
  if (bytes[2] & 2) {
    if (plain + 16 > bytes.length) throw new Error('stored Blosc bytes cut short');
    return;
  }
  for (let i = 0, blocks = Math.ceil(plain / Math.max(1, block)); i < blocks; i++) {
    const at = 16 + 4 * i;
    if (at + 4 > bytes.length) throw new Error('a Blosc table cut short');
    const start = view.getUint32(at, true);
    if (start < 16 + 4 * blocks || start + 4 > bytes.length) throw new Error('a Blosc block outside the chunk');
  }
}

const table = Uint32Array.from({ length: 256 }, (_, byte) => {
  let value = byte;
  for (let bit = 0; bit < 8; bit++) value = value & 1 ? (value >>> 1) ^ 0x82f63b78 : value >>> 1;
  return value;
});

/** CRC-32C (Castagnoli), as Zarr's checksums use it. */
export function crc32c(bytes: Uint8Array): number {
  let crc = 0xffffffff;
  for (let i = 0; i < bytes.length; i++) crc = table[(crc ^ bytes[i]) & 255] ^ (crc >>> 8);
  return ~crc >>> 0;
}

import { InputError } from '@lacuna/core';
import { MOST_EXPANSION } from '../byte-source.js';
import { inflateGzip, inflateZlib } from '../native-codecs.js';
import { decodeZstd } from '../zstd.js';
import { crc32c } from './crc32c.js';

interface Decoder {
  decode(bytes: Uint8Array): Uint8Array | Promise<Uint8Array>;
}

/** Undoes one codec; sizes that headers promise are compared with `most` before a decoder believes them. */
type Decode = (bytes: Uint8Array, most: number) => Uint8Array | Promise<Uint8Array>;

let blosc: Promise<Decoder> | undefined;
let lz4: Promise<Decoder> | undefined;

const decoders: Record<string, Decode> = {
  gzip: inflateGzip,
  zlib: inflateZlib,
  zstd: decodeZstd,
  blosc: decodeBlosc,
  lz4: decodeLz4,
  crc32c: withoutChecksum,
};

/** Codecs from bytes to bytes that chunks are read in. */
const byteCodecs = Object.keys(decoders);

/** What zarrita tells a codec of the array that it works for. */
interface ChunkMetadata {
  readonly dataType: string;
  readonly shape: readonly number[];
}

type Zarrita = typeof import('zarrita');

let zarrita: Promise<Zarrita> | undefined;

/** Zarrita with the codecs of this file, loaded when the first chunk is read: most calls meet no Zarr. */
export const loadZarrita = (): Promise<Zarrita> => (zarrita ??= import('zarrita').then(withOwnCodecs));

/** In place of zarrita's own codecs: these hold to sizes, check sums, and do not hang on broken frames. */
function withOwnCodecs(library: Zarrita): Zarrita {
  for (const [name, decode] of Object.entries(decoders)) {
    const codec = {
      fromConfig: (_: unknown, metadata: ChunkMetadata) => decoderOf(name, decode, metadata),
    };
    const entry = (() => codec) as unknown as Parameters<Zarrita['registry']['set']>[1];
    library.registry.set(name, entry);
    library.registry.set(`numcodecs.${name}`, entry);
  }
  return library;
}

/** A codec as zarrita calls it, for the chunks of one array. */
function decoderOf(name: string, decode: Decode, { dataType, shape }: ChunkMetadata) {
  const length = (shape.reduce((product, size) => product * size, 1) * Number(/\d+$/.exec(dataType)?.[0] ?? 8)) / 8;
  return {
    kind: 'bytes_to_bytes' as const,
    encode: () => {
      throw new Error('arrays are only read here');
    },
    decode: async (bytes: Uint8Array) => {
      if (length > bytes.length * MOST_EXPANSION) throw new Error(`${bytes.length} bytes for a chunk of ${length}`);
      // Between two compressors the length is not known: some room for bytes that did not shrink.
      const most = length + (length >> 3) + 1024;
      const decoded = await decode(bytes, most);
      if (decoded.length > most) throw new Error(`${decoded.length} bytes in a chunk of ${length}`);
      return decoded;
    },
    computeEncodedSize: (size: number) => size + (name === 'crc32c' ? 4 : 0),
  };
}

/**
 * Refuses codecs that are not known.
 * @throws {InputError} with those that are.
 */
export function requireCodecs(who: string, names: readonly string[]): void {
  const unknown = names.find((name) => !byteCodecs.includes(name.replace(/^numcodecs\./, '')));
  if (unknown !== undefined)
    throw new InputError({
      who,
      got: `codec ${unknown}`,
      wanted: byteCodecs.join(', '),
      remedy: 'write it again with zstd or without compression',
    });
}

async function decodeLz4(bytes: Uint8Array, most: number): Promise<Uint8Array> {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (bytes.length < 4 || view.getUint32(0, true) > most) throw new Error('LZ4 of another size');
  lz4 ??= import('numcodecs/lz4').then(({ default: Lz4 }) => new Lz4());
  return (await lz4).decode(bytes);
}

async function decodeBlosc(bytes: Uint8Array, most: number): Promise<Uint8Array> {
  requireBloscHeader(bytes, new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength), most);
  blosc ??= import('numcodecs/blosc').then(({ default: Blosc }) => new Blosc());
  return (await blosc).decode(bytes);
}

function withoutChecksum(bytes: Uint8Array): Uint8Array {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const end = bytes.length - 4;
  if (end < 0 || view.getUint32(end, true) !== crc32c(bytes.subarray(0, end)))
    throw new Error('a checksum that does not match');
  return bytes.subarray(0, end);
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

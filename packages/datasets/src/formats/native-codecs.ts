import * as zlib from 'node:zlib';
import { loadSharp } from './sharp.js';

/** Undoes deflate in zlib's wrapping, into one buffer of the size that is expected; some room beyond is given. */
export function inflateZlib(bytes: Uint8Array, expected: number): Uint8Array {
  return zlib.inflateSync(bytes, roomFor(expected));
}

/** Undoes deflate in gzip's wrapping, as {@link inflateZlib}. */
export function inflateGzip(bytes: Uint8Array, expected: number): Uint8Array {
  return zlib.gunzipSync(bytes, roomFor(expected));
}

const roomFor = (expected: number) => ({
  chunkSize: Math.max(64, expected + 1),
  maxOutputLength: 2 * expected + (1 << 16),
});

/** Deflate in zlib's wrapping, at its usual level. */
export function deflateZlib(bytes: Uint8Array): Uint8Array {
  return zlib.deflateSync(bytes, { level: 6 });
}

type Decompress = (bytes: Uint8Array, options: { chunkSize: number; maxOutputLength: number }) => Uint8Array;

/**
 * Node's own Zstandard from 22.15 on, three times as fast. Its threads are not used: for the small chunks of images,
 * handing them over takes longer than they do.
 */
export const decompressZstd = (zlib as { zstdDecompressSync?: Decompress }).zstdDecompressSync;

/** Pixels of a JPEG, channels last. */
export interface DecodedJpeg {
  readonly data: Uint8Array;
  readonly width: number;
  readonly height: number;
  readonly channels: number;
}

/** Decodes a JPEG inside a TIFF. @throws {Error} where it is damaged. */
export async function decodeJpegStream(_who: string, stream: Uint8Array, channels: number): Promise<DecodedJpeg> {
  const sharp = await loadSharp();
  const { data, info } = await sharp(stream, { failOn: 'truncated' })
    .toColourspace(channels === 1 ? 'b-w' : 'srgb')
    .raw()
    .toBuffer({ resolveWithObject: true });
  return { data, width: info.width, height: info.height, channels: info.channels };
}

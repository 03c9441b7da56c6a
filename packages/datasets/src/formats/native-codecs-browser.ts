// What stands in browsers for native-codecs.ts, by the field `browser` of package.json.
import { InputError } from '@lacuna/core';
import { Gunzip, Unzlib, zlibSync } from 'fflate';
import type { DecodedJpeg } from './native-codecs.js';

/** Bytes that go in at a time: each becomes at most 1032, and none is inflated beyond the end of what is expected. */
const PIECE = 1 << 14;

export function inflateZlib(bytes: Uint8Array, expected: number): Uint8Array {
  return inflated(bytes, expected, Unzlib);
}

export function inflateGzip(bytes: Uint8Array, expected: number): Uint8Array {
  return inflated(bytes, expected, Gunzip);
}

function inflated(bytes: Uint8Array, expected: number, Stream: typeof Unzlib | typeof Gunzip): Uint8Array {
  const out = new Uint8Array(2 * expected + (1 << 16));
  let length = 0;
  const stream = new Stream((chunk) => {
    if (length + chunk.length > out.length) throw new Error(`more than ${out.length} bytes for ${expected}`);
    out.set(chunk, length);
    length += chunk.length;
  });
  for (let at = 0; at < bytes.length; at += PIECE)
    stream.push(bytes.subarray(at, at + PIECE), at + PIECE >= bytes.length);
  return out.subarray(0, length);
}

export function deflateZlib(bytes: Uint8Array): Uint8Array {
  return zlibSync(bytes, { level: 6 });
}

/** Browsers have none: the codec in WebAssembly is taken. */
export const decompressZstd = undefined;

export async function decodeJpegStream(who: string): Promise<DecodedJpeg> {
  throw new InputError({
    who,
    got: 'JPEG inside a TIFF, which this page does not read',
    wanted: 'a TIFF without compression, or with LZW, deflate, PackBits or Zstandard',
    remedy: 'save it again without compression or with LZW',
  });
}

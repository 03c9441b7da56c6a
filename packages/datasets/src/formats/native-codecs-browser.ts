// What stands in browsers for native-codecs.ts, by the field `browser` of package.json.
import { InputError } from '@lacuna/core';
import { unzlibSync, zlibSync } from 'fflate';
import type { DecodedJpeg } from './native-codecs.js';

export function inflateZlib(bytes: Uint8Array, expected: number): Uint8Array {
  const out = unzlibSync(bytes, { out: new Uint8Array(2 * expected + (1 << 16)) });
  return out;
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

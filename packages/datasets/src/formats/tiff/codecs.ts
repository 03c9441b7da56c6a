import { InputError } from '@lacuna/core';
import { MOST_EXPANSION, damagedFile } from '../byte-source.js';
import { decodeJpegStream, inflateZlib } from '../native-codecs.js';
import type { TiffPage } from './page.js';
import { decodeZstd } from '../zstd.js';

/** TIFF's Compression. */
export const NONE = 1;
export const LZW = 5;
const DEFLATE = 8;
const OLD_DEFLATE = 32946;
const JPEG = 7;
const PACKBITS = 32773;
const ZSTD = 50000;
const others: Record<number, string> = {
  2: 'CCITT',
  3: 'CCITT fax 3',
  4: 'CCITT fax 4',
  6: 'old JPEG',
  33003: 'JPEG 2000',
  33004: 'JPEG 2000',
  33005: 'JPEG 2000',
  34712: 'JPEG 2000',
  34887: 'LERC',
  34925: 'LZMA',
  50001: 'WebP',
  50002: 'JPEG XL',
  34892: 'DNG JPEG',
};

/** Compressions that chunks can be read in. */
export function requireCodec(who: string, { compression, photometric, predictor, bits, format }: TiffPage): void {
  const named = others[compression];
  if (![NONE, LZW, JPEG, DEFLATE, PACKBITS, OLD_DEFLATE, ZSTD].includes(compression)) {
    throw new InputError({
      who,
      got: `compression ${compression}${named ? ` (${named})` : ''}`,
      wanted: 'no compression, LZW, deflate, PackBits, Zstandard or JPEG',
      remedy: 'save it again without compression or with LZW',
    });
  }
  if (compression === JPEG && bits !== 8)
    throw new InputError({
      who,
      got: `JPEG of ${bits} bits`,
      wanted: '8 bits',
      remedy: 'save it again without compression or with LZW',
    });
  requirePhotometric(who, photometric, compression);
  const fits =
    predictor === 1 ||
    (predictor === 2 && (bits === 8 || bits === 16 || bits === 32 || bits === 64)) ||
    (predictor === 3 && format === 3 && bits >= 16);
  if (!fits)
    throw new InputError({
      who,
      got: `predictor ${predictor} with ${bits} bits`,
      wanted: 'none, horizontal (8, 16, 32 bits) or floating point',
      remedy: 'save it again without a predictor',
    });
}

/** TIFF's PhotometricInterpretation, as far as pixels of it are read. */
export const WHITE_IS_ZERO = 0;
const BLACK_IS_ZERO = 1;
const RGB = 2;
export const PALETTE = 3;
const YCBCR = 6;
const otherColours: Record<number, string> = {
  4: 'a transparency mask',
  5: 'inks (CMYK)',
  6: 'luminance and chrominance (YCbCr) without JPEG',
  8: 'CIE L*a*b*',
  9: 'ICC L*a*b*',
  10: 'ITU L*a*b*',
  32803: 'raw camera data (a colour filter array)',
  32844: 'LogL',
  32845: 'LogLuv',
  34892: 'linear raw camera data',
};

function requirePhotometric(who: string, photometric: number, compression: number): void {
  const known = [WHITE_IS_ZERO, BLACK_IS_ZERO, RGB, PALETTE].includes(photometric);
  // libvips turns the luminance and chrominance of JPEG to colours.
  if (known || (photometric === YCBCR && compression === JPEG)) return;
  throw new InputError({
    who,
    got: otherColours[photometric] ?? `photometric interpretation ${photometric}`,
    wanted: 'grey, RGB or palette pixels',
    remedy: 'save it again as grey or RGB',
  });
}

/**
 * Checks that so many bytes can become so many.
 * @throws {InputError} before memory is taken for what cannot come out.
 */
export function requireExpansion(who: string, count: number, length: number): void {
  if (length > count * MOST_EXPANSION) throw damagedFile(who, 'TIFF', `${count} bytes for ${length} of pixels`);
}

/**
 * The bytes of a chunk in deflate, PackBits, Zstandard or JPEG. Some writers store more than a chunk needs: what is
 * beyond `length` is left out.
 * @throws {InputError} for fewer bytes than `length`.
 */
export function decompress(
  who: string,
  bytes: Uint8Array,
  length: number,
  page: TiffPage,
): Uint8Array | Promise<Uint8Array> {
  switch (page.compression) {
    case DEFLATE:
    case OLD_DEFLATE:
      return whole(who, inflate(who, bytes, length), length);
    case PACKBITS:
      return whole(who, decodePackBits(bytes, length), length);
    case ZSTD:
      return decodeZstd(bytes, length).then(
        (out) => whole(who, out, length),
        (error: unknown) => {
          throw damagedFile(who, 'TIFF', (error as Error).message, error);
        },
      );
    default:
      return decodeJpeg(who, bytes, page).then((out) => whole(who, out, length));
  }
}

function whole(who: string, bytes: Uint8Array, length: number): Uint8Array {
  if (bytes.length < length) throw damagedFile(who, 'TIFF', `${bytes.length} of ${length} bytes of a strip or tile`);
  return bytes.length === length ? bytes : bytes.subarray(0, length);
}

/** Undoes deflate in zlib's wrapping, into one buffer of the size that is expected. */
function inflate(who: string, bytes: Uint8Array, length: number): Uint8Array {
  try {
    return inflateZlib(bytes, length);
  } catch (error) {
    throw damagedFile(who, 'TIFF', (error as Error).message, error);
  }
}

/** PackBits (TIFF 6.0, section 9): n in 0..127 copies n + 1 bytes, n in -127..-1 repeats the next byte 1 - n times. */
function decodePackBits(bytes: Uint8Array, length: number): Uint8Array {
  const out = new Uint8Array(length);
  let at = 0;
  let to = 0;
  while (at < bytes.length && to < length) {
    const n = (bytes[at++] << 24) >> 24;
    if (n >= 0) {
      const end = Math.min(at + n + 1, bytes.length);
      while (at < end && to < length) out[to++] = bytes[at++];
    } else if (n > -128) {
      const end = Math.min(length, to + 1 - n);
      out.fill(bytes[at++] ?? 0, to, end);
      to = end;
    }
  }
  return out.subarray(0, to);
}

/** "Adobe" marker that says: these components are colours as they are, not luminance and chrominance. */
const asRgb = Uint8Array.from([0xff, 0xee, 0, 14, 0x41, 0x64, 0x6f, 0x62, 0x65, 0, 100, 0, 0, 0, 0, 0]);

async function decodeJpeg(
  who: string,
  bytes: Uint8Array,
  { jpegTables, photometric, samples, separate, chunkWidth, chunkHeight }: TiffPage,
): Promise<Uint8Array> {
  if (bytes[0] !== 0xff || bytes[1] !== 0xd8) throw damagedFile(who, 'TIFF', 'a tile that is no JPEG');
  // Shared tables are a stream of their own: without its end, and the tile without its start, they make one.
  const tables =
    jpegTables && jpegTables.length > 4 ? jpegTables.subarray(2, jpegTables.length - 2) : new Uint8Array(0);
  const stream = joined([
    bytes.subarray(0, 2),
    photometric === YCBCR || samples !== 3 ? new Uint8Array(0) : asRgb,
    tables,
    bytes.subarray(2),
  ]);
  const channels = separate ? 1 : samples;
  let decoded: Awaited<ReturnType<typeof decodeJpegStream>>;
  try {
    decoded = await decodeJpegStream(who, stream, channels);
  } catch (error) {
    if (error instanceof InputError) throw error;
    throw damagedFile(who, 'TIFF', (error as Error).message.split('\n')[0], error);
  }
  if (decoded.width !== chunkWidth || decoded.channels !== channels || decoded.height > chunkHeight)
    throw damagedFile(who, 'TIFF', `a tile of ${decoded.width} x ${decoded.height}, ${decoded.channels} channels`);
  return decoded.data;
}

function joined(parts: readonly Uint8Array[]): Uint8Array {
  const out = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    out.set(part, at);
    at += part.length;
  }
  return out;
}

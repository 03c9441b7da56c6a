import { statSync } from 'node:fs';
import type { SharpOptions } from 'sharp';
import { InputError } from '@lacuna/core';
import { damagedFile } from './byte-source.js';
import type { OpenImage } from './open-image.js';
import { pixelsImage } from './pixels-image.js';
import { loadSharp } from './sharp.js';

/** Pixels of a PNG or JPEG at most; its size follows from its header alone. */
const MOST_PIXELS = 2 ** 28;
/**
 * Bytes of pixels that one byte of a PNG (deflate: 1032) or JPEG (a bit for 64 pixels of a flat colour) can become,
 * with room to spare.
 */
const EXPANSION = 4096;

/**
 * Opens a PNG of 8 or 16 bits or a JPEG. Alpha is dropped, palettes become colours, colour profiles are not applied.
 * These formats are decoded as a whole, at the first region that is asked for, and kept at their own 1 or 2 bytes a
 * value.
 * @throws {InputError} for damaged files, inks (CMYK), and for more than 2^28 pixels.
 */
export async function openRaster(path: string, kind: 'png' | 'jpeg', bytes?: Uint8Array): Promise<OpenImage> {
  const input = bytes ?? path;
  const size = bytes?.length ?? statSync(path).size;
  const sharp = await loadSharp();
  // A colour profile says how a screen shows the numbers: they are measurements, and stay what they are.
  const reader = (options: SharpOptions = {}) =>
    sharp(input, { limitInputPixels: MOST_PIXELS, ignoreIcc: true, ...options });
  const {
    depth,
    channels: stored = 1,
    hasAlpha = false,
    width,
    height,
    format,
    orientation = 1,
    space,
  } = await attempt(path, kind, () => reader().metadata());
  if (space === 'cmyk')
    throw new InputError({
      who: path,
      got: 'inks (CMYK)',
      wanted: 'intensities: grey or RGB',
      remedy: 'save it again as RGB or grey',
    });
  const wide = depth === 'ushort';
  const channels = stored - (hasAlpha ? 1 : 0) === 1 ? 1 : 3;
  if (!width || !height || format !== kind) throw damagedFile(path, kind.toUpperCase(), 'no size');
  if (width * height * channels * (wide ? 2 : 1) > EXPANSION * size + (1 << 16))
    throw damagedFile(path, kind.toUpperCase(), `${size} bytes for ${width} x ${height}`);
  const kept = colourSpace(wide, channels);
  const decode = async () => {
    // Without a colour space sharp turns grey into three channels and 16 bits into 8. Alpha is no measurement.
    const { data } = await attempt(path, kind, () =>
      reader({ failOn: 'truncated' })
        .removeAlpha()
        .toColourspace(kept)
        .raw({ depth: wide ? 'ushort' : 'uchar' })
        .toBuffer({ resolveWithObject: true }),
    );
    const values = wide ? new Uint16Array(data.buffer, data.byteOffset, data.length / 2) : data;
    if (values.length !== width * height * channels)
      throw damagedFile(path, kind.toUpperCase(), `${values.length} values for ${width} x ${height}`);
    return values;
  };
  return pixelsImage({
    path,
    width,
    height,
    channels,
    bits: wide ? 16 : 8,
    notes: [
      ...(hasAlpha ? ['alpha is left out'] : []),
      ...(orientation > 1 ? [`orientation ${orientation} (EXIF) is not applied: rows and columns are as stored`] : []),
    ],
    decode,
  });
}

/** The colour space in which sharp keeps channels and bits as they are. */
export function colourSpace(wide: boolean, channels: number): 'b-w' | 'grey16' | 'srgb' | 'rgb16' {
  if (channels === 1) return wide ? 'grey16' : 'b-w';
  return wide ? 'rgb16' : 'srgb';
}

async function attempt<T>(path: string, kind: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw damagedFile(path, kind.toUpperCase(), (error as Error).message.split('\n')[0], error);
  }
}

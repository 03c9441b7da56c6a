import { statSync } from 'node:fs';
import { basename } from 'node:path';
import sharp from 'sharp';
import { InputError } from '@lacuna/core';
import { damagedFile } from './byte-source.js';
import type { OpenImage } from './open-image.js';
import { fullRegion, targetOf } from './region.js';

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
  // A colour profile says how a screen shows the numbers: they are measurements, and stay what they are.
  const reader = (options: sharp.SharpOptions = {}) =>
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
  let pixels: Promise<Uint8Array | Uint16Array> | undefined;
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
  const image: OpenImage = {
    name: basename(path),
    path,
    width,
    height,
    depth: 1,
    frames: 1,
    channels,
    dtype: wide ? 'uint16' : 'uint8',
    bits: wide ? 16 : 8,
    dataRange: [0, wide ? 65535 : 255],
    axes: channels > 1 ? 'yxc' : 'yx',
    pixelSize: null,
    channelLayout: 'interleaved',
    software: '',
    notes: [
      ...(hasAlpha ? ['alpha is left out'] : []),
      ...(orientation > 1 ? [`orientation ${orientation} (EXIF) is not applied: rows and columns are as stored`] : []),
    ],
    async readRegion(region, into) {
      const wanted = fullRegion(image, region);
      const { x, y, width: across, height: down, first, take } = wanted;
      const values = await (pixels ??= decode());
      const out = targetOf(image, wanted, into);
      if (across === width && take === channels) {
        out.set(values.subarray(y * width * channels, (y + down) * width * channels));
        return out;
      }
      let to = 0;
      for (let row = y; row < y + down; row++) {
        for (let column = x; column < x + across; column++) {
          const at = (row * width + column) * channels;
          for (let c = first; c < first + take; c++) out[to++] = values[at + c]!;
        }
      }
      return out;
    },
    async close() {
      pixels = undefined;
    },
  };
  return image;
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

import { InputError, diskFailure, withAtomicFile, type Image } from '@lacuna/core';
import { colourSpace } from './raster.js';
import { loadSharp } from './sharp.js';

/**
 * Writes a plane of one or three channels as PNG of 8 or 16 bits; values are rounded and kept within the type, not
 * stretched. The file appears under its name whole or not at all.
 * @throws {InputError} for volumes and other numbers of channels.
 * @throws {FailureError} where the disk refuses.
 */
export async function writePng(path: string, image: Image, options: { readonly bits: 8 | 16 }): Promise<void> {
  const { width, height, depth, channels, data } = image;
  if (depth !== 1 || (channels !== 1 && channels !== 3))
    throw new InputError({
      who: `writePng ${image.name}`,
      got: `${depth} planes of ${channels} channels`,
      wanted: 'one plane of 1 or 3 channels',
      remedy: 'write a TIFF',
    });
  const wide = options.bits === 16;
  const top = wide ? 65535 : 255;
  const values = wide ? new Uint16Array(data.length) : new Uint8Array(data.length);
  for (let i = 0; i < data.length; i++) values[i] = Math.min(top, Math.max(0, Math.round(data[i])));
  const space = colourSpace(wide, channels);
  const wanted = 'an image written whole';
  const remedy = 'choose another folder';
  const sharp = await loadSharp();
  await withAtomicFile(
    path,
    async (temporary) => {
      try {
        await sharp(values, { raw: { width, height, channels } }).toColourspace(space).png().toFile(temporary);
      } catch (error) {
        throw diskFailure(path, error, wanted, remedy);
      }
    },
    { wanted, remedy },
  );
}

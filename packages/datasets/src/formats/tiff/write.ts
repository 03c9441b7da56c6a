import { writeFileAtomic, type Image } from '@lacuna/core';
import { encodeTiff, type TiffOptions } from './encode.js';

/**
 * Writes an image or volume as {@link encodeTiff} makes it. The file appears under its name whole or not at
 * all.
 * @throws {FailureError} where the disk refuses.
 * @throws {InputError} above 4 GB, which classic TIFF cannot address.
 */
export function writeTiff(path: string, image: Image, options: TiffOptions): void {
  writeFileAtomic(path, encodeTiff(image, options), {
    wanted: 'an image written whole',
    remedy: 'choose another folder',
  });
}

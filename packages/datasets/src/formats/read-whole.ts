import { InputError, createImage, describeShape, type Image } from '@lacuna/core';
import { MOST_EXPANSION, damagedFile } from './byte-source.js';
import { freshFloats } from './fresh-array.js';
import { rangeOf, widened } from './intensity-range.js';
import type { OpenImage } from './open-image.js';

/** What one array of float32 may hold here. */
const MOST_VALUES = 2 ** 30;

/**
 * One time point of an open image, in memory.
 * @param size of its file in bytes: what cannot come out of so few is refused before memory is taken.
 * @throws {InputError} also for more than 2^30 values: such files are read by region.
 */
export async function readWhole(image: OpenImage, size: number, t = 0): Promise<Image> {
  const { width, height, depth, channels, path, name, pixelSize } = image;
  const plane = width * height * channels;
  const values = plane * depth;
  if (values > MOST_VALUES)
    throw new InputError({
      who: path,
      got: `${values} values`,
      wanted: `at most ${MOST_VALUES}, 4 GB in memory`,
      remedy: 'cut it into parts, or read it by region',
    });
  if ((values * image.bits) / 8 > MOST_EXPANSION * size + (1 << 20))
    throw damagedFile(path, 'file', `${size} bytes for ${describeShape(image)}`);
  const data = freshFloats(values);
  for (let z = 0; z < depth; z++) await image.readRegion({ t, z }, data.subarray(z * plane, (z + 1) * plane));
  return createImage({
    data,
    width,
    height,
    depth,
    channels,
    dataRange: image.dataRange ?? widened(rangeOf(data, path)),
    pixelSize,
    name,
  });
}

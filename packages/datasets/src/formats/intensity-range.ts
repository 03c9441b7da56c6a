import { InputError } from '@lacuna/core';
import type { OpenImage } from './open-image.js';

/** Values that are looked at in one go. */
const STEP = 1 << 22;

/**
 * Smallest and largest intensity of a whole file, read in bands of rows. A constant image gets a range of one.
 * @throws {InputError} for NaN or infinite pixels.
 */
export async function measureRange(image: OpenImage): Promise<readonly [number, number]> {
  const rows = Math.max(1, Math.floor(STEP / (image.width * image.channels)));
  let low = Infinity;
  let high = -Infinity;
  for (let plane = 0; plane < image.frames * image.depth; plane++) {
    const t = Math.floor(plane / image.depth);
    const z = plane % image.depth;
    for (let y = 0; y < image.height; y += rows) {
      const band = await image.readRegion({ t, z, y, height: Math.min(rows, image.height - y) });
      const range = rangeOf(band, image.path);
      low = Math.min(low, range[0]);
      high = Math.max(high, range[1]);
    }
  }
  return widened([low, high]);
}

/** A constant image gets a range of one. */
export function widened([low, high]: readonly [number, number]): readonly [number, number] {
  return low === high ? [low, low + 1] : [low, high];
}

/**
 * Smallest and largest of some intensities.
 * @throws {InputError} for NaN or infinite ones.
 */
export function rangeOf(data: Float32Array, who: string): [number, number] {
  let low = Infinity;
  let high = -Infinity;
  let sum = 0;
  for (let i = 0; i < data.length; i++) {
    const value = data[i];
    if (value < low) low = value;
    if (value > high) high = value;
    sum += value;
  }
  // One NaN or infinity makes the sum one too.
  if (!Number.isFinite(sum))
    throw new InputError({
      who,
      got: 'NaN or infinite pixels',
      wanted: 'finite intensities',
      remedy: 'replace them, for example with the background',
    });
  return [low, high];
}

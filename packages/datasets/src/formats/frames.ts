import { InputError } from '@lacuna/core';
import type { OpenImage } from './open-image.js';

/**
 * One time point of an image, as an image of its own.
 * @param time which, from 0; without it the image must have one alone.
 * @throws {InputError} for several time points without a choice, and for one that is not there.
 */
export function oneFrame(image: OpenImage, time?: number): OpenImage {
  const { frames, path } = image;
  if (time === undefined && frames > 1)
    throw new InputError({
      who: path,
      got: `${frames} time points`,
      wanted: 'one',
      remedy: 'save the time point as a file of its own',
    });
  const t = time ?? 0;
  if (!Number.isInteger(t) || t < 0 || t >= frames)
    throw new InputError({
      who: path,
      got: `time point ${t}`,
      wanted: frames === 1 ? '0, the only one' : `0 to ${frames - 1}`,
    });
  if (frames === 1) return image;
  return {
    ...image,
    frames: 1,
    axes: image.axes.replace('t', ''),
    readRegion: (region, into) => image.readRegion({ ...region, t }, into),
  };
}

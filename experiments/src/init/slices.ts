import { pearson, smooth } from '@lacuna/iqa';
import { median } from '@lacuna/core';
import type { FoundImage } from './images.js';
import { readMiddle } from './sample.js';

/** Neighbours that are compared, and the correlation from which on they are taken as slices of one volume. */
const COMPARED = 4;
const ALIKE = 0.5;
/** Fewer files are hardly a stack. */
const FEWEST = 6;

/**
 * Whether planes are consecutive slices of one volume: files of one size, numbered, whose neighbours look alike. Taken
 * as specimens, what is tested would have been seen in training.
 */
export async function areSlices(images: readonly FoundImage[], channel: number): Promise<boolean> {
  const [{ width, height }] = images;
  const isNumbered = images.every(
    (image) => image.width === width && image.height === height && image.depth === 1 && /\d/.test(image.name),
  );
  if (!isNumbered || images.length < FEWEST || images.some(({ frames }) => frames > 1)) return false;
  const alike: number[] = [];
  for (let k = 0; k < COMPARED; k++) {
    const at = Math.floor(((k + 0.5) * (images.length - 1)) / COMPARED);
    const [one, next] = [await readMiddle(images[at], channel), await readMiddle(images[at + 1], channel)];
    const isFlat = [one, next].some(({ data }) => data.every((value) => value === data[0]));
    if (!isFlat) alike.push(pearson(smooth(one, 2), smooth(next, 2)) ?? 0);
  }
  return alike.length > 0 && median(alike) >= ALIKE;
}

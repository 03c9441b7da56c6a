import { InputError } from '@lacuna/core';
import { requireFinite, type Intensities } from '../../intensities.js';

/** Smallest and largest foreground, as multiples of the network's own share of the image. */
const SMALLEST = 1 / 16;
const LARGEST = 8;
/** Of the pixels; more is no network. */
const LARGEST_SHARE = 0.9;

/**
 * Levels that cut images into foregrounds of 1/16 to 8 times a share (at most .9 of the pixels), in equal ratios.
 * @param images together they give one list. @param share the network's share of the pixels, above 0.
 * @returns falling levels, fewer than `count` where intensities are equal.
 * @throws {InputError} for fewer than 2 levels, no images, or values that are not finite.
 */
export function levelsByShare(images: readonly Intensities[], share: number, count: number): number[] {
  if (!Number.isInteger(count) || count < 2)
    throw new InputError({ who: 'levels', got: String(count), wanted: 'a whole number of at least 2' });
  if (images.length === 0) throw new InputError({ who: 'levels', got: 'no images', wanted: 'at least one' });
  for (const image of images) requireFinite('levels', 'image', image);
  const sorted = new Float64Array(images.reduce((sum, { data }) => sum + data.length, 0));
  let to = 0;
  for (const { data } of images) {
    sorted.set(data, to);
    to += data.length;
  }
  sorted.sort();
  const n = sorted.length;
  const largest = Math.min(LARGEST_SHARE, LARGEST * share);
  const ratio = (largest / (SMALLEST * share)) ** (1 / (count - 1));
  const levels = new Set<number>();
  for (let k = 0; k < count; k++) {
    const above = Math.round(n * SMALLEST * share * ratio ** k);
    levels.add(sorted[Math.max(0, n - 1 - Math.max(1, above))]);
  }
  return [...levels];
}

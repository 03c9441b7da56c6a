import type { Image } from '@lacuna/core';
import { projected } from '../figures/projections.js';
import type { EvidenceCell, ValuedLine } from '../figures/index.js';
import type { MeasuredBranch } from '../network/measured.js';

/** Branches as lines in the plane of an image, each with its value. */
export function linesOf(
  { branches }: { readonly branches: readonly Pick<MeasuredBranch, 'pixels'>[] },
  { width, height }: Pick<Image, 'width' | 'height'>,
  values: readonly (number | null)[],
): ValuedLine[] {
  return branches.map(({ pixels }, i) => ({
    points: Array.from(pixels).flatMap((pixel) => [(pixel % width) + 0.5, (Math.floor(pixel / width) % height) + 0.5]),
    value: values[i],
  }));
}

/** Share of the pixels of a picture that may be brighter than white. */
const BRIGHTER = 0.002;

/** What pictures of an enlarged image have in common: the image seen along z, and its window. */
export type Shown = Pick<EvidenceCell, 'image' | 'window' | 'pixelSize'>;

/** An image as figures of evidence show it. */
export function shownImage(sr: Image): Shown {
  const image = projected(sr);
  const sorted = image.data.slice().sort();
  const low = sorted[0];
  const high = sorted[Math.round((1 - BRIGHTER) * (sorted.length - 1))];
  return { image, window: [low, high > low ? high : low + 1], pixelSize: sr.pixelSize };
}

import type { Image } from '@lacuna/core';
import { projected } from '../figures/volumes/projections.js';
import type { EvidenceCell, ValuedLine } from '../figures/index.js';
import type { MeasuredBranch } from '../network/measured.js';
import type { Subject } from './subject.js';

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

/** Share of the centreline that may be brighter than white: cells are much brighter than what leads to them. */
const BRIGHTER_OF_NETWORK = 0.1;
/** Share of the pixels of a picture that may be brighter than white. */
const BRIGHTER = 0.002;

/** What pictures of an enlarged image have in common: the image seen along z, and its window. */
export type Shown = Pick<EvidenceCell, 'image' | 'window' | 'pixelSize'>;

/** An enlarged image in a window in which its network is seen, beside whatever is much brighter. */
export function shownNetwork({ restored, read }: Pick<Subject, 'restored' | 'read'>): Shown {
  const { image } = restored;
  const shown = shownImage(image);
  const [low, high] = shown.window;
  const along = image.data.filter((_, i) => read.skeleton.data[i] === 1).sort();
  const top = along[Math.floor((1 - BRIGHTER_OF_NETWORK) * (along.length - 1))] ?? high;
  return { ...shown, window: [low, top > low ? Math.min(top, high) : high] };
}

/** An image as figures of evidence show it. */
export function shownImage(sr: Image): Shown {
  const image = projected(sr);
  const sorted = image.data.slice().sort();
  const low = sorted[0];
  const high = sorted[Math.round((1 - BRIGHTER) * (sorted.length - 1))];
  return { image, window: [low, high > low ? high : low + 1], pixelSize: sr.pixelSize };
}

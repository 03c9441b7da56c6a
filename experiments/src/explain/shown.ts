import type { Image } from '@lacuna/core';
import { projected } from '../figures/projections.js';
import type { BranchEvidenceData, ValuedLine } from '../figures/index.js';
import type { MeasuredBranch, MeasuredNetwork } from '../network/measured.js';

/** Branches as lines in the plane of an image, each with its value. */
export function linesOf(
  { branches }: Pick<MeasuredNetwork, 'branches'>,
  { width, height }: Pick<Image, 'width' | 'height'>,
  values: readonly (number | null)[],
): ValuedLine[] {
  return branches.map(({ pixels }, i) => ({
    points: Array.from(pixels).flatMap((pixel) => [(pixel % width) + 0.5, (Math.floor(pixel / width) % height) + 0.5]),
    value: values[i],
  }));
}

/** Ends of the window of a picture: darkest pixel, and the share of pixels that may be brighter than white. */
const BRIGHTER = 0.002;

/** An enlarged image, seen along z, as figures of branches show it. */
export function evidencePicture(sr: Image): Pick<BranchEvidenceData, 'image' | 'window' | 'pixelSize' | 'heading'> {
  const image = projected(sr);
  const sorted = image.data.slice().sort();
  const low = sorted[0];
  const high = sorted[Math.round((1 - BRIGHTER) * (sorted.length - 1))];
  return { image, window: [low, high > low ? high : low + 1], pixelSize: sr.pixelSize, heading: 'Enlarged' };
}

/** Mean of a number over the length of the branches that have it; null where none has. */
export function lengthMean(branches: readonly MeasuredBranch[], values: readonly (number | null)[]): number | null {
  let sum = 0;
  let total = 0;
  branches.forEach(({ length }, i) => {
    const value = values[i];
    if (value === null) return;
    sum += length * value;
    total += length;
  });
  return total > 0 ? sum / total : null;
}

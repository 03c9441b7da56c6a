import { median, type Image } from '@lacuna/core';
import {
  countForeground,
  distanceTransform,
  labelComponents,
  networkThreshold,
  otsuThreshold,
  skeletonize,
  smooth,
  threshold,
  type Mask,
} from '@lacuna/iqa';

/** How the spec tells networks from the rest, and what that gives. */
export interface NetworkRule {
  readonly threshold: 'otsu' | 'network';
  /** Sigma in px before the level. */
  readonly smoothing: number;
  /** One level for all images, bright networks, each image in [0, 1]. */
  readonly level: number;
  /** Share of the pixels above the level. */
  readonly share: number;
}

/** Below this share of the pixels Otsu's level tends to split the background's noise. */
const SPARSE = 0.1;
/** Of the contrast; below it half a pixel of smoothing is enough. */
const LITTLE_NOISE = 0.03;
/** Fewest pixels of a piece of network; smaller ones are specks of noise. */
const FEWEST = 16;

/**
 * The level at the edges of the network where that one fills little, else Otsu's.
 * @param images bright networks in [0, 1].
 * @param noise standard deviation, of the contrast.
 */
export function chooseRule(images: readonly Image[], noise: number): NetworkRule {
  const smoothing = noise < LITTLE_NOISE ? 0.5 : 1;
  const smoothed = images.map((image) => smooth(image, smoothing));
  const shareAbove = (level: number) => {
    const above = smoothed.reduce((sum, image) => sum + countForeground(threshold(image, level)), 0);
    return above / smoothed.reduce((sum, { data }) => sum + data.length, 0);
  };
  const edges = networkThreshold(smoothed);
  const share = shareAbove(edges);
  if (share < SPARSE) return { threshold: 'network', smoothing, level: edges, share };
  const data = Float64Array.from(smoothed.flatMap((image) => [...image.data]));
  const level = otsuThreshold({ data, width: data.length, height: 1, depth: 1, channels: 1 });
  return { threshold: 'otsu', smoothing, level, share: shareAbove(level) };
}

/** The network of an image of [0, 1] by a rule, without specks. */
export function networkOf(image: Image, { smoothing, level }: NetworkRule): Mask {
  const mask = threshold(smooth(image, smoothing), level);
  const { labels, count } = labelComponents(mask, { connectivity: 'full' });
  const sizes = new Uint32Array(count + 1);
  for (const label of labels) sizes[label]++;
  const data = mask.data.map((value, i) => (value === 1 && sizes[labels[i]] >= FEWEST ? 1 : 0));
  return { ...mask, data };
}

/**
 * Median width of a network in px: 2 d - 1 on its centreline, d the distance to the nearest pixel outside. Smoothing
 * widens lines of a pixel or two.
 * @returns null where there is no network, or nothing else.
 */
export function widthOf(mask: Mask): number | null {
  if (!mask.data.includes(1) || !mask.data.includes(0)) return null;
  const distances = distanceTransform(mask);
  const skeleton = skeletonize(mask);
  const widths = [...distances].filter((_, i) => skeleton.data[i] === 1).map((distance) => 2 * distance - 1);
  return widths.length === 0 ? null : median(widths);
}

import { cropImage, type Image } from '@lacuna/core';
import { filterPlanes } from '@lacuna/datasets';
import { smooth } from '@lacuna/iqa';
import { noiseLevel } from '../../init/measure.js';
import { bestOverlap, type Samples } from './best-overlap.js';

/** Sigma of what is smoothed away as noise, px of the scan. */
const FINE = 1;
/** Sigma of what is taken off as background: uneven light is wider, structures are narrower. */
const WIDE = 4;
/** Share of the smaller scan that both must show. */
const SHARED = 0.5;
/** Pixels of scans that are compared as they are: larger ones are averaged. */
const MOST_PIXELS = 2 ** 18;
/** Share of the variance that is structure, below which a scan says nothing of its field. */
const LEAST_RELIABILITY = 0.25;
/**
 * How far structures agree, but for noise, from which two scans are of one field. Measured: docs/explain.md; other
 * places of parallel lines at nearly even distances reach it first.
 */
const ONE_FIELD = 0.87;

/**
 * How far two scans show the same structures, 1 of one field whatever its noise, brightness and uneven light:
 *
 *     c / √(r₁ r₂),   r = 1 - noise variance / variance
 *
 * the correlation of both, without background (a Gaussian of 4 px), where it is best among all shifts at which they
 * share half of the smaller one, corrected for noise (Spearman, Am. J. Psychol. 15, 72, 1904).
 * @returns null where noise leaves less than a quarter of either's variance, so that nobody can tell.
 */
export function fieldAgreement(a: Image, b: Image): number | null {
  const shrink = Math.ceil(Math.sqrt(Math.max(a.width * a.height, b.width * b.height) / MOST_PIXELS));
  const [first, second] = [a, b].map((image) => structuresOf(averaged(image, shrink)));
  if (Math.min(first.reliability, second.reliability) < LEAST_RELIABILITY) return null;
  const best = bestOverlap(first, second, SHARED);
  return best === null ? null : best.correlation / Math.sqrt(first.reliability * second.reliability);
}

/** Whether two scans are of one field, as far as can be told. */
export const isOneField = (a: Image, b: Image): boolean => (fieldAgreement(a, b) ?? 0) > ONE_FIELD;

/** Means over squares of pixels, plane by plane. */
function averaged(image: Image, side: number): Image {
  if (side === 1) return image;
  const kernel = Array.from({ length: side }, () => 1 / side);
  return filterPlanes(image, { kernel, offset: 0 }, side);
}

function structuresOf(image: Image): Samples & { readonly reliability: number } {
  const structures = withoutBackground(image);
  const noise = NOISE_LEFT * noiseLevel(middlePlane(image)) ** 2;
  const { data } = structures;
  const variance = data.reduce((sum, value) => sum + value * value, 0) / data.length;
  return { ...structures, reliability: variance === 0 ? 0 : Math.max(0, 1 - noise / variance) };
}

function withoutBackground(image: Image): Samples & { readonly data: Float64Array } {
  const fine = smooth(image, FINE).data;
  const wide = smooth(image, WIDE).data;
  const { width, height, depth } = image;
  return { data: Float64Array.from(fine, (value, i) => value - wide[i]), width, height, depth };
}

const middlePlane = (image: Image): Image =>
  cropImage(image, { ...image, x: 0, y: 0, z: Math.floor(image.depth / 2), depth: 1 });

/** Share of the variance of white noise that is left without the background: ∫ (g₁ - g₂)² of both Gaussians. */
const NOISE_LEFT = (1 / (4 * FINE ** 2) + 1 / (4 * WIDE ** 2) - 1 / (FINE ** 2 + WIDE ** 2)) / Math.PI;

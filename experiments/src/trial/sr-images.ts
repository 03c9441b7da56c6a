import { join } from 'node:path';
import { makeFolder, type Image } from '@lacuna/core';
import { denormalise, writeTiff } from '@lacuna/datasets';
import type { Pixels } from '@lacuna/models';
import { writeJson } from '../machine/json-file.js';
import { layout, type Scale } from '../sweep/results/results.js';
import type { Pair } from './data/pair.js';
import type { PreparedData } from './data/prepare.js';

/** An image or a volume as models take it. */
export const pixelsOf = ({ data, width, height, depth, channels }: Image): Pixels => ({
  data,
  width,
  height,
  ...(depth === 1 ? {} : { depth }),
  channels,
});

/** What a method made of a pair's LR image, as an image at the HR image's place and pixel size. */
export const srImage = ({ data, width, height, depth = 1 }: SrPixels, pair: Pair): Image => ({
  ...pair.hr,
  data,
  width,
  height,
  depth,
});

type SrPixels = Pick<Pixels, 'data' | 'width' | 'height' | 'depth' | 'network'>;

/** Values in [0, 1], as scores take them. */
export const clip = (image: Image): Image => ({
  ...image,
  data: image.data.map((value) => Math.min(1, Math.max(0, value))),
});

/** What a method made of an LR image: the image and, of a model with a head, its probability of network. */
export interface Estimate extends Image {
  readonly network?: Image;
}

/** Values in [0, 1] and the head's probability, at a pair's place. */
export function estimateOf(made: SrPixels, pair: Pair): Estimate {
  const image = clip(srImage(made, pair));
  return made.network === undefined ? image : { ...image, network: { ...image, data: made.network } };
}

/** SR images of pairs, one after another: memory holds the work of one. */
export async function estimateAll(
  pairs: readonly Pair[],
  enlarge: (lr: Image) => Promise<SrPixels>,
): Promise<Estimate[]> {
  const images: Estimate[] = [];
  for (const pair of pairs) images.push(estimateOf(await enlarge(pair.lr), pair));
  return images;
}

/**
 * HR, LR and SR of the first test region as TIFF, in the instrument's numbers where they are known; of a synthetic one
 * also its true network: 1, and 2 on its centreline.
 */
export function saveImages(folder: string, pair: Pair, sr: Image, data: PreparedData): void {
  const range = data.source.images[0].dataRange;
  const images = { hr: pair.hr, lr: pair.lr, sr };
  for (const [name, image] of Object.entries(images)) {
    const numbers = denormalise(image, data.normalisation, range);
    writeTiff(join(layout.images(folder), `${name}.tif`), numbers, { type: 'float32' });
  }
  if (!pair.truth) return;
  const { mask, skeleton } = pair.truth;
  const truth = { ...pair.hr, data: Float32Array.from(mask.data, (value, i) => (skeleton.data[i] ? 2 : value)) };
  writeTiff(join(layout.images(folder), 'truth.tif'), truth, { type: 'uint8', compression: 'deflate' });
}

/** Name of the image that {@link saveGiven} writes. */
export const GIVEN = 'given';

/** The share of the halves of the light that give each pixel of the first test region, 0..255 of 255. */
export function saveGiven(folder: string, given: Image): void {
  makeFolder(layout.images(folder));
  const levels: Image = { ...given, dataRange: [0, 255], data: given.data.map((share) => Math.round(255 * share)) };
  writeTiff(join(layout.images(folder), `${GIVEN}.tif`), levels, { type: 'uint8', compression: 'deflate' });
}

/** How the trial's images become [0, 1], and the network's level there. */
export function saveScale(folder: string, { normalisation, level }: PreparedData): void {
  makeFolder(layout.images(folder));
  writeJson(layout.scale(folder), { normalisation, level } satisfies Scale);
}

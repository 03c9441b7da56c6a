import { cropImage, type Image } from '@lacuna/core';
import type { LoadedSource, Region } from '@lacuna/datasets';
import { createMask, type Mask } from '@lacuna/iqa';
import type { Pair } from './pair.js';
import type { Dimensions } from './dimensions.js';
import { imagesOf, skeletonsOf } from './planes.js';

/**
 * The network that is known to be in each region of a synthetic source; null everywhere for others.
 * @param images of the source as models see them, in which regions name theirs.
 */
export function truthOfRegions(
  source: LoadedSource,
  images: readonly Image[],
  dimensions: Dimensions,
): (region: Region) => Pair['truth'] {
  if (!source.truth) return () => null;
  const masks = source.truth.flatMap(({ mask }) => imagesOf(mask, dimensions));
  const skeletons = source.truth.flatMap(({ mask, skeleton }) => skeletonsOf(mask, skeleton, dimensions));
  return ({ box }) => {
    const which = images.findIndex((image) => image.name === box.image);
    return { mask: maskIn(masks[which], box), skeleton: maskIn(skeletons[which], box) };
  };
}

/** A region of a true mask. */
function maskIn(image: Image, { x, y, z, width, height, depth }: Region['box']): Mask {
  return createMask(cropImage(image, { x, y, z, width, height, depth }).data, width, height, depth);
}

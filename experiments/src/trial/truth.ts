import { cropImage, type Image } from '@lacuna/core';
import type { LoadedSource, Region } from '@lacuna/datasets';
import { createMask, type Mask } from '@lacuna/iqa';
import type { Pair } from './pair.js';
import { planeSkeletons, planesOf } from './planes.js';

/**
 * The network that is known to be in each region of a synthetic source; null everywhere for others.
 * @param planes of the source's images, in which regions name theirs.
 */
export function truthOfRegions(source: LoadedSource, planes: readonly Image[]): (region: Region) => Pair['truth'] {
  if (!source.truth) return () => null;
  const masks = source.truth.flatMap(({ mask }) => planesOf(mask));
  const skeletons = source.truth.flatMap(({ mask, skeleton }) => planeSkeletons(mask, skeleton));
  return ({ box }) => {
    const which = planes.findIndex((plane) => plane.name === box.image);
    return { mask: maskIn(masks[which], box), skeleton: maskIn(skeletons[which], box) };
  };
}

/** A region of a true mask. */
function maskIn(plane: Image, { x, y, width, height }: Region['box']): Mask {
  return createMask(cropImage(plane, { x, y, width, height }).data, width, height);
}

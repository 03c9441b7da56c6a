import type { Image, Rng } from '@lacuna/core';
import { splitNoise, type DegradationSpec } from '@lacuna/datasets';
import { distanceToMask, skeletonize, type Mask } from '@lacuna/iqa';

/** What halves of a scan are restored and read by. */
export interface GivenOptions {
  readonly degradation: DegradationSpec;
  /** What networks are read from: the enlarged image, or the probability of a head. */
  readonly restore: (lr: Image) => Promise<Image>;
  readonly segment: (image: Image) => Mask;
  /** px of x within which two centrelines are one. */
  readonly tolerance: number;
  readonly splits: number;
  readonly rng: Rng;
}

/**
 * Which places of a network halves of the light give: at each fine pixel the share, 0..1, of the halves whose
 * centreline passes within the tolerance. The mean along a branch is the share of it that a half gives, as
 * `splitIntoHalves` counts; a map serves the branches of any network of this place.
 */
export async function givenMap(lr: Image, fine: Image, options: GivenOptions): Promise<Image> {
  const { degradation, restore, segment, tolerance, splits, rng } = options;
  const data = new Float32Array(fine.data.length);
  // Lengths of planes are in px; voxels differ along z.
  const spacing = { x: 1, y: 1, z: fine.pixelSize?.z === undefined ? 1 : fine.pixelSize.z / fine.pixelSize.x };
  for (let split = 0; split < splits; split++) {
    for (const half of splitNoise(lr, degradation, rng.fork(split))) {
      const skeleton = skeletonize(segment(await restore(half)));
      if (!skeleton.data.includes(1)) continue;
      const distance = distanceToMask(skeleton, { spacing });
      distance.forEach((value, i) => {
        if (value <= tolerance) data[i] += 1 / (2 * splits);
      });
    }
  }
  return { ...fine, data };
}

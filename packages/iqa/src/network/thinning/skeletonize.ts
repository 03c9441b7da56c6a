import type { Mask } from '../../mask.js';
import { thinVolume } from './thin-volume.js';
import { thinZhang } from './thin-zhang.js';

/** The skeleton that every network metric uses: Zhang's in planes, topology-preserving thinning in volumes. */
export function skeletonize(mask: Mask): Mask {
  return mask.depth === 1 ? thinZhang(mask) : thinVolume(mask);
}

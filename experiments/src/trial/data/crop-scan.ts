import { cropImage, type Image } from '@lacuna/core';
import type { Factors, RegionBox } from '@lacuna/datasets';

/** A block of HR pixels. */
type Block = Omit<RegionBox, 'image'>;

/** The part of a scan that shows a block of HR pixels, which begins and ends between LR pixels nowhere. */
export function cropScan(scan: Image, { x, y, z, width, height, depth }: Block, factors: Factors): Image {
  return cropImage(scan, {
    x: x / factors.x,
    y: y / factors.y,
    z: z / factors.z,
    width: width / factors.x,
    height: height / factors.y,
    depth: depth / factors.z,
  });
}

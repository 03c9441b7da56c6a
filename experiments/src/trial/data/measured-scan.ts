import { InputError, describeShape, type Image } from '@lacuna/core';
import { describeFactor, type Factors, type Region } from '@lacuna/datasets';
import { cropScan } from './crop-scan.js';

/** The HR images of a data set that brings its LR scans, in one order. */
export interface MeasuredScans {
  readonly images: readonly Image[];
  readonly scans: readonly Image[];
  /** How many HR pixels an LR pixel is wide, high and deep. */
  readonly factors: Factors;
}

/**
 * The measured LR scan of a region.
 * @throws {InputError} where the sizes are not the factor apart, or the region begins between LR pixels.
 */
export function measuredScan(region: Region, { images, scans, factors }: MeasuredScans): Image {
  const which = images.findIndex((image) => image.name === region.box.image);
  const scan = scans[which];
  const image = images[which];
  const isApart =
    scan.width * factors.x === image.width &&
    scan.height * factors.y === image.height &&
    scan.depth * factors.z === image.depth;
  if (!isApart) {
    const wanted = {
      ...image,
      width: image.width / factors.x,
      height: image.height / factors.y,
      depth: image.depth / factors.z,
    };
    throw new InputError({
      who: scan.name,
      got: `${describeShape(scan)} for HR of ${describeShape(image)}`,
      wanted: `${describeShape(wanted)} (factor ${describeFactor(factors)})`,
      remedy: 'set degradation.factor to the ratio of the pixel sizes',
    });
  }
  const { x, y, z } = region.box;
  if (x % factors.x !== 0 || y % factors.y !== 0 || z % factors.z !== 0)
    throw new InputError({
      who: scan.name,
      got: `a region at ${x}, ${y}${image.depth > 1 ? `, ${z}` : ''}`,
      wanted: `corners divisible by ${describeFactor(factors)}`,
      remedy: 'set split.guard to a multiple of the factor',
    });
  return cropScan(scan, region.box, factors);
}

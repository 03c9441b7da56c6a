import { InputError, cropImage, type Image } from '@lacuna/core';
import type { Region } from '@lacuna/datasets';

/** The HR planes of a data set that brings its LR scans, in one order. */
export interface MeasuredScans {
  readonly planes: readonly Image[];
  readonly scans: readonly Image[];
  /** How many HR pixels an LR pixel is wide. */
  readonly factor: number;
}

/**
 * The measured LR scan of a region.
 * @throws {InputError} where the sizes are not `factor` apart, or the region begins between LR pixels.
 */
export function measuredScan(region: Region, { planes, scans, factor }: MeasuredScans): Image {
  const which = planes.findIndex((plane) => plane.name === region.box.image);
  const scan = scans[which];
  const plane = planes[which];
  if (scan.width * factor !== plane.width || scan.height * factor !== plane.height) {
    throw new InputError({
      who: scan.name,
      got: `${scan.width} x ${scan.height} for HR of ${plane.width} x ${plane.height}`,
      wanted: `${plane.width / factor} x ${plane.height / factor} (factor ${factor})`,
      remedy: 'set degradation.factor to the ratio of the pixel sizes',
    });
  }
  const { x, y, width, height } = region.box;
  if (x % factor !== 0 || y % factor !== 0)
    throw new InputError({
      who: scan.name,
      got: `a region at ${x}, ${y}`,
      wanted: `corners divisible by ${factor}`,
      remedy: 'set split.guard to a multiple of the factor',
    });
  return cropImage(scan, { x: x / factor, y: y / factor, width: width / factor, height: height / factor });
}

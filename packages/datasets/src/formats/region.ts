import { InputError, ShapeError, describeShape } from '@lacuna/core';
import { freshFloats } from './fresh-array.js';
import type { ImageRegion, OpenImage } from './open-image.js';

/** Sizes that a region must lie inside. */
export type RegionSpace = Pick<OpenImage, 'name' | 'width' | 'height' | 'depth' | 'channels'> & {
  readonly frames?: number;
};

/** A region with nothing left out. */
export interface FullRegion {
  readonly x: number;
  readonly y: number;
  readonly z: number;
  readonly t: number;
  readonly width: number;
  readonly height: number;
  readonly first: number;
  readonly take: number;
}

/**
 * Fills in what a region leaves out.
 * @throws {InputError} for a region that is not all inside the image.
 */
export function fullRegion(image: RegionSpace, region: ImageRegion = {}): FullRegion {
  const { x = 0, y = 0, z = 0, t = 0, c } = region;
  const { width = image.width - x, height = image.height - y } = region;
  const { frames = 1 } = image;
  const inside =
    [x, y, z, t, width, height, c ?? 0].every((value) => Number.isInteger(value) && value >= 0) &&
    width >= 1 &&
    height >= 1 &&
    x + width <= image.width &&
    y + height <= image.height &&
    z < image.depth &&
    t < frames &&
    (c ?? 0) < image.channels;
  if (!inside) {
    const place = `plane ${z}${t > 0 ? ` of time point ${t}` : ''}${c === undefined ? '' : `, channel ${c}`}`;
    throw new InputError({
      who: `region of ${image.name}`,
      got: `${width} x ${height} at ${x},${y} of ${place}`,
      wanted: `a block inside ${describeShape(image)}${frames > 1 ? `, ${frames} time points` : ''}`,
    });
  }
  return { x, y, z, t, width, height, first: c ?? 0, take: c === undefined ? image.channels : 1 };
}

/**
 * Where a region's values go: `into`, else a new array that is not cleared.
 * @throws {ShapeError} for an array of another length.
 */
export function targetOf(
  image: Pick<OpenImage, 'name'>,
  { width, height, take }: FullRegion,
  into: Float32Array | undefined,
): Float32Array {
  const count = width * height * take;
  if (into && into.length !== count)
    throw new ShapeError({
      who: `region of ${image.name}`,
      got: `an array of ${into.length} values`,
      wanted: `${count}`,
    });
  return into ?? freshFloats(count);
}

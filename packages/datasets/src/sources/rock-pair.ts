import { InputError, createImage, describeShape, type Image, type PixelSize } from '@lacuna/core';

/** Crop n, from 1, lies at LR x = 15 · ((n - 1) mod 13), y = 15 · ((n - 1) div 13). */
const STEP = 15;
const PER_ROW = 13;
/** LR voxels that the crops fill without a gap, and side of a crop. */
const WIDTH = 210;
const HEIGHT = 45;
const SIDE = 30;

/** A crop of one of the two volumes of `rock-pair`. */
export interface Crop {
  /** From 1. */
  readonly number: number;
  readonly image: Image;
}

/**
 * The crops of one scan of `rock-pair` as the volume that they were cut from. They overlap by half; what two crops show
 * must be the same.
 * @param scale 1 for the coarse scan, 3 for the fine one.
 * @throws {InputError} for a crop of another size, overlaps that differ, and gaps.
 */
export function joinCrops(
  crops: readonly Crop[],
  { scale, pixelSize, name }: { readonly scale: number; readonly pixelSize: PixelSize; readonly name: string },
): Image {
  const side = SIDE * scale;
  const width = WIDTH * scale;
  const height = HEIGHT * scale;
  const data = new Float32Array(width * height * side).fill(Number.NaN);
  for (const { number, image } of crops) {
    if (image.width !== side || image.height !== side || image.depth !== side)
      throw new InputError({
        who: `${name}, crop ${number}`,
        got: describeShape(image),
        wanted: `${side} x ${side} x ${side}`,
      });
    const left = STEP * scale * ((number - 1) % PER_ROW);
    const top = STEP * scale * Math.floor((number - 1) / PER_ROW);
    let different = 0;
    for (let z = 0; z < side; z++)
      for (let y = 0; y < Math.min(side, height - top); y++)
        for (let x = 0; x < side; x++) {
          const at = (z * height + top + y) * width + left + x;
          const value = image.data[(z * side + y) * side + x];
          if (!Number.isNaN(data[at]) && data[at] !== value) different += 1;
          data[at] = value;
        }
    if (different > 0)
      throw new InputError({
        who: `${name}, crop ${number}`,
        got: `${different} voxels other than in the crops beside it`,
        wanted: 'crops of one volume, whose overlaps agree exactly',
      });
  }
  if (data.some((value) => Number.isNaN(value)))
    throw new InputError({ who: name, got: `${crops.length} crops that leave gaps`, wanted: 'all of them' });
  return createImage({ data, width, height, depth: side, dataRange: crops[0].image.dataRange, pixelSize, name });
}

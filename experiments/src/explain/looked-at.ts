import { cropImage, type Image } from '@lacuna/core';
import { byAxis, type Factors, type Box } from '@lacuna/datasets';
import { factorOf, type UpscaleModel } from '../upscale/open-model.js';

/** A part of a scan that goes through a network's own layers whole. */
export interface LookedAt {
  /** In coarse pixels. */
  readonly box: Box;
  readonly scan: Image;
  /** The same box in fine pixels. */
  readonly fine: Box;
}

/** Longest sides of such a part, in coarse pixels along every axis: of planes, of volumes. */
export type LongestSides = Readonly<Record<'plane' | 'volume', number>>;

/** The middle of a scan, of at most so many pixels along each axis, in whole multiples of what the model asks for. */
export function middleOf(lr: Image, model: UpscaleModel, sides: LongestSides): LookedAt {
  const isVolume = model.volume !== null;
  const [mz, my, mx] = isVolume ? model.volume.multiple : [1, model.run.multiple, model.run.multiple];
  const along = (length: number, multiple: number): readonly [from: number, size: number] => {
    const most = Math.min(length, isVolume ? sides.volume : sides.plane);
    const size = most - (most % multiple);
    const from = Math.floor((length - size) / 2);
    return [from - (from % multiple), size];
  };
  const [x, width] = along(lr.width, mx);
  const [y, height] = along(lr.height, my);
  const [z, depth] = isVolume ? along(lr.depth, mz) : [lr.depth >> 1, 1];
  const box = { x, y, z, width, height, depth };
  return { box, scan: cropImage(lr, box), fine: enlarged(box, byAxis(factorOf(model))) };
}

/** A box of coarse pixels on the fine grid. */
export const enlarged = (box: Box, { x, y, z }: Factors): Box => ({
  x: box.x * x,
  y: box.y * y,
  z: box.z * z,
  width: box.width * x,
  height: box.height * y,
  depth: box.depth * z,
});

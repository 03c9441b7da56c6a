import { createImage, type Image } from '@lacuna/core';
import { openImage } from '@lacuna/datasets';
import type { FoundImage } from './images.js';

/** A block of one plane, px. */
interface PlaneBox {
  readonly x: number;
  readonly y: number;
  readonly z: number;
  readonly width: number;
  readonly height: number;
}

/** Side of the part of an image that is measured, px: of a large file no more than that is read. */
const SIDE = 512;
/** Blocks of a plane along each side, and their side, from which the light over the whole field is read. */
const BLOCKS = 8;
const BLOCK_SIDE = 32;

/** A block of one channel of a plane, in the numbers of the file. */
export async function readPlane(image: FoundImage, box: PlaneBox, channel = 0): Promise<Image> {
  const open = await openImage(image.path);
  try {
    const data = await open.readRegion({ ...box, t: 0, c: channel });
    return asImage(image, box, data);
  } finally {
    await open.close();
  }
}

/** Planes of a volume that are measured: light falls off along z, and canals of one plane are not those of another. */
export function measuredPlanes({ depth }: FoundImage): number[] {
  return [...new Set([1, 2, 3].map((quarter) => Math.floor((quarter * depth) / 4)))];
}

const middlePlane = ({ depth }: FoundImage): number => Math.floor(depth / 2);

/** The middle of a plane, the middle one by default: at most 512 x 512 px. */
export function readMiddle(image: FoundImage, channel: number, z = middlePlane(image)): Promise<Image> {
  const width = Math.min(SIDE, image.width);
  const height = Math.min(SIDE, image.height);
  const x = Math.floor((image.width - width) / 2);
  const y = Math.floor((image.height - height) / 2);
  return readPlane(image, { x, y, z, width, height }, channel);
}

/** Small blocks, spread evenly over a plane, row by row; null where an image is too small for them. */
export async function readBlocks(image: FoundImage, channel: number, z: number): Promise<Float32Array[] | null> {
  const side = Math.min(BLOCK_SIDE, Math.floor(Math.min(image.width, image.height) / BLOCKS));
  if (side < 8) return null;
  const open = await openImage(image.path);
  const start = (length: number, i: number) => Math.round((i * (length - side)) / (BLOCKS - 1));
  try {
    const blocks: Float32Array[] = [];
    for (let row = 0; row < BLOCKS; row++)
      for (let column = 0; column < BLOCKS; column++)
        blocks.push(
          await open.readRegion({
            x: start(image.width, column),
            y: start(image.height, row),
            z,
            t: 0,
            c: channel,
            width: side,
            height: side,
          }),
        );
    return blocks;
  } finally {
    await open.close();
  }
}

function asImage(image: FoundImage, { width, height }: PlaneBox, data: Float32Array): Image {
  const finite = data.filter((value) => Number.isFinite(value));
  const low = finite.reduce((least, value) => Math.min(least, value), Infinity);
  const high = finite.reduce((most, value) => Math.max(most, value), -Infinity);
  const dataRange = image.dataRange ?? ([low, high > low ? high : low + 1] as const);
  return createImage({ data, width, height, dataRange, pixelSize: image.pixelSize, name: image.name });
}

import type { PixelSize } from '@lacuna/core';

/** Lengths of an image along x, y and z. */
interface Lengths {
  readonly width: number;
  readonly height: number;
  readonly depth: number;
}

/** A level of a pyramid: its lengths, and how many voxels of the first level one of its own spans along each axis. */
export interface Level extends Lengths {
  readonly span: { readonly x: number; readonly y: number; readonly z: number };
}

/** Voxels count as equally large up to this ratio: stated sizes are rounded. */
const ROUNDED = 1.01;

/**
 * Levels of a pyramid, the image itself first. Each halves x and y, and z too where its voxels are no coarser than
 * those of x and y, so that voxels become as high as they are wide and stay so; without a distance of planes z keeps
 * its length. The last has no side above `smallest` (z counts where its distance is known). Of odd lengths the last
 * row, column or plane is left out: every voxel is the mean of a whole block.
 */
export function planLevels(image: Lengths, pixelSize: PixelSize | null, smallest: number): Level[] {
  const distance = pixelSize?.z;
  const side = { x: pixelSize?.x ?? 1, y: pixelSize?.y ?? 1, z: distance ?? Infinity };
  let level: Level = { width: image.width, height: image.height, depth: image.depth, span: { x: 1, y: 1, z: 1 } };
  const levels = [level];
  while (Math.max(level.width, level.height, distance === undefined ? 1 : level.depth) > smallest) {
    const { width, height, depth, span } = level;
    const coarser = side.z * span.z > ROUNDED * Math.min(side.x * span.x, side.y * span.y);
    const by = { x: width > 1 ? 2 : 1, y: height > 1 ? 2 : 1, z: depth > 1 && !coarser ? 2 : 1 };
    if (by.x * by.y * by.z === 1) break;
    level = {
      width: Math.floor(width / by.x),
      height: Math.floor(height / by.y),
      depth: Math.floor(depth / by.z),
      span: { x: span.x * by.x, y: span.y * by.y, z: span.z * by.z },
    };
    levels.push(level);
  }
  return levels;
}

import type { ByAxis, Grid } from './grid.js';

/** LR voxels, from (inclusive) and to (exclusive) along each axis. */
export interface Box {
  readonly from: ByAxis;
  readonly to: ByAxis;
}

/** Calls with the index of each voxel of a box and its place. */
export function forEachVoxel(
  { width, height }: Grid,
  { from, to }: Box,
  visit: (index: number, at: ByAxis) => void,
): void {
  const at = { x: 0, y: 0, z: 0 };
  for (at.z = from.z; at.z < to.z; at.z++)
    for (at.y = from.y; at.y < to.y; at.y++)
      for (at.x = from.x; at.x < to.x; at.x++) visit((at.z * height + at.y) * width + at.x, at);
}

import type { Network } from './network.js';
import type { Raster } from './raster.js';
import type { Vector } from './vector.js';

/** Draws every branch, and from each lacuna's node a straight line to the places where its branches leave it. */
export function drawSkeleton(plane: Uint8Array, network: Network, raster: Raster): void {
  const draw = lineDrawer(plane, raster);
  for (const { points, from, to } of network.branches) {
    for (let i = 1; i < points.length; i++) draw(points[i - 1], points[i]);
    const first = network.nodes[from];
    const last = network.nodes[to];
    if (first.kind === 'lacuna') draw(first, points[0]);
    if (last.kind === 'lacuna') draw(points[points.length - 1], last);
  }
}

/**
 * Bresenham's line from pixel to pixel, 8-connected (26 in volumes) and one pixel wide: along the axis of most steps,
 * one pixel at a time; the other axes follow by their own error terms. Places on the far face count to the last pixel.
 */
function lineDrawer(plane: Uint8Array, { width, height, depth, pixel }: Raster): (from: Vector, to: Vector) => void {
  const cell = (value: number, side: number, count: number) =>
    Math.min(count - 1, Math.max(0, Math.floor(value / side)));
  return (from, to) => {
    let x = cell(from.x, pixel.x, width);
    let y = cell(from.y, pixel.y, height);
    let z = cell(from.z, pixel.z, depth);
    const toX = cell(to.x, pixel.x, width);
    const toY = cell(to.y, pixel.y, height);
    const toZ = cell(to.z, pixel.z, depth);
    const dx = Math.abs(toX - x);
    const dy = Math.abs(toY - y);
    const dz = Math.abs(toZ - z);
    const stepX = x < toX ? 1 : -1;
    const stepY = y < toY ? 1 : -1;
    const stepZ = z < toZ ? 1 : -1;
    const steps = Math.max(dx, dy, dz);
    let errorX = steps >> 1;
    let errorY = steps >> 1;
    let errorZ = steps >> 1;
    plane[(z * height + y) * width + x] = 1;
    for (let i = 0; i < steps; i++) {
      errorX -= dx;
      errorY -= dy;
      errorZ -= dz;
      if (errorX < 0) {
        x += stepX;
        errorX += steps;
      }
      if (errorY < 0) {
        y += stepY;
        errorY += steps;
      }
      if (errorZ < 0) {
        z += stepZ;
        errorZ += steps;
      }
      plane[(z * height + y) * width + x] = 1;
    }
  };
}

import type { Mask, Spacing } from '../../mask.js';
import { distanceTransform } from './distance.js';

/**
 * Local thickness (Hildebrand and Rüegsegger 1997, doi 10.1046/j.1365-2818.1997.1340694.x): at each foreground pixel
 * the diameter of the largest ball inside the mask that holds the pixel's centre; 0 in the background.
 *
 * A ball's radius is the distance to the nearest background pixel's centre, and its diameter twice that, less one pixel
 * (the smallest spacing), so that a plate w pixels wide (w odd) has thickness w. Balls that lie inside a neighbour's
 * are left out first, the others are painted from small to large.
 * @param options.spacing size of a pixel along each axis, 1 px by default.
 * @returns float64 in the unit of the spacing; Infinity everywhere in a mask without background.
 */
export function localThickness(mask: Mask, { spacing = { x: 1, y: 1 } }: { spacing?: Spacing } = {}): Float64Array {
  const { width, height, depth } = mask;
  const { x: sx, y: sy, z: sz = 1 } = spacing;
  const radius = distanceTransform(mask, { spacing });
  const pixel = Math.min(sx, sy, depth > 1 ? sz : Infinity);
  const plane = width * height;
  const out = new Float64Array(radius.length);
  if (radius.some((r) => r === Infinity)) return out.fill(Infinity);
  const centres: number[] = [];
  for (let z = 0, i = 0; z < depth; z++)
    for (let y = 0; y < height; y++)
      for (let x = 0; x < width; x++, i++) {
        if (radius[i] > 0 && !insideNeighbour(x, y, z, i)) centres.push(i);
      }
  centres.sort((a, b) => radius[a] - radius[b]);
  for (const i of centres) {
    // A hair less than r²: the square of a rounded root may exceed the square itself, and reach the background pixel at
    // distance r.
    const r = radius[i];
    const diameter = 2 * r - pixel;
    const r2 = r * r * (1 - 1e-12);
    const x = i % width;
    const y = Math.floor(i / width) % height;
    const z = Math.floor(i / plane);
    const reachZ = depth > 1 ? Math.floor(r / sz) : 0;
    const reachY = Math.floor(r / sy);
    const reachX = Math.floor(r / sx);
    for (let w = Math.max(0, z - reachZ); w <= Math.min(depth - 1, z + reachZ); w++) {
      for (let v = Math.max(0, y - reachY); v <= Math.min(height - 1, y + reachY); v++) {
        const rest = r2 - ((w - z) * sz) ** 2 - ((v - y) * sy) ** 2;
        for (let u = Math.max(0, x - reachX); u <= Math.min(width - 1, x + reachX); u++) {
          if (((u - x) * sx) ** 2 < rest) out[w * plane + v * width + u] = diameter;
        }
      }
    }
  }
  return out;

  function insideNeighbour(x: number, y: number, z: number, i: number): boolean {
    for (let dz = depth > 1 ? -1 : 0; dz <= (depth > 1 ? 1 : 0); dz++)
      for (let dy = -1; dy <= 1; dy++)
        for (let dx = -1; dx <= 1; dx++) {
          if (
            x + dx < 0 ||
            y + dy < 0 ||
            z + dz < 0 ||
            x + dx >= width ||
            y + dy >= height ||
            z + dz >= depth ||
            !(dx || dy || dz)
          )
            continue;
          if (radius[i + dz * plane + dy * width + dx] >= radius[i] + Math.hypot(dx * sx, dy * sy, dz * sz))
            return true;
        }
    return false;
  }
}

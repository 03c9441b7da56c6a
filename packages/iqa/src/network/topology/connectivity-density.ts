import type { Connectivity, Mask, Spacing } from '../../mask.js';
import { contributions } from './betti.js';

/**
 * The change of the Euler number that a sample makes to the body it was cut from: cells in a face of the image count
 * half, in an edge a quarter, in a corner an eighth (Odgaard and Gundersen 1993, doi 10.1016/8756-3282(93)90245-6; what
 * BoneJ calls Δχ), as if the structure went on beyond the edge in its mirror image. 0 for a block that is all
 * foreground, and for a bar that goes through.
 */
export function eulerChange(mask: Mask, { connectivity = 'full' }: { connectivity?: Connectivity } = {}): number {
  const { data, width, height, depth } = mask;
  const volume = depth > 1;
  const table = contributions(connectivity);
  let sum = 0;
  for (let z = 0; z <= depth; z++) {
    for (let y = 0; y <= height; y++) {
      for (let x = 0; x <= width; x++) {
        // At the edge the image is mirrored, which counts cells beside the edge twice and those in it once: half of
        // that is wanted.
        const x0 = Math.max(0, x - 1);
        const x1 = Math.min(width - 1, x);
        const y0 = Math.max(0, y - 1);
        const y1 = Math.min(height - 1, y);
        const below = volume ? Math.max(0, z - 1) : z - 1;
        const above = volume ? Math.min(depth - 1, z) : z;
        let code = 0;
        if (below >= 0) {
          const row = below * height;
          code |= corner(data, (row + y0) * width, (row + y1) * width, x0, x1);
        }
        if (above < depth) {
          const row = above * height;
          code |= corner(data, (row + y0) * width, (row + y1) * width, x0, x1) << 4;
        }
        if (code === 0) continue;
        let weight = 1;
        if (x === 0 || x === width) weight /= 2;
        if (y === 0 || y === height) weight /= 2;
        if (volume && (z === 0 || z === depth)) weight /= 2;
        sum += weight * table[code];
      }
    }
  }
  return sum / 8;
}

/** Columns x0 and x1 of the rows that begin at `up` and `down`, as four bits. */
function corner(data: Uint8Array, up: number, down: number, x0: number, x1: number): number {
  return data[up + x0] | (data[up + x1] << 1) | (data[down + x0] << 2) | (data[down + x1] << 3);
}

/**
 * Connectivity density, (1 - Δχ) / size: trabeculae (loops) per volume, or per area in planes. Of use for one connected
 * structure.
 * @returns null for an empty mask: the formula's 1 stands for a structure that is there.
 */
export function connectivityDensity(
  mask: Mask,
  { spacing = { x: 1, y: 1 }, connectivity = 'full' }: { spacing?: Spacing; connectivity?: Connectivity } = {},
): number | null {
  if (!mask.data.includes(1)) return null;
  const size = mask.data.length * spacing.x * spacing.y * (mask.depth > 1 ? (spacing.z ?? 1) : 1);
  return (1 - eulerChange(mask, { connectivity })) / size;
}

import type { Mask, Spacing } from '../../mask.js';

/** A step to a pixel nearby. */
interface Step {
  readonly x: number;
  readonly y: number;
  readonly z: number;
  readonly distance: number;
}

/**
 * Asks of single pixels whether the foreground lies within a distance: for the few pixels of a centreline that is many
 * times as fast as a distance transform of the whole image, and gives the same answer.
 * @param distance in the unit of the spacing.
 */
export function nearMask(mask: Mask, distance: number, spacing: Spacing): (index: number) => boolean {
  const { data, width, height, depth } = mask;
  const steps = stepsWithin(distance, spacing, depth > 1);
  return (index) => {
    const x = index % width;
    const y = Math.floor(index / width) % height;
    const z = Math.floor(index / (width * height));
    for (const step of steps) {
      const [u, v, w] = [x + step.x, y + step.y, z + step.z];
      const isInside = u >= 0 && v >= 0 && w >= 0 && u < width && v < height && w < depth;
      if (isInside && data[(w * height + v) * width + u]) return true;
    }
    return false;
  };
}

/** Near ones first. */
function stepsWithin(limit: number, { x: sx, y: sy, z: sz = 1 }: Spacing, isVolume: boolean): Step[] {
  const reach = (spacing: number) => Math.floor(limit / spacing);
  const deep = isVolume ? reach(sz) : 0;
  const steps: Step[] = [];
  for (let z = -deep; z <= deep; z++) {
    for (let y = -reach(sy); y <= reach(sy); y++) {
      for (let x = -reach(sx); x <= reach(sx); x++) {
        const distance = Math.sqrt((x * sx) ** 2 + (y * sy) ** 2 + (z * sz) ** 2);
        if (distance <= limit) steps.push({ x, y, z, distance });
      }
    }
  }
  return steps.sort((a, b) => a.distance - b.distance);
}

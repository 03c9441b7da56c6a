import { requireSameSize, type Intensities } from '../intensities.js';

/** One plane of a volume, sharing its memory. */
function planeOf(grid: Intensities, z: number): Intensities {
  const size = grid.width * grid.height * grid.channels;
  return { ...grid, data: grid.data.subarray(z * size, (z + 1) * size), depth: 1 };
}

/** Mean over the planes of two volumes of a metric that is defined on planes. @throws {ShapeError} if sizes differ. */
export function meanOverPlanes(
  who: string,
  reference: Intensities,
  estimate: Intensities,
  metric: (reference: Intensities, estimate: Intensities) => number,
): number {
  requireSameSize(who, reference, estimate);
  let sum = 0;
  for (let z = 0; z < reference.depth; z++) sum += metric(planeOf(reference, z), planeOf(estimate, z));
  return sum / reference.depth;
}

/** Mean over the planes of one volume of a measure that some planes may not have; how many have it. */
export function meanWhereDefined(
  grid: Intensities,
  measure: (plane: Intensities) => number | null,
): { value: number | null; planes: number } {
  let sum = 0;
  let planes = 0;
  for (let z = 0; z < grid.depth; z++) {
    const value = measure(planeOf(grid, z));
    if (value === null) continue;
    sum += value;
    planes++;
  }
  return { value: planes > 0 ? sum / planes : null, planes };
}

import { InputError, describeShape } from '@lacuna/core';
import { requireDataRange, requireOneChannel, requirePair, type Intensities } from '../intensities.js';
import { filterValid, multiply, type Float64Plane } from './planes.js';
import { gaussianWeights } from './gaussian.js';

const RADIUS = 5;
const SIZE = 2 * RADIUS + 1;

/**
 * Structural similarity of volumes under an 11 x 11 x 11 Gaussian window of σ 1.5, mean over voxels at least 5 from
 * every face; formula and constants of `ssim`, which takes a volume plane by plane. Equals scikit-image on a 3D array
 * with `gaussian_weights=True, sigma=1.5, use_sample_covariance=False`. Voxels count alike along z: a stack of coarse z
 * steps is compared over a longer way there.
 * @param options.dataRange L, mandatory.
 * @returns in [-1, 1], 1 for identical volumes.
 * @throws {InputError} below 11 x 11 x 11. @throws {ShapeError} if sizes differ, and for more than one channel.
 */
export function ssimVolume(
  reference: Intensities,
  estimate: Intensities,
  { dataRange }: { dataRange: number },
): number {
  requireDataRange('ssimVolume', dataRange);
  requirePair('ssimVolume', reference, estimate);
  requireOneChannel('ssimVolume', reference);
  const { width, height, depth } = reference;
  if (Math.min(width, height, depth) < SIZE)
    throw new InputError({
      who: 'ssimVolume',
      got: describeShape(reference),
      wanted: `at least ${SIZE} x ${SIZE} x ${SIZE}, its window`,
      remedy: 'use ssim, plane by plane',
    });
  const weights = gaussianWeights(1.5, RADIUS);
  const c1 = (0.01 * dataRange) ** 2;
  const c2 = (0.03 * dataRange) ** 2;
  const plane = (grid: Intensities, z: number): Float64Plane => ({
    data: Float64Array.from(grid.data.subarray(z * width * height, (z + 1) * width * height)),
    width,
    height,
  });
  /** Means of x, y, xy and x² + y² over the window's part in each of the last 11 planes. */
  const ring: Float64Array[][] = [];
  let sum = 0;
  let count = 0;
  for (let z = 0; z < depth; z++) {
    const x = plane(reference, z);
    const y = plane(estimate, z);
    const squares = { ...x, data: x.data.map((v, i) => v * v + y.data[i] * y.data[i]) };
    ring[z % SIZE] = [x, y, multiply(x, y), squares].map((p) => filterValid(p, weights).data);
    if (z < SIZE - 1) continue;
    const n = ring[0][0].length;
    const [ux, uy, uxy, uss] = [0, 1, 2, 3].map((k) => {
      const out = new Float64Array(n);
      for (let d = 0; d < SIZE; d++) {
        const from = ring[(z - SIZE + 1 + d) % SIZE][k];
        const weight = weights[d];
        for (let i = 0; i < n; i++) out[i] += weight * from[i];
      }
      return out;
    });
    for (let i = 0; i < n; i++) {
      const mixed = ux[i] * uy[i];
      const means = ux[i] * ux[i] + uy[i] * uy[i];
      sum += ((2 * mixed + c1) * (2 * (uxy[i] - mixed) + c2)) / ((means + c1) * (uss[i] - means + c2));
    }
    count += n;
  }
  return sum / count;
}

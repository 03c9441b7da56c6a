import { requireDataRange, type Intensities } from '../intensities.js';
import { meanOverPlanes } from './plane-by-plane.js';
import { halve, requirePlanes, type Float64Plane } from './planes.js';

const T = 170;

/**
 * Gradient magnitude similarity deviation (Xue et al. 2014, doi 10.1109/TIP.2013.2293423): the standard deviation of
 * (2 g_r g_e + T) / (g_r² + g_e² + T), T = 170 on intensities of 0-255, where g are Prewitt gradients (/3) of the
 * images halved by 2 x 2 means; zeros outside. An odd last row or column is left out when halving. Volumes: the mean
 * over their planes.
 * @returns 0 for identical images; larger is worse.
 * @throws {InputError} for planes below 6 x 6.
 */
export function gmsd(reference: Intensities, estimate: Intensities, { dataRange }: { dataRange: number }): number {
  requireDataRange('gmsd', dataRange);
  if (reference.depth > 1) return meanOverPlanes('gmsd', reference, estimate, (r, e) => gmsd(r, e, { dataRange }));
  requirePlanes('gmsd', reference, estimate, 6);
  const scale = 255 / dataRange;
  const p = gradient(halve(reference, 'drop', scale));
  const q = gradient(halve(estimate, 'drop', scale));
  const n = p.length;
  const similarity = p;
  let mean = 0;
  for (let i = 0; i < n; i++) mean += similarity[i] = (2 * Math.sqrt(p[i] * q[i]) + T) / (p[i] + q[i] + T);
  mean /= n;
  let variance = 0;
  for (let i = 0; i < n; i++) variance += (similarity[i] - mean) * (similarity[i] - mean);
  return Math.sqrt(variance / n);
}

/** Squared gradient magnitude; zeros outside. */
function gradient({ data, width, height }: Float64Plane): Float64Array {
  const out = new Float64Array(data.length);
  const w = width + 2;
  // Each sum over three pixels of a column or row serves three results: columns are summed once, with a zero at either
  // end.
  const sums = new Float64Array(w);
  const differences = new Float64Array(w);
  const zeros = new Float64Array(width);
  for (let y = 0; y < height; y++) {
    const above = y > 0 ? data.subarray((y - 1) * width, y * width) : zeros;
    const here = data.subarray(y * width, (y + 1) * width);
    const below = y < height - 1 ? data.subarray((y + 1) * width, (y + 2) * width) : zeros;
    for (let x = 0; x < width; x++) {
      sums[x + 1] = above[x] + here[x] + below[x];
      differences[x + 1] = below[x] - above[x];
    }
    for (let x = 0, to = y * width; x < width; x++, to++) {
      const gx = sums[x + 2] - sums[x];
      const gy = differences[x] + differences[x + 1] + differences[x + 2];
      out[to] = (gx * gx + gy * gy) / 9;
    }
  }
  return out;
}

import { requireDataRange, type Grid } from '../grid.js';
import { halve, readPlanes, type Plane } from './planes.js';

const T = 170;

/**
 * Gradient magnitude similarity deviation (Xue et al. 2014, doi 10.1109/TIP.2013.2293423): the standard deviation of
 * (2 g_r g_e + T) / (g_r² + g_e² + T), T = 170 on intensities of 0-255, where g are Prewitt gradients (/3) of the images
 * halved by 2 x 2 means; zeros outside. An odd last row or column is left out when halving.
 * @returns 0 for identical images; larger is worse.
 * @throws {InputError} for volumes and images below 6 x 6.
 */
export function gmsd(reference: Grid, estimate: Grid, { dataRange }: { dataRange: number }): number {
  requireDataRange('gmsd', dataRange);
  const [a, b] = readPlanes('gmsd', reference, estimate, 6, 255 / dataRange);
  const p = gradient(halve(a, 'drop')), q = gradient(halve(b, 'drop'));
  const n = p.length;
  const similarity = new Float64Array(n);
  let mean = 0;
  for (let i = 0; i < n; i++) mean += similarity[i] = (2 * Math.sqrt(p[i] * q[i]) + T) / (p[i] + q[i] + T);
  mean /= n;
  let variance = 0;
  for (let i = 0; i < n; i++) variance += (similarity[i] - mean) ** 2;
  return Math.sqrt(variance / n);
}

/** Squared gradient magnitude. */
function gradient({ data, width, height }: Plane): Float64Array {
  const out = new Float64Array(data.length);
  const at = (x: number, y: number) => (x < 0 || y < 0 || x >= width || y >= height ? 0 : data[y * width + x]);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      let gx = 0, gy = 0;
      for (let d = -1; d <= 1; d++) {
        gx += at(x + 1, y + d) - at(x - 1, y + d);
        gy += at(x + d, y + 1) - at(x + d, y - 1);
      }
      out[y * width + x] = (gx * gx + gy * gy) / 9;
    }
  }
  return out;
}

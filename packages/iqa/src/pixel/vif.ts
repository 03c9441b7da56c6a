import { requireDataRange, type Grid } from '../grid.js';
import { meanOverPlanes } from './plane-by-plane.js';
import { filterValid, multiply, readPlanes, type Plane } from './planes.js';
import { gaussianWeights } from './gaussian.js';

const NOISE = 2;
const EPSILON = 1e-8;

/**
 * Visual information fidelity in the pixel domain, VIFp (Sheikh and Bovik 2006, doi 10.1109/TIP.2005.859378): over four scales,
 * the information that the estimate keeps about the reference over the reference's own, in a Gaussian channel with noise variance 2
 * on intensities of 0-255. Windows of 17, 9, 5 and 3 px with σ a fifth of that, inside the image only.
 * Volumes: the mean over their planes.
 * @returns 1 for identical images; above 1 where contrast is enhanced.
 * @throws {InputError} for planes below 41 px.
 */
export function vif(reference: Grid, estimate: Grid, { dataRange }: { dataRange: number }): number {
  requireDataRange('vif', dataRange);
  if (reference.depth > 1) return meanOverPlanes('vif', reference, estimate, (r, e) => vif(r, e, { dataRange }));
  let [a, b] = readPlanes('vif', reference, estimate, 41, 255 / dataRange);
  let kept = 0, whole = 0;
  for (let scale = 0; scale < 4; scale++) {
    const size = 2 ** (4 - scale) + 1, window = gaussianWeights(size / 5, (size - 1) / 2);
    if (scale > 0) {
      a = everySecond(filterValid(a, window));
      b = everySecond(filterValid(b, window));
    }
    const information = channel(a, b, window);
    kept += information.kept;
    whole += information.whole;
  }
  return (kept + EPSILON) / (whole + EPSILON);
}

function channel(a: Plane, b: Plane, window: Float64Array): { kept: number; whole: number } {
  const ux = filterValid(a, window).data, uy = filterValid(b, window).data;
  const xx = filterValid(multiply(a, a), window).data, yy = filterValid(multiply(b, b), window).data, xy = filterValid(multiply(a, b), window).data;
  let kept = 0, whole = 0;
  for (let i = 0; i < ux.length; i++) {
    let varianceX = Math.max(0, xx[i] - ux[i] * ux[i]);
    const varianceY = Math.max(0, yy[i] - uy[i] * uy[i]), covariance = xy[i] - ux[i] * uy[i];
    let gain = covariance / (varianceX + EPSILON), rest = varianceY - gain * covariance;
    if (varianceX < EPSILON) {
      gain = 0;
      rest = varianceY;
      varianceX = 0;
    }
    if (varianceY < EPSILON) {
      gain = 0;
      rest = 0;
    }
    if (gain < 0) {
      rest = varianceY;
      gain = 0;
    }
    rest = Math.max(rest, EPSILON);
    kept += Math.log10(1 + (gain * gain * varianceX) / (rest + NOISE));
    whole += Math.log10(1 + varianceX / NOISE);
  }
  return { kept, whole };
}

function everySecond({ data, width, height }: Plane): Plane {
  const w = (width + 1) >> 1, h = (height + 1) >> 1;
  const out = new Float64Array(w * h);
  for (let y = 0; y < h; y++) for (let x = 0; x < w; x++) out[y * w + x] = data[2 * y * width + 2 * x];
  return { data: out, width: w, height: h };
}

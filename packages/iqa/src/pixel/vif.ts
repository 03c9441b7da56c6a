import { requireDataRange, type Intensities } from '../intensities.js';
import { visitMoments } from './moments.js';
import { meanOverPlanes } from './plane-by-plane.js';
import { filterValid, readPlanes, type Float64Plane } from './planes.js';
import { gaussianWeights } from './gaussian.js';

const NOISE = 2;
const EPSILON = 1e-8;

/**
 * Visual information fidelity in the pixel domain, VIFp (Sheikh and Bovik 2006, doi 10.1109/TIP.2005.859378): over four
 * scales, the information that the estimate keeps about the reference over the reference's own, in a Gaussian channel
 * with noise variance 2 on intensities of 0-255. Windows of 17, 9, 5 and 3 px with σ a fifth of that, inside the image
 * only. Volumes: the mean over their planes.
 * @returns 1 for identical images; above 1 where contrast is enhanced.
 * @throws {InputError} for planes below 41 px.
 */
export function vif(reference: Intensities, estimate: Intensities, { dataRange }: { dataRange: number }): number {
  requireDataRange('vif', dataRange);
  if (reference.depth > 1) return meanOverPlanes('vif', reference, estimate, (r, e) => vif(r, e, { dataRange }));
  let [a, b] = readPlanes('vif', reference, estimate, 41, 255 / dataRange);
  let kept = 0;
  let whole = 0;
  for (let scale = 0; scale < 4; scale++) {
    const size = 2 ** (4 - scale) + 1;
    const window = gaussianWeights(size / 5, (size - 1) / 2);
    if (scale > 0) {
      a = filterValid(a, window, 2);
      b = filterValid(b, window, 2);
    }
    const information = channel(a, b, window);
    kept += information.kept;
    whole += information.whole;
  }
  return (kept + EPSILON) / (whole + EPSILON);
}

function channel(a: Float64Plane, b: Float64Plane, window: Float64Array): { kept: number; whole: number } {
  let kept = 0;
  let whole = 0;
  visitMoments(a, b, window, ({ x, y, xx, yy, xy }) => {
    for (let i = 0; i < x.length; i++) {
      let varianceX = Math.max(0, xx[i] - x[i] * x[i]);
      const varianceY = Math.max(0, yy[i] - y[i] * y[i]);
      const covariance = xy[i] - x[i] * y[i];
      let gain = covariance / (varianceX + EPSILON);
      let rest = varianceY - gain * covariance;
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
  });
  return { kept, whole };
}

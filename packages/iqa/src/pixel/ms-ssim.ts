import { requireDataRange, type Intensities } from '../intensities.js';
import { meanOverPlanes } from './plane-by-plane.js';
import { halve, readPlanes } from './planes.js';
import { RADIUS, sumOverWindows } from './similarity.js';

const SCALE_WEIGHTS = [0.0448, 0.2856, 0.3001, 0.2363, 0.1333];

/**
 * Multi-scale SSIM (Wang et al. 2003, doi 10.1109/ACSSC.2003.1292216): the product over five scales of the mean
 * contrast-structure term, and of SSIM at the coarsest, each to the power .0448, .2856, .3001, .2363, .1333. Gaussian
 * 11 x 11 window of σ 1.5 where it lies inside; scales are 2 x 2 means. Negative means count as 0. An odd last row or
 * column counts twice when halving. Volumes: the mean over their planes.
 * @returns in [0, 1].
 * @throws {InputError} for planes below 161 px (11 x 11 at the fifth scale needs them).
 */
export function msSsim(reference: Intensities, estimate: Intensities, { dataRange }: { dataRange: number }): number {
  requireDataRange('msSsim', dataRange);
  if (reference.depth > 1) return meanOverPlanes('msSsim', reference, estimate, (r, e) => msSsim(r, e, { dataRange }));
  let [a, b] = readPlanes('msSsim', reference, estimate, 161);
  let product = 1;
  for (let scale = 0; scale < SCALE_WEIGHTS.length; scale++) {
    const last = scale === SCALE_WEIGHTS.length - 1;
    const windows = (a.width - 2 * RADIUS) * (a.height - 2 * RADIUS);
    product *=
      Math.max(0, sumOverWindows(last ? 'similarity' : 'contrast', a, b, dataRange) / windows) ** SCALE_WEIGHTS[scale];
    if (!last) {
      a = halve(a, 'repeat');
      b = halve(b, 'repeat');
    }
  }
  return product;
}

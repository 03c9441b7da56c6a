import { requireDataRange, type Grid } from '../grid.js';
import { filterValid, halve, multiply, readPlanes, type Plane } from './planes.js';
import { gaussianWeights } from './ssim.js';

const SCALE_WEIGHTS = [0.0448, 0.2856, 0.3001, 0.2363, 0.1333];

/**
 * Multi-scale SSIM (Wang et al. 2003, doi 10.1109/ACSSC.2003.1292216): the product over five scales of the mean contrast-structure
 * term, and of SSIM at the coarsest, each to the power .0448, .2856, .3001, .2363, .1333. Gaussian 11 x 11 window of σ 1.5 where it lies
 * inside; scales are 2 x 2 means. Negative means count as 0. An odd last row or column counts twice when halving.
 * @returns in [0, 1].
 * @throws {InputError} for volumes and images below 161 px (11 x 11 at the fifth scale needs them).
 */
export function msSsim(reference: Grid, estimate: Grid, { dataRange }: { dataRange: number }): number {
  requireDataRange('msSsim', dataRange);
  let [a, b] = readPlanes('msSsim', reference, estimate, 161);
  const window = gaussianWeights(1.5, 5);
  const c1 = (0.01 * dataRange) ** 2, c2 = (0.03 * dataRange) ** 2;
  let product = 1;
  for (let scale = 0; scale < SCALE_WEIGHTS.length; scale++) {
    const { ssim, contrast } = means(a, b, window, c1, c2);
    const last = scale === SCALE_WEIGHTS.length - 1;
    product *= Math.max(0, last ? ssim : contrast) ** SCALE_WEIGHTS[scale];
    if (!last) {
      a = halve(a, 'repeat');
      b = halve(b, 'repeat');
    }
  }
  return product;
}

function means(a: Plane, b: Plane, window: Float64Array, c1: number, c2: number): { ssim: number; contrast: number } {
  const ux = filterValid(a, window).data, uy = filterValid(b, window).data;
  const xx = filterValid(multiply(a, a), window).data, yy = filterValid(multiply(b, b), window).data, xy = filterValid(multiply(a, b), window).data;
  let ssim = 0, contrast = 0;
  for (let i = 0; i < ux.length; i++) {
    const mixed = ux[i] * uy[i], squares = ux[i] * ux[i] + uy[i] * uy[i];
    const structure = (2 * (xy[i] - mixed) + c2) / (xx[i] + yy[i] - squares + c2);
    contrast += structure;
    ssim += (structure * (2 * mixed + c1)) / (squares + c1);
  }
  return { ssim: ssim / ux.length, contrast: contrast / ux.length };
}

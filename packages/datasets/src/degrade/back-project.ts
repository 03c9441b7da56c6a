import { FailureError, InputError, type Image } from '@lacuna/core';
import type { ForwardOperator } from './degrade.js';

/** Residual, relative to the scan, at which the conjugate gradients end: well below the noise of any scan. */
const TOLERANCE = 1e-4;
const MOST_STEPS = 500;

/**
 * What a scan says of the fine image: B y = Aᵀ (A Aᵀ + ν I)⁻¹ y. It lies in the range of Aᵀ: what A cannot
 * see (its null space) is left at 0. Of a fine image x the measured part is B A x, and x - B A x is what something
 * else than the measurement put there. (A Aᵀ + ν I) u = y is solved by conjugate gradients (Hestenes and Stiefel
 * 1952, doi 10.6028/jres.049.044), so that any forward model will do; a residual of 1e-4 of the scan is left.
 * @param lr the scan, or A x.
 * @param nu ν > 0: the noise variance of an LR pixel over the variance of the fine image.
 * @returns an image on the fine grid.
 * @throws {InputError} for a ν that is not above 0. @throws {FailureError} where 500 steps are not enough.
 */
export function backProject(operator: ForwardOperator, lr: Image, nu: number): Image {
  if (!(nu > 0) || !Number.isFinite(nu))
    throw new InputError({ who: 'back projection', got: `a noise of ${nu}`, wanted: 'a finite number above 0' });
  const solution = new Float32Array(lr.data.length);
  let residual = Float32Array.from(lr.data);
  let direction = residual.slice();
  let left = dot(residual, residual);
  const enough = TOLERANCE ** 2 * left;
  for (let step = 0; left > enough; step++) {
    if (step === MOST_STEPS)
      throw new FailureError({
        who: 'back projection',
        got: `a residual of ${Math.sqrt(left / dot(lr.data, lr.data)).toPrecision(2)} after ${MOST_STEPS} steps`,
        wanted: `${TOLERANCE}`,
        remedy: 'say a larger noise of the scan',
      });
    const seen = operator.apply(operator.adjoint({ ...lr, data: direction })).data;
    const image = Float32Array.from(seen, (value, i) => value + nu * direction[i]);
    const stride = left / dot(direction, image);
    for (let i = 0; i < solution.length; i++) solution[i] += stride * direction[i];
    residual = residual.map((value, i) => value - stride * image[i]);
    const before = left;
    left = dot(residual, residual);
    direction = residual.map((value, i) => value + (left / before) * direction[i]);
  }
  return operator.adjoint({ ...lr, data: solution });
}

function dot(a: Float32Array, b: Float32Array): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += a[i] * b[i];
  return sum;
}

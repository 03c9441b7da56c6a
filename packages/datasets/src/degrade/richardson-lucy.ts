import { ShapeError, type Image } from '@lacuna/core';
import { enlarge } from './enlarge.js';
import type { Factor } from './factor.js';
import type { ForwardOperator } from './degrade.js';

/**
 * Richardson-Lucy deconvolution onto the fine grid, for photon noise and a known blur A:
 *
 *     x <- x / Aᵀ1 · Aᵀ(y / (A x))
 *
 * from the interpolated scan. Each step keeps x positive and raises the likelihood of the scan; many steps fit its
 * noise, so that their number is the regularisation. (Richardson 1972, doi 10.1364/JOSA.62.000055; Lucy 1974,
 * doi 10.1086/111605.)
 * @param lr Coarse scan, as the operator's `apply` gives it; what lies below zero counts as zero.
 * @param options.onIteration Sees the estimate after each step, for choosing their number.
 * @returns The estimate after `iterations` steps.
 * @throws {ShapeError} if the scan's size is not the operator's.
 */
export function richardsonLucy(
  lr: Image,
  { apply, adjoint }: ForwardOperator,
  options: {
    readonly factor: Factor;
    readonly iterations: number;
    readonly onIteration?: (step: number, estimate: Image) => void;
  },
): Image {
  const { factor, iterations, onIteration } = options;
  if (!Number.isInteger(iterations) || iterations < 0)
    throw new ShapeError({ who: 'Richardson-Lucy', got: `${iterations} iterations`, wanted: 'a whole number' });
  const start = enlarge(lr, factor, 'bilinear');
  let estimate: Image = { ...start, data: start.data.map((value) => Math.max(DARK, value)) };
  const sensitivity = adjoint({ ...lr, data: new Float32Array(lr.data.length).fill(1) }).data;
  for (let step = 1; step <= iterations; step++) {
    const predicted = apply(estimate).data;
    const ratio = lr.data.map((value, i) => Math.max(0, value) / Math.max(DARK, predicted[i]));
    const correction = adjoint({ ...lr, data: ratio }).data;
    const { data } = estimate;
    estimate = { ...estimate, data: data.map((value, i) => corrected(value, correction[i], sensitivity[i])) };
    onIteration?.(step, estimate);
  }
  return estimate;
}

/** Darkest value that is divided by; intensities are of the order of 1. */
const DARK = 1e-6;

/** A pixel that no coarse pixel sees (sensitivity 0) stays as it is. */
function corrected(value: number, correction: number, sensitivity: number): number {
  return sensitivity > DARK ? (value * correction) / sensitivity : value;
}

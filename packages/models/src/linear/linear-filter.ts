import { ShapeError } from '@lacuna/core';
import type { Pixels } from '../training/predict.js';

/**
 * A linear way to enlarge: every SR pixel is a weighted sum of the k x k LR pixels around its coarse pixel,
 *
 *     sr[f·y + p, f·x + q] = bias[p, q] + sum over (i, j) of weights[i, j, p, q] · lr[y + i - h, x + j - h]
 *
 * with h = (k - 1) / 2, and one filter for each of the f² phases (p, q): a convolution and a depth-to-space.
 */
export interface LinearFilter {
  /** k, odd. */
  readonly kernel: number;
  /** f */
  readonly factor: number;
  /** [k, k, f·f], row-major: taps by row and column, then phases by row and column. */
  readonly weights: Float64Array;
  /** [f·f] */
  readonly bias: Float64Array;
}

/** One place as coarse and fine image, of one channel each. */
export interface LinearPair {
  readonly lr: Pixels;
  readonly hr: Pixels;
}

/** @throws {ShapeError} for an even kernel. */
export function requireOddKernel(who: string, kernel: number): void {
  if (kernel % 2 === 1) return;
  throw new ShapeError({ who, got: `a kernel of ${kernel}`, wanted: 'an odd one: it is centred on a coarse pixel' });
}

/** Weights as a model of the architecture `linear` holds them, by their names under `scope`. */
export function linearWeights(
  { kernel, factor, weights, bias }: LinearFilter,
  scope: string,
): Record<string, { shape: number[]; values: Float32Array }> {
  const phases = factor * factor;
  return {
    [`${scope}.filter.weight`]: { shape: [kernel, kernel, 1, phases], values: Float32Array.from(weights) },
    [`${scope}.filter.bias`]: { shape: [phases], values: Float32Array.from(bias) },
  };
}

import { InputError } from '@lacuna/core';
import { solvePositiveDefinite } from './cholesky.js';
import { requireOddKernel, type LinearFilter, type LinearPair } from './linear-filter.js';

export interface RidgeOptions {
  readonly kernel: number;
  readonly factor: number;
  /** Weight of |W|², as a share of the mean variance of an LR pixel. */
  readonly ridge: number;
}

/**
 * Ridge regression from the k x k LR pixels of a place to the f² HR pixels of its coarse pixel, in closed form:
 *
 *     W = (cov(P) + ridge · mean variance · I)⁻¹ cov(P, T),  bias = mean(T) - mean(P) W
 *
 * P: patches, T: targets, over every LR pixel whose patch lies inside its image. (Romano et al. 2017, arXiv:1606.01299,
 * learn such filters for each bucket of orientation; this is their filter for one bucket.)
 * @throws {InputError} if no image holds a whole patch.
 */
export function fitRidge(pairs: readonly LinearPair[], { kernel, factor, ridge }: RidgeOptions): LinearFilter {
  requireOddKernel('ridge', kernel);
  const taps = kernel * kernel;
  const phases = factor * factor;
  const moments = sumMoments(pairs, { kernel, factor });
  const { count } = moments;
  if (count === 0) {
    throw new InputError({
      who: 'ridge',
      got: 'training images below the kernel',
      wanted: `at least one of ${kernel} x ${kernel} LR pixels`,
      remedy: 'make regime.kernel smaller',
    });
  }
  const patchMean = moments.patchSum.map((sum) => sum / count);
  const targetMean = moments.targetSum.map((sum) => sum / count);
  const covariance = new Float64Array(taps * taps);
  const cross = new Float64Array(taps * phases);
  for (let i = 0; i < taps; i++) {
    for (let j = 0; j <= i; j++) {
      covariance[i * taps + j] = moments.patchPatch[i * taps + j] / count - patchMean[i] * patchMean[j];
    }
    for (let p = 0; p < phases; p++) {
      cross[i * phases + p] = moments.patchTarget[i * phases + p] / count - patchMean[i] * targetMean[p];
    }
  }
  let trace = 0;
  for (let i = 0; i < taps; i++) trace += covariance[i * taps + i];
  for (let i = 0; i < taps; i++) covariance[i * taps + i] += (ridge * trace) / taps;
  const weights = solvePositiveDefinite(covariance, cross, taps);
  const bias = Float64Array.from(targetMean);
  for (let i = 0; i < taps; i++) {
    for (let p = 0; p < phases; p++) bias[p] -= patchMean[i] * weights[i * phases + p];
  }
  return { kernel, factor, weights, bias };
}

interface Moments {
  count: number;
  readonly patchSum: Float64Array;
  readonly targetSum: Float64Array;
  /** Lower triangle. */
  readonly patchPatch: Float64Array;
  readonly patchTarget: Float64Array;
}

function sumMoments(
  pairs: readonly LinearPair[],
  { kernel, factor }: { readonly kernel: number; readonly factor: number },
): Moments {
  const taps = kernel * kernel;
  const phases = factor * factor;
  const moments: Moments = {
    count: 0,
    patchSum: new Float64Array(taps),
    targetSum: new Float64Array(phases),
    patchPatch: new Float64Array(taps * taps),
    patchTarget: new Float64Array(taps * phases),
  };
  const patch = new Float64Array(taps);
  const target = new Float64Array(phases);
  const half = (kernel - 1) / 2;
  for (const { lr, hr } of pairs) {
    for (let y = half; y < lr.height - half; y++) {
      for (let x = half; x < lr.width - half; x++) {
        for (let i = 0; i < kernel; i++) {
          const row = (y + i - half) * lr.width + x - half;
          for (let j = 0; j < kernel; j++) patch[i * kernel + j] = lr.data[row + j];
        }
        for (let p = 0; p < factor; p++) {
          const row = (y * factor + p) * hr.width + x * factor;
          for (let q = 0; q < factor; q++) target[p * factor + q] = hr.data[row + q];
        }
        addSample(moments, patch, target);
      }
    }
  }
  return moments;
}

function addSample(moments: Moments, patch: Float64Array, target: Float64Array): void {
  const { patchSum, targetSum, patchPatch, patchTarget } = moments;
  const taps = patch.length;
  const phases = target.length;
  moments.count++;
  for (let i = 0; i < taps; i++) {
    const value = patch[i];
    patchSum[i] += value;
    for (let j = 0; j <= i; j++) patchPatch[i * taps + j] += value * patch[j];
    for (let p = 0; p < phases; p++) patchTarget[i * phases + p] += value * target[p];
  }
  for (let p = 0; p < phases; p++) targetSum[p] += target[p];
}

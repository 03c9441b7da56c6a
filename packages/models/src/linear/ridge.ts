import { InputError } from '@lacuna/core';
import { solvePositiveDefinite } from './cholesky.js';
import type { PerAxis } from '../graph/index.js';
import { filterGrid, type FilterGrid, type LinearFilter, type LinearPair } from './linear-filter.js';

export interface RidgeOptions {
  readonly kernel: number;
  /** A number for planes, one for each axis (z, y, x) for volumes. */
  readonly factor: PerAxis;
  /** Weight of |W|², as a share of the mean variance of an LR pixel. */
  readonly ridge: number;
  /** The kernel's field in a spec, for messages. */
  readonly field?: string;
}

/**
 * Ridge regression from the k x k LR pixels of a place (k x k x k of a volume) to the HR pixels of its coarse pixel, in
 * closed form:
 *
 *     W = (cov(P) + ridge · mean variance · I)⁻¹ cov(P, T),  bias = mean(T) - mean(P) W
 *
 * P: patches, T: targets, over every LR pixel whose patch lies inside its image. (Romano et al. 2017, arXiv:1606.01299,
 * learn such filters for each bucket of orientation; this is their filter for one bucket.)
 * @throws {InputError} if no image holds a whole patch.
 */
export function fitRidge(pairs: readonly LinearPair[], options: RidgeOptions): LinearFilter {
  const { kernel, factor, ridge, field = 'regime.kernel' } = options;
  const grid = filterGrid('ridge', kernel, factor);
  const taps = grid.taps.length;
  const phases = grid.phases.length;
  const moments = sumMoments(pairs, grid);
  const { count } = moments;
  if (count === 0) {
    throw new InputError({
      who: 'ridge',
      got: 'training images below the kernel',
      wanted: `at least one of ${sides(kernel, factor)} LR pixels`,
      remedy: `make ${field} smaller`,
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

/** "7 x 7", "5 x 5 x 5". */
function sides(kernel: number, factor: PerAxis): string {
  const rank = typeof factor === 'number' ? 2 : factor.length;
  return new Array<number>(rank).fill(kernel).join(' x ');
}

/**
 * Multiplications that the moments may cost. Volumes have more voxels than so few weights need: of theirs every n-th is
 * taken, which keeps a fit within seconds.
 */
const MOST_PRODUCTS = 4e9;

function sumMoments(pairs: readonly LinearPair[], { factors, taps, phases }: FilterGrid): Moments {
  const moments: Moments = {
    count: 0,
    patchSum: new Float64Array(taps.length),
    targetSum: new Float64Array(phases.length),
    patchPatch: new Float64Array(taps.length * taps.length),
    patchTarget: new Float64Array(taps.length * phases.length),
  };
  const patch = new Float64Array(taps.length);
  const target = new Float64Array(phases.length);
  const [deep, half] = [taps.at(-1)!.z, taps.at(-1)!.y];
  const voxels = pairs.reduce((sum, { lr }) => sum + lr.width * lr.height * (lr.depth ?? 1), 0);
  const every = Math.max(1, Math.ceil((voxels * taps.length * (taps.length / 2 + phases.length)) / MOST_PRODUCTS));
  let place = 0;
  for (const { lr, hr } of pairs) {
    const { depth = 1, height, width } = lr;
    const near = taps.map(({ z, y, x }) => (z * height + y) * width + x);
    const within = phases.map(({ z, y, x }) => (z * hr.height + y) * hr.width + x);
    for (let z = deep; z < depth - deep; z++) {
      for (let y = half; y < height - half; y++) {
        for (let x = half; x < width - half; x++) {
          if (place++ % every !== 0) continue;
          const centre = (z * height + y) * width + x;
          const corner = (z * factors.z * hr.height + y * factors.y) * hr.width + x * factors.x;
          for (let i = 0; i < near.length; i++) patch[i] = lr.data[centre + near[i]];
          for (let p = 0; p < within.length; p++) target[p] = hr.data[corner + within[p]];
          addSample(moments, patch, target);
        }
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

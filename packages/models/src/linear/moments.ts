import { solvePositiveDefinite } from './cholesky.js';
import type { FilterGrid, LinearPair } from './linear-filter.js';

/** Weighted sums over patches of LR pixels and the HR pixels of their coarse pixel: what a regression is made from. */
export interface Moments {
  /** Sum of the weights. */
  count: number;
  /** [taps] */
  readonly patchSum: Float64Array;
  /** [phases] */
  readonly targetSum: Float64Array;
  /** [taps, taps], lower triangle. */
  readonly patchPatch: Float64Array;
  /** [taps, phases] */
  readonly patchTarget: Float64Array;
}

/** Sums of nothing. */
export function noMoments(taps: number, phases: number): Moments {
  return {
    count: 0,
    patchSum: new Float64Array(taps),
    targetSum: new Float64Array(phases),
    patchPatch: new Float64Array(taps * taps),
    patchTarget: new Float64Array(taps * phases),
  };
}

/** Adds a patch and its target, counted `weight` times. */
export function addSample(moments: Moments, patch: Float64Array, target: Float64Array, weight: number): void {
  const { patchSum, targetSum, patchPatch, patchTarget } = moments;
  const taps = patch.length;
  const phases = target.length;
  moments.count += weight;
  for (let i = 0; i < taps; i++) {
    const value = weight * patch[i];
    patchSum[i] += value;
    for (let j = 0; j <= i; j++) patchPatch[i * taps + j] += value * patch[j];
    for (let p = 0; p < phases; p++) patchTarget[i * phases + p] += value * target[p];
  }
  for (let p = 0; p < phases; p++) targetSum[p] += weight * target[p];
}

/** Adds `share` of other sums. */
export function addMoments(moments: Moments, other: Moments, share: number): void {
  moments.count += share * other.count;
  for (const name of ['patchSum', 'targetSum', 'patchPatch', 'patchTarget'] as const) {
    const [to, from] = [moments[name], other[name]];
    for (let i = 0; i < to.length; i++) to[i] += share * from[i];
  }
}

/** Mean variance of an LR pixel of the patches. */
export function meanVariance({ count, patchSum, patchPatch }: Moments): number {
  const taps = patchSum.length;
  const trace = patchSum.reduce((sum, each, i) => sum + patchPatch[i * taps + i] / count - (each / count) ** 2, 0);
  return trace / taps;
}

/** Multiplications that one sample costs. */
export const productsOfSample = (taps: number, phases: number): number => taps * (taps / 2 + phases);

/**
 * Multiplications that the moments may cost. Volumes have more voxels than so few weights need: of theirs every n-th is
 * taken, which keeps a fit within seconds.
 */
export const MOST_PRODUCTS = 4e9;

/** One pair as a fit walks over it. */
interface Walk {
  readonly grid: FilterGrid;
  /** Of all places of all pairs, counted from the first: each `every`-th is taken. */
  readonly every: number;
  /** Places before this pair. */
  readonly before: number;
}

/**
 * Shows every patch that lies inside its image, with its target and where it is centred; both arrays are used again.
 * @returns places that were counted so far.
 */
export function walkPatches(
  { lr, hr }: LinearPair,
  { grid: { factors, taps, phases }, every, before }: Walk,
  visit: (patch: Float64Array, target: Float64Array, centre: number) => void,
): number {
  const patch = new Float64Array(taps.length);
  const target = new Float64Array(phases.length);
  const [deep, half] = [taps.at(-1)!.z, taps.at(-1)!.y];
  const { depth = 1, height, width } = lr;
  const near = taps.map(({ z, y, x }) => (z * height + y) * width + x);
  const within = phases.map(({ z, y, x }) => (z * hr.height + y) * hr.width + x);
  let place = before;
  for (let z = deep; z < depth - deep; z++) {
    for (let y = half; y < height - half; y++) {
      for (let x = half; x < width - half; x++) {
        if (place++ % every !== 0) continue;
        const centre = (z * height + y) * width + x;
        const corner = (z * factors.z * hr.height + y * factors.y) * hr.width + x * factors.x;
        for (let i = 0; i < near.length; i++) patch[i] = lr.data[centre + near[i]];
        for (let p = 0; p < within.length; p++) target[p] = hr.data[corner + within[p]];
        visit(patch, target, centre);
      }
    }
  }
  return place;
}

/**
 * W = (cov(P) + ridge · mean variance · I)⁻¹ cov(P, T) and bias = mean(T) - mean(P) W, of sums that are not empty.
 * @returns weights [taps, phases] and bias [phases].
 */
export function solveRidge(moments: Moments, ridge: number): { weights: Float64Array; bias: Float64Array } {
  const { count } = moments;
  const taps = moments.patchSum.length;
  const phases = moments.targetSum.length;
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
  return { weights, bias };
}

import { InputError } from '@lacuna/core';
import type { PerAxis } from '../graph/index.js';
import { filterGrid, type FilterGrid, type LinearFilter, type LinearPair } from './linear-filter.js';
import {
  MOST_PRODUCTS,
  addSample,
  noMoments,
  productsOfSample,
  solveRidge,
  walkPatches,
  type Moments,
} from './moments.js';

export interface RidgeOptions {
  readonly kernel: number;
  /** A number for planes, one for each axis (z, y, x) for volumes. */
  readonly factor: PerAxis;
  /** Planes of volumes that give the middle one, where factor is of planes; 1 by default. */
  readonly planes?: number;
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
 * With `planes` the patch is k x k of each of the planes around: a filter of a volume whose depth is its own.
 * @throws {InputError} if no image holds a whole patch.
 */
export function fitRidge(pairs: readonly LinearPair[], options: RidgeOptions): LinearFilter {
  const { kernel, factor, planes = 1, ridge } = options;
  const moments = sumMoments(pairs, filterGrid('ridge', kernel, factor, planes));
  requireSamples(moments, options);
  return { kernel, factor, ...(planes === 1 ? {} : { planes }), ...solveRidge(moments, ridge) };
}

/** @throws {InputError} if there are none. */
export function requireSamples(
  { count }: Pick<Moments, 'count'>,
  { kernel, factor, planes = 1, field = 'regime.kernel' }: Pick<RidgeOptions, 'kernel' | 'factor' | 'planes' | 'field'>,
): void {
  if (count > 0) return;
  throw new InputError({
    who: 'ridge',
    got: 'training images below the kernel',
    wanted: `at least one of ${sides(kernel, factor)} LR pixels${planes === 1 ? '' : ` in ${planes} planes`}`,
    remedy: `make ${field} smaller`,
  });
}

/** "7 x 7", "5 x 5 x 5". */
function sides(kernel: number, factor: PerAxis): string {
  const rank = typeof factor === 'number' ? 2 : factor.length;
  return new Array<number>(rank).fill(kernel).join(' x ');
}

function sumMoments(pairs: readonly LinearPair[], grid: FilterGrid): Moments {
  const { taps, phases } = grid;
  const moments = noMoments(taps.length, phases.length);
  const every = Math.max(
    1,
    Math.ceil((pixelsOf(pairs) * productsOfSample(taps.length, phases.length)) / MOST_PRODUCTS),
  );
  let before = 0;
  for (const pair of pairs) {
    before = walkPatches(pair, { grid, every, before }, (patch, target) => addSample(moments, patch, target, 1));
  }
  return moments;
}

/** LR pixels of all pairs. */
export const pixelsOf = (pairs: readonly LinearPair[]): number =>
  pairs.reduce((sum, { lr }) => sum + lr.width * lr.height * (lr.depth ?? 1), 0);

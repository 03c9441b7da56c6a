import { InputError } from '@lacuna/core';
import { factorOf, type PerAxis } from '../graph/index.js';
import type { ForwardKernel } from '../losses/consistency.js';
import { filterGrid, type FittedWeights, type LinearFilter, type LinearPair } from './linear-filter.js';
import { wienerWeights, type LmmseOptions } from './lmmse.js';
import { MOST_PRODUCTS, walkPatches } from './moments.js';
import { pixelsOf, requireSamples } from './ridge.js';

/**
 * B = Aᵀ (A Aᵀ + ν I)⁻¹ as a filter of k x k LR pixels: what y - A z says about z, where z is known up to a white error
 * of variance 1 and y up to white noise of variance ν (`noiseVariance`). Of all filters of that support it has the
 * least expected squared error; with a growing one it becomes B itself.
 */
export function fitCorrection(options: LmmseOptions): LinearFilter {
  const { kernel, factor } = options;
  const grid = filterGrid('correction', kernel, factor);
  const white = ({ z, y, x }: { z: number; y: number; x: number }) => (z === 0 && y === 0 && x === 0 ? 1 : 0);
  const weights = wienerWeights(white, options);
  return { kernel, factor, weights, bias: new Float64Array(grid.phases.length) };
}

/**
 * A as a convolution on the LR grid whose inputs are the phases of the HR image: [k.., phases, 1]. Taps that lie beyond
 * k LR pixels are left out and the others scaled up to the same sum.
 * @throws {InputError} where more than a hundredth of the kernel lies beyond.
 */
export function forwardWeights(
  forward: LmmseOptions['forward'],
  { kernel, factor, field }: { readonly kernel: number; readonly factor: PerAxis; readonly field: string },
): FittedWeights[string] {
  const { factors, taps, phases } = filterGrid('forward', kernel, factor);
  const isVolume = typeof factor !== 'number' && factor.length === 3;
  const half = (kernel - 1) / 2;
  const deep = isVolume ? half : 0;
  const along = (axis: 'x' | 'y' | 'z') => axisTaps(forward[axis] ?? null, { kernel, factor: factors[axis], field });
  const [x, y] = [along('x'), along('y')];
  const z = isVolume ? along('z') : Float64Array.of(1);
  const values = new Float32Array(taps.length * phases.length);
  taps.forEach((tap, i) => {
    phases.forEach((phase, p) => {
      const alongZ = z[(tap.z + deep) * factors.z + phase.z];
      const alongY = y[(tap.y + half) * factors.y + phase.y];
      const alongX = x[(tap.x + half) * factors.x + phase.x];
      values[i * phases.length + p] = alongZ * alongY * alongX;
    });
  });
  return { shape: [...factorOf(factor).map(() => kernel), phases.length, 1], values };
}

/** A kernel along one axis by HR pixel of the k coarse pixels around its own. */
function axisTaps(
  axis: ForwardKernel | null,
  { kernel, factor, field }: { readonly kernel: number; readonly factor: number; readonly field: string },
): Float64Array {
  const taps = new Float64Array(kernel * factor);
  const { kernel: weights, offset } = axis ?? { kernel: [1], offset: 0 };
  const first = ((kernel - 1) / 2) * factor + offset;
  let inside = 0;
  let all = 0;
  weights.forEach((weight, k) => {
    all += weight;
    if (first + k < 0 || first + k >= taps.length) return;
    inside += weight;
    taps[first + k] += weight;
  });
  if (Math.abs(inside - all) > 0.01 * Math.abs(all))
    throw new InputError({
      who: 'forward model',
      got: `a point spread function that reaches beyond ${kernel} LR pixels`,
      wanted: 'one within them',
      remedy: `make ${field} larger`,
    });
  return taps.map((weight) => (weight * all) / inside);
}

/**
 * Mean squared error of a filter over the places of pairs whose patch lies inside its image.
 * @throws {InputError} if no image holds a whole patch.
 */
export function meanSquaredError(
  { kernel, factor, weights, bias }: LinearFilter,
  pairs: readonly LinearPair[],
): number {
  const grid = filterGrid('error of a filter', kernel, factor);
  const phases = grid.phases.length;
  const products = pixelsOf(pairs) * grid.taps.length * phases;
  const every = Math.max(1, Math.ceil(products / MOST_PRODUCTS));
  let sum = 0;
  let count = 0;
  let before = 0;
  for (const pair of pairs) {
    before = walkPatches(pair, { grid, every, before }, (patch, target) => {
      for (let p = 0; p < phases; p++) {
        let estimate = bias[p];
        for (let t = 0; t < patch.length; t++) estimate += weights[t * phases + p] * patch[t];
        sum += (estimate - target[p]) ** 2;
        count++;
      }
    });
  }
  requireSamples({ count }, { kernel, factor, field: 'model.kernel' });
  return sum / count;
}

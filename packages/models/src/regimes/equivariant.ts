import { InputError } from '@lacuna/core';
import { buildGenerator } from '../architectures/index.js';
import { Graph, alongAxes, interpolationMatrix, stepNumbers, type Tensor } from '../graph/index.js';
import { applyForwardModel, withNoise } from '../losses/index.js';
import { requireForward, scanFit } from './known-physics.js';
import {
  GENERATOR,
  axesOf,
  finishRegime,
  lrInput,
  noiseInput,
  trainGenerator,
  trainScope,
  weightedSum,
  type Regime,
  type RegimeContext,
} from './regime.js';
import type { RegimeOf } from './spec.js';

/**
 * Scale-equivariant imaging (Scanvic, Davies, Abry and Tachella 2023, arXiv:2312.11232): training from coarse scans y
 * alone, with the known degradation A and its noise.
 *
 * - Fit: Stein's unbiased estimate of |A G(y) - A x|² ({@link scanFit}).
 * - Equivariance: images of the set are images of it at half the size too. x₂ = G(y) made half as large, seen by the
 *   instrument, A x₂ + noise, is to come out of G as x₂, which takes no gradient. What A hides at one scale it shows at
 *   the other; turns and shifts, which A treats alike, teach nothing of it.
 */
export function equivariantRegime(spec: RegimeOf<'equivariant'>, context: RegimeContext): Regime {
  const forward = requireForward('regime equivariant', context);
  const { noise = null } = context;
  const { factors, patches } = axesOf(context);
  requireEven(patches, factors);
  const g = new Graph();
  const lr = lrInput(g, context);
  const degrade = (image: Tensor) => applyForwardModel(g, image, forward, factors);
  const generate = (image: Tensor) => trainGenerator(g, image, context).sr;

  const sr = generate(lr);
  const fit = scanFit(g, lr, { measured: degrade(sr), again: (scan) => degrade(generate(scan)), noise });
  const small = g.stopGradient(halved(g, sr, factors));
  const clean = degrade(small);
  const scan = withNoise(g, clean, noiseInput(g, 'scan', clean.shape), noise);
  const { channels } = context;
  const seen = buildGenerator(g, GENERATOR, scan, context.model, { factor: factors, channels, training: false }).sr;
  const equivariance = g.mean(g.square(g.sub(seen, small)));
  const loss = weightedSum(g, [
    [1, fit],
    [spec.equivarianceWeight, equivariance],
  ]);
  const { updates, norms } = trainScope(g, loss, [GENERATOR], stepNumbers(g), context);
  const fetches = { loss, 'loss/fit': fit, 'loss/equivariance': equivariance, ...norms };
  return finishRegime(g, context, { step: { fetches, updates } });
}

/** Half as large along each axis that the factor makes coarser: antialiased bicubic, the adjoint of enlarging by 2. */
function halved(g: Graph, image: Tensor, factors: readonly number[]): Tensor {
  const matrices = factors.map((factor, axis) => {
    if (factor === 1) return null;
    const length = image.shape[axis + 1];
    const small = length / 2;
    const enlarge = interpolationMatrix(small, 2, 'bicubic');
    return Float32Array.from({ length: small * length }, (_, i) => {
      const [row, column] = [Math.floor(i / length), i % length];
      return enlarge[column * small + row] / 2;
    });
  });
  return alongAxes(g, image, matrices);
}

function requireEven(patches: readonly number[], factors: readonly number[]): void {
  const odd = patches.find((length, axis) => factors[axis] > 1 && length % 2 !== 0);
  if (odd === undefined) return;
  throw new InputError({
    who: 'regime equivariant',
    got: `a patch of ${patches.join(' x ')} LR pixels`,
    wanted: 'even lengths, as patches are seen at half their size too',
    remedy: `set training.patch to ${odd + 1}`,
  });
}

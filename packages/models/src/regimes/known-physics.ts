import { InputError } from '@lacuna/core';
import type { Graph, Tensor } from '../graph/index.js';
import { noiseVariance, type ForwardModel, type NoiseModel } from '../losses/index.js';
import { noiseInput, type RegimeContext } from './regime.js';

/** How far a scan is moved to see the divergence of A G. */
const MOVED = 0.01;

/**
 * The degradation of a regime that computes with it.
 * @throws {InputError} for one that is not known, and for planes with their neighbours.
 */
export function requireForward(who: string, { forward, planes = 1 }: RegimeContext): ForwardModel {
  if (planes > 1)
    throw new InputError({
      who,
      got: `${planes} neighbouring planes for one`,
      wanted: 'planes by themselves: the degradation of one makes no neighbours',
      remedy: 'leave slicewise.neighbours out, or set regime.kind: paired',
    });
  if (forward !== null) return forward;
  throw new InputError({
    who,
    got: 'a degradation that has no linear model',
    wanted: 'a confocal, ct or bicubic degradation',
    remedy: 'set regime.kind: unpaired, whose way back is learned',
  });
}

/**
 * How well a scan y is explained, without rewarding that its noise is: Stein's unbiased estimate of |A G(y) - A x|² for
 * noise of variance σ²(y), by one random direction b,
 *
 *     |A G(y) - y|² + 2 Σ σ² b (A G(y + δb) - A G(y)) / δ     (but for the constant Σ σ²; Ramani et al. 2008),
 *
 * and |A G(y) - y|² alone where the noise is not known. A mean over pixels.
 */
export function scanFit(
  g: Graph,
  lr: Tensor,
  options: {
    readonly measured: Tensor;
    readonly again: (scan: Tensor) => Tensor;
    readonly noise: NoiseModel | null;
  },
): Tensor {
  const { measured, again, noise } = options;
  const residual = g.mean(g.square(g.sub(measured, lr)));
  if (noise === null) return residual;
  const direction = noiseInput(g, 'direction', lr.shape);
  const moved = g.sub(again(g.add(lr, g.scale(direction, MOVED))), measured);
  const divergence = g.mean(g.mul(g.mul(noiseVariance(g, lr, noise), direction), moved));
  return g.add(residual, g.scale(divergence, 2 / MOVED));
}

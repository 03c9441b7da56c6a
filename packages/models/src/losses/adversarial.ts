import type { Graph, Tensor } from '../graph/index.js';

/**
 * How far a discriminator's logits are from calling every patch real or false, as a mean.
 * - bce: cross entropy (Goodfellow et al. 2014)
 * - lsgan: squares (Mao et al. 2017, arXiv:1611.04076)
 */
const distances = {
  bce: (g: Graph, logits: Tensor, real: boolean) => g.mean(g.softplus(real ? g.neg(logits) : logits)),
  lsgan: (g: Graph, logits: Tensor, real: boolean) => g.mean(g.square(g.shift(logits, real ? -1 : 0))),
};

export type AdversarialLoss = keyof typeof distances;
export const adversarialLosses = Object.keys(distances) as AdversarialLoss[];

/** The distance of the given kind of logits from "real" (true) or "false". */
export function adversarialLoss(g: Graph, kind: AdversarialLoss, logits: Tensor, real: boolean): Tensor {
  return distances[kind](g, logits, real);
}

import type { Graph, Tensor } from '../graph/index.js';

/** `bce`: cross entropy on logits (Goodfellow et al. 2014); `lsgan`: squares (Mao et al. 2017, arXiv:1611.04076). */
export const adversarialLosses = ['bce', 'lsgan'] as const;
export type AdversarialLoss = (typeof adversarialLosses)[number];

/** How far a discriminator's logits are from calling every patch real (1) or false (0), as a mean. */
export function adversarialLoss(g: Graph, kind: AdversarialLoss, logits: Tensor, real: boolean): Tensor {
  if (kind === 'lsgan') return g.mean(g.square(g.shift(logits, real ? -1 : 0)));
  return g.mean(g.softplus(real ? g.neg(logits) : logits));
}

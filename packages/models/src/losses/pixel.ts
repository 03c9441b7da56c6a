import type { Graph, Tensor } from '../graph/index.js';

/** Distances between two images of one shape, as the mean over all values. */
export const pixelLosses = ['l1', 'mse', 'charbonnier'] as const;
export type PixelLoss = (typeof pixelLosses)[number];

/**
 * - l1: mean |a - b|
 * - mse: mean (a - b)²
 * - charbonnier: mean sqrt((a - b)² + 1e-6) (Lai et al. 2017)
 */
export function pixelLoss(g: Graph, kind: PixelLoss, estimate: Tensor, reference: Tensor): Tensor {
  const difference = g.sub(estimate, reference);
  if (kind === 'l1') return g.mean(g.abs(difference));
  const square = g.square(difference);
  return kind === 'mse' ? g.mean(square) : g.mean(g.sqrt(g.shift(square, 1e-6)));
}

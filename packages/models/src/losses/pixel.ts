import type { Graph, Tensor } from '../graph/index.js';
import { structuralSimilarity } from './ssim.js';

/** A distance between two images of one shape: a scalar, 0 for equal ones. */
type Distance = (g: Graph, estimate: Tensor, reference: Tensor) => Tensor;

const absolute: Distance = (g, estimate, reference) => g.mean(g.abs(g.sub(estimate, reference)));

const squared: Distance = (g, estimate, reference) => g.mean(g.square(g.sub(estimate, reference)));

const charbonnier: Distance = (g, estimate, reference) =>
  g.mean(g.sqrt(g.shift(g.square(g.sub(estimate, reference)), 1e-6)));

/** How much of 1 - SSIM the loss of DFCAN has beside its squares. */
const SIMILARITY = 0.1;

const squaredAndSimilar: Distance = (g, estimate, reference) =>
  g.add(
    squared(g, estimate, reference),
    g.scale(g.shift(g.neg(structuralSimilarity(g, estimate, reference)), 1), SIMILARITY),
  );

/**
 * Pixel losses by the name that a spec gives, each a mean over all values:
 * - l1: |a - b|
 * - mse: (a - b)²
 * - charbonnier: sqrt((a - b)² + 1e-6) (Lai et al. 2017)
 * - mse-ssim: (a - b)² + 0.1 (1 - SSIM), as DFCAN is trained (its authors stretch each image to [0, 1] before)
 */
const distances = {
  l1: absolute,
  mse: squared,
  charbonnier,
  'mse-ssim': squaredAndSimilar,
} as const satisfies Record<string, Distance>;

export type PixelLoss = keyof typeof distances;

/** Names of all pixel losses, for specs. */
export const pixelLosses = Object.keys(distances) as [PixelLoss, ...PixelLoss[]];

/** The distance of an estimate from its reference by one of the pixel losses. */
export function pixelLoss(g: Graph, kind: PixelLoss, estimate: Tensor, reference: Tensor): Tensor {
  return distances[kind](g, estimate, reference);
}

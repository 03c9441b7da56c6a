import type { Graph, Shape, Tensor } from '../graph/index.js';

/**
 * Says how much each pixel of a batch counts in {@link topologicalErrorLoss}: weights that sum to 1 over the critical
 * regions of all images, or to 0 where there is none. It labels regions on the CPU, outside of any graph.
 * @param probability of the network, and `mask` of the reference (1 or 0), both of `shape` [n, spatial axes, 1].
 */
export type CriticalWeights = (probability: Float32Array, mask: Float32Array, shape: Shape) => Float32Array;

/**
 * Mean of |p - y| over the regions that change the topology (Topograph, Lux et al. 2024, arXiv:2411.03228), in [0, 1]:
 * the sum of weight · |p - y|. Each critical region counts the same, whatever its size, and each of its pixels the
 * same; without one the loss is 0. Topograph sums over regions where this takes their mean, so that the weight of the
 * term does not hang on how many there are.
 * @param weights see {@link CriticalWeights}.
 */
export function topologicalErrorLoss(g: Graph, probability: Tensor, mask: Tensor, weights: Tensor): Tensor {
  return g.sum(g.mul(weights, g.abs(g.sub(probability, mask))));
}

import { conv, normal, sizeOf, type Graph, type Tensor } from '../graph/index.js';
import type { GeneratorOutput } from './architecture.js';

/** What a head that is kept at inference gives, on the HR grid, one channel. */
export interface NetworkOutput {
  /** Log odds of belonging to the network. */
  readonly logits: Tensor;
  /** Their sigmoid, 0 to 1. */
  readonly probability: Tensor;
}

/** One convolution from a generator's last features to the network, shuffled to the HR grid. */
export function networkHead(
  g: Graph,
  { features, featureFactor }: Pick<GeneratorOutput, 'features' | 'featureFactor'>,
): NetworkOutput {
  const filters = sizeOf(featureFactor);
  const phases = conv(g, 'network', features, { filters, kernel: 3, initializer: normal(0.01) });
  const logits = g.depthToSpace(phases, featureFactor);
  return { logits, probability: g.sigmoid(logits) };
}

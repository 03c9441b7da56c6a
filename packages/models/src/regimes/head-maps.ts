import type { GeneratorOutput } from '../architectures/index.js';
import { conv, normal, sizeOf, spatialRank, type Graph, type Tensor } from '../graph/index.js';
import { HEADS } from './regime.js';

/** Numbers that say a direction: cos and sin of the double angle, or the six of a symmetric tensor. */
export const directionChannels = (image: Tensor): number => (spatialRank(image.shape) === 3 ? 6 : 2);

/**
 * One convolution from a generator's last features to maps on the HR grid, the channels of one tensor: distance to the
 * background (px, scaled to 0..1), centreline heat, and the direction d of the network, which has no sign: in a plane
 * as cos and sin of the double angle, in a volume as the tensor d·dᵀ (xx, yy, zz, xy, xz, yz).
 */
export function headMaps(
  g: Graph,
  { features, featureFactor }: Pick<GeneratorOutput, 'features' | 'featureFactor'>,
): Tensor {
  const filters = (2 + directionChannels(features)) * sizeOf(featureFactor);
  const maps = g.scope(HEADS, () => conv(g, 'maps', features, { filters, kernel: 3, initializer: normal(0.01) }));
  return g.depthToSpace(maps, featureFactor);
}

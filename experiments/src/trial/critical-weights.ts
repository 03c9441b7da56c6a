import { criticalRegions, type CriticalRegions, type Mask } from '@lacuna/iqa';
import type { CriticalWeights } from '@lacuna/models';

/**
 * Weights for the loss of topological errors: each critical region of the batch counts the same, and each of its pixels
 * the same. The network is where its probability is above one half.
 */
export const criticalWeights: CriticalWeights = (probability, mask, [images, ...sizes]) => {
  const [width, height, depth = 1] = sizes.slice(0, -1).reverse();
  const count = width * height * depth;
  const maskOf = (values: Float32Array, image: number): Mask => {
    const data = new Uint8Array(count);
    for (let i = 0; i < count; i++) data[i] = values[image * count + i] > 0.5 ? 1 : 0;
    return { data, width, height, depth };
  };
  const found: CriticalRegions[] = [];
  for (let image = 0; image < images; image++)
    found.push(criticalRegions(maskOf(mask, image), maskOf(probability, image)));
  const total = found.reduce((sum, { count: regions }) => sum + regions, 0);
  const weights = new Float32Array(images * count);
  found.forEach(({ labels, sizes: pixels }, image) => {
    for (let i = 0; i < count; i++) {
      const region = labels[i];
      if (region > 0) weights[image * count + i] = 1 / (total * pixels[region]);
    }
  });
  return weights;
};

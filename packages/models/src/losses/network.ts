import { spatialSizes, type Graph, type Tensor } from '../graph/index.js';

/** Log odds of belonging to the network, (x - threshold) / temperature; the threshold is the HR images' own. */
export function thresholdLogits(g: Graph, image: Tensor, threshold: number, temperature: number): Tensor {
  return g.scale(g.shift(image, -threshold), 1 / temperature);
}

/** Probability of belonging to the network: the sigmoid of {@link thresholdLogits}. */
export function softThreshold(g: Graph, image: Tensor, threshold: number, temperature: number): Tensor {
  return g.sigmoid(thresholdLogits(g, image, threshold, temperature));
}

/**
 * Skeleton recall (Kirchhoff et al. 2024, arXiv:2404.03010): 1 - (sum tube·p + 1) / (sum tube + 1) for each image, then
 * the mean.
 * @param tube dilated skeleton of the reference, 1 or 0, made once on the CPU.
 */
export function skeletonRecallLoss(g: Graph, probability: Tensor, tube: Tensor): Tensor {
  const found = total(g, g.mul(probability, tube));
  const all = total(g, tube);
  return oneMinus(g, g.mean(g.div(g.shift(found, 1), g.shift(all, 1))));
}

/**
 * Cross entropy of log odds against a mask of 1 and 0, or against probabilities, mean over pixels: softplus(l) - l·y.
 */
export function crossEntropyLoss(g: Graph, logits: Tensor, mask: Tensor): Tensor {
  return g.mean(g.sub(g.softplus(logits), g.mul(logits, mask)));
}

/** Dice: 1 - (2 sum p·y + 1) / (sum p + sum y + 1) for each image, then the mean. */
export function diceLoss(g: Graph, probability: Tensor, mask: Tensor): Tensor {
  const shared = total(g, g.mul(probability, mask));
  const both = g.add(total(g, probability), total(g, mask));
  return oneMinus(g, g.mean(g.div(g.shift(g.scale(shared, 2), 1), g.shift(both, 1))));
}

/**
 * What erosion takes the minimum of: `square`, 3x3 pixels or 3x3x3 voxels; `cross`, three pixels along each axis, as
 * the code of the paper does.
 */
export type Erosion = 'square' | 'cross';

/**
 * Soft skeleton (Shit et al. 2021, arXiv:2003.07311): S = relu(I - open I); k times I = erode I, d = relu(I - open I),
 * S += relu(d - S d). Dilation is the maximum of 3x3 pixels or 3x3x3 voxels, erosion a minimum ({@link Erosion}).
 */
export function softSkeleton(g: Graph, probability: Tensor, iterations: number, erosion: Erosion = 'square'): Tensor {
  const erode = erosions[erosion];
  const open = (x: Tensor) => g.maxPool(erode(g, x), { window: 3, stride: 1, padding: 'same' });
  let image = probability;
  let skeleton = g.relu(g.sub(image, open(image)));
  for (let i = 0; i < iterations; i++) {
    image = erode(g, image);
    const ridge = g.relu(g.sub(image, open(image)));
    skeleton = g.add(skeleton, g.relu(g.sub(ridge, g.mul(skeleton, ridge))));
  }
  return skeleton;
}

/**
 * 1 - clDice with soft skeletons of both: precision on the estimate's skeleton, recall on the reference's. `iterations`
 * must reach the widest radius in px.
 */
export function softClDiceLoss(
  g: Graph,
  probability: Tensor,
  mask: Tensor,
  { iterations, erosion }: { readonly iterations: number; readonly erosion?: Erosion | undefined },
): Tensor {
  const estimated = softSkeleton(g, probability, iterations, erosion);
  const wanted = softSkeleton(g, mask, iterations, erosion);
  const ratio = (skeleton: Tensor, area: Tensor) =>
    g.div(g.shift(total(g, g.mul(skeleton, area)), 1), g.shift(total(g, skeleton), 1));
  const precision = ratio(estimated, mask);
  const recall = ratio(wanted, probability);
  return oneMinus(g, g.mean(g.div(g.scale(g.mul(precision, recall), 2), g.add(precision, recall))));
}

const total = (g: Graph, x: Tensor): Tensor => g.sum(x, { axes: x.shape.map((_, axis) => axis).slice(1) });
const oneMinus = (g: Graph, x: Tensor): Tensor => g.shift(g.neg(x), 1);

const erosions: Readonly<Record<Erosion, (g: Graph, x: Tensor) => Tensor>> = {
  square: (g, x) => g.neg(g.maxPool(g.neg(x), { window: 3, stride: 1, padding: 'same' })),
  cross(g, x) {
    const opposite = g.neg(x);
    const axes = spatialSizes(x.shape).map((_, axis) => axis);
    const alongEach = axes.map((axis) => {
      const window = axes.map((other) => (other === axis ? 3 : 1));
      return g.maxPool(opposite, { window, stride: 1, padding: 'same' });
    });
    return g.neg(alongEach.reduce((largest, along) => g.maximum(largest, along)));
  },
};

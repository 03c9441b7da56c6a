import { topologicalOrder, type Tensor } from '../graph/index.js';

/** The convolution of a network that sees its input first. */
export interface FirstLayer {
  /** Name of its filters, [spatial, in, out]. */
  readonly filters: string;
  readonly shape: readonly number[];
  /** What it gives, before a bias. */
  readonly response: Tensor;
}

/**
 * Finds the layer that looks at the input itself: of the convolutions with filters of their own between which and the
 * input there is no other, the one with most of them (a skip of a few phases has fewer).
 * @returns null for a network without one.
 */
export function firstLayerOf(outputs: readonly Tensor[], input: Tensor): FirstLayer | null {
  /** Tensors made from the input before any convolution. */
  const raw = new Set<Tensor>([input]);
  let best: FirstLayer | null = null;
  for (const node of topologicalOrder(outputs)) {
    if (!node.inputs.some((each) => raw.has(each))) continue;
    const isConvolution = node.op === 'conv' || node.op === 'convInputGradient';
    if (!isConvolution) {
      raw.add(node);
      continue;
    }
    const filters = node.inputs[1];
    if (node.op !== 'conv' || filters.op !== 'variable') continue;
    const { name, shape } = filters.attributes;
    if (best === null || shape.at(-1)! > best.shape.at(-1)!) best = { filters: name, shape, response: node };
  }
  return best;
}

import type { Mask, Spacing } from '../../mask.js';
import { buildPixelGraph } from './pixel-graph.js';

/** The pixels of a centreline, and the length that each stands for. */
export interface PixelLengths {
  /** Indices in the image, in raster order. */
  readonly pixels: Int32Array;
  readonly lengths: Float64Array;
}

/**
 * The length of a centreline by its pixels: half of each step to a neighbour, so that their sum is the network's
 * length; a point by itself counts one pixel of x.
 */
export function pixelLengths(skeleton: Mask, spacing: Spacing): PixelLengths {
  const { pixels, first, lengths: steps } = buildPixelGraph(skeleton, spacing);
  const lengths = new Float64Array(pixels.length);
  for (let p = 0; p < pixels.length; p++) {
    for (let e = first[p]; e < first[p + 1]; e++) lengths[p] += steps[e] / 2;
    if (first[p] === first[p + 1]) lengths[p] = spacing.x;
  }
  return { pixels, lengths };
}

import { z } from 'zod';
import { conv, sizeOf } from '../graph/index.js';
import { oddSide } from '../linear/filter-options.js';
import { architecture } from './architecture.js';

/**
 * One convolution and a depth-to-space: what ridge regression, LMMSE and smoothed interpolation come to, and the
 * smallest model that can be trained. Edges are mirrored.
 */
export const linear = architecture({
  source: 'arXiv:1606.01299',
  options: z.strictObject({
    kernel: oddSide(1).default(7).describe('side of the filter, in LR pixels'),
  }),
  grid: () => 'lr',
  multiple: () => 1,
  build(g, lr, { kernel }, { factor, channels }) {
    const phases = conv(g, 'filter', lr, { filters: channels * sizeOf(factor), kernel, padding: 'reflect' });
    return { sr: g.depthToSpace(phases, factor), features: lr, featureFactor: factor };
  },
});

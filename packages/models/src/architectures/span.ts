import { z } from 'zod';
import { channelsOf, conv, sizeOf, type Graph, type Tensor } from '../graph/index.js';
import { architecture } from './architecture.js';

/** What a block gives: its output, and what its first convolution made of its input. */
interface BlockOutput {
  readonly out: Tensor;
  readonly early: Tensor;
}

/** Swish: x · sigmoid(x). */
const silu = (g: Graph, x: Tensor): Tensor => g.mul(x, g.sigmoid(x));

/**
 * Swift parameter-free attention: three convolutions; their result, through a sigmoid that is odd about 0, scales the
 * sum of itself and the block's input.
 */
function attentionBlock(g: Graph, name: string, x: Tensor): BlockOutput {
  return g.scope(name, () => {
    const filters = channelsOf(x.shape);
    const early = conv(g, 'c1_r', x, { filters, kernel: 3 });
    const middle = conv(g, 'c2_r', silu(g, early), { filters, kernel: 3 });
    const late = conv(g, 'c3_r', silu(g, middle), { filters, kernel: 3 });
    const attention = g.shift(g.sigmoid(late), -0.5);
    return { out: g.mul(g.add(late, x), attention), early };
  });
}

/**
 * SPAN (Wan et al. 2023, arXiv:2311.12770): six attention blocks without parameters of their own for attention; head,
 * first block, last block and the early features of the last are joined. Convolutions are the plain ones of inference:
 * the paper trains each as three with a skip, and folds them afterwards.
 */
export const span = architecture({
  source: 'arXiv:2311.12770',
  options: z.strictObject({
    blocks: z.int().min(2).default(6).describe('attention blocks'),
    filters: z.int().min(1).default(48).describe('features of every layer'),
  }),
  grid: () => 'lr',
  multiple: () => 1,
  build(g, lr, { blocks, filters }, { factor, channels }) {
    const head = conv(g, 'conv_1', lr, { filters, kernel: 3 });
    const outputs: BlockOutput[] = [];
    for (let i = 1; i <= blocks; i++) outputs.push(attentionBlock(g, `block_${i}`, outputs.at(-1)?.out ?? head));
    const last = outputs.at(-1)!;
    const end = conv(g, 'conv_2', last.out, { filters, kernel: 3 });
    const joined = g.concat([head, end, outputs[0].out, last.early], head.shape.length - 1);
    const features = conv(g, 'conv_cat', joined, { filters, kernel: 1 });
    const phases = conv(g, 'upsampler.0', features, { filters: channels * sizeOf(factor), kernel: 3 });
    return { sr: g.depthToSpace(phases, factor), features, featureFactor: factor };
  },
});

import { z } from 'zod';
import {
  channelsOf,
  conv,
  convTranspose,
  instanceNorm,
  normal,
  upsample,
  type Graph,
  type Tensor,
} from '../graph/index.js';
import { architecture } from './architecture.js';
import { shareOf, stages } from './upsample.js';

const initializer = normal(0.02);

function residualBlock(g: Graph, name: string, x: Tensor): Tensor {
  return g.scope(name, () => {
    const filters = channelsOf(x.shape);
    const y = g.relu(
      instanceNorm(g, 'norm1', conv(g, 'conv1', x, { filters, kernel: 3, padding: 'reflect', initializer })),
    );
    return g.add(
      x,
      instanceNorm(g, 'norm2', conv(g, 'conv2', y, { filters, kernel: 3, padding: 'reflect', initializer })),
    );
  });
}

/** Enlarges by one or two along each axis: nearest and a convolution, or the transposed convolution of the paper. */
function enlarge(
  g: Graph,
  name: string,
  x: Tensor,
  options: { filters: number; stage: readonly number[]; upsampler: 'resize' | 'transposed' },
): Tensor {
  const { filters, stage, upsampler } = options;
  const y =
    upsampler === 'transposed'
      ? convTranspose(g, name, x, { filters, kernel: 3, stride: stage, initializer })
      : conv(g, name, upsample(g, x, stage, 'nearest'), { filters, kernel: 3, padding: 'reflect', initializer });
  return g.relu(instanceNorm(g, `${name}.norm`, y));
}

/**
 * The ResNet generator of CycleGAN (Zhu et al. 2017, arXiv:1703.10593; Johnson et al. 2016), 9 blocks (6 at 128²).
 *
 * `grid: hr` enlarges the LR image first, as the paper's equal sizes ask for. `grid: lr` works on the LR grid without
 * the two downsamplings and enlarges at the end: a sixteenth of the work at x4. Instance norm has no affine,
 * convolutions have a bias. The output is tanh, mapped to [0, 1].
 */
export const resnetGenerator = architecture({
  source: 'arXiv:1703.10593',
  options: z.strictObject({
    blocks: z.int().min(1).default(9).describe('residual blocks'),
    filters: z.int().min(1).default(64).describe('features of the first layer'),
    grid: z
      .enum(['hr', 'lr'])
      .default('hr')
      .describe('hr: on the interpolated image, as the paper; lr: enlarges by itself'),
    upsampler: z
      .enum(['resize', 'transposed'])
      .default('resize')
      .describe('resize leaves no checkerboard; the paper transposes'),
    skip: z.boolean().default(false).describe('adds the interpolated LR image before tanh (grid lr)'),
  }),
  grid: ({ grid }) => grid,
  multiple: ({ grid }, factor) => (grid === 'lr' ? 1 : shareOf(4, factor)),
  build(g, lr, { blocks, filters, grid, upsampler, skip }, { factor, channels, middle }) {
    let x = signed(g, grid === 'hr' ? upsample(g, lr, factor, 'bicubic') : lr);
    const encoder = [x];
    x = g.relu(
      instanceNorm(g, 'head.norm', conv(g, 'head', x, { filters, kernel: 7, padding: 'reflect', initializer })),
    );
    if (grid === 'hr') {
      for (let i = 0; i < 2; i++) {
        const filters = channelsOf(x.shape) * 2;
        const y = conv(g, `down.${i}`, x, { filters, kernel: 3, stride: 2, padding: 1, initializer });
        // CUT reads convolutions, not what the norm makes of them.
        encoder.push(y);
        x = g.relu(instanceNorm(g, `down.${i}.norm`, y));
      }
    }
    // CUT reads the first residual block and the fifth, half-way through nine.
    const read = new Set([0, Math.floor(blocks / 2)]);
    for (let i = 0; i < blocks; i++) {
      x = residualBlock(g, `block.${i}`, x);
      if (read.has(i)) encoder.push(x);
    }
    const doubled = factor.map(() => 2);
    const ups = grid === 'hr' ? [doubled, doubled] : stages(factor);
    ups.forEach((stage, i) => {
      const filters = grid === 'hr' ? channelsOf(x.shape) / 2 : channelsOf(x.shape);
      x = stage.includes(3)
        ? upsample(g, x, stage, 'nearest')
        : enlarge(g, `up.${i}`, x, { filters, stage, upsampler });
    });
    const y = conv(g, 'tail', x, { filters: channels, kernel: 7, padding: 'reflect', initializer });
    return {
      sr: unsigned(g, g.tanh(skip ? g.add(y, signed(g, upsample(g, middle, factor, 'bicubic'))) : y)),
      features: x,
      featureFactor: factor.map(() => 1),
      encoder,
    };
  },
});

/** [0, 1] to [-1, 1], where tanh generators live. */
export const signed = (g: Graph, x: Tensor): Tensor => g.shift(g.scale(x, 2), -1);
/** And back. */
export const unsigned = (g: Graph, x: Tensor): Tensor => g.shift(g.scale(x, 0.5), 0.5);

/**
 * The way back of an unpaired regime between unequal grids, HR to LR: one stride-2 convolution for each halving, then
 * residual blocks.
 */
export function shrinkGenerator(
  g: Graph,
  hr: Tensor,
  options: { blocks: number; filters: number; factor: readonly number[]; channels: number },
): Tensor {
  let x = g.relu(
    instanceNorm(
      g,
      'head.norm',
      conv(g, 'head', signed(g, hr), { filters: options.filters, kernel: 7, padding: 'reflect', initializer }),
    ),
  );
  stages(options.factor).forEach((stage, i) => {
    x = g.relu(
      instanceNorm(
        g,
        `down.${i}.norm`,
        conv(g, `down.${i}`, x, { filters: options.filters, kernel: 3, stride: stage, padding: 1, initializer }),
      ),
    );
  });
  for (let i = 0; i < options.blocks; i++) x = residualBlock(g, `block.${i}`, x);
  const shrunk = g.avgPool(hr, { window: options.factor });
  return unsigned(
    g,
    g.tanh(
      g.add(
        conv(g, 'tail', x, { filters: options.channels, kernel: 3, padding: 'reflect', initializer }),
        signed(g, shrunk),
      ),
    ),
  );
}

import { z } from 'zod';
import {
  batchNorm,
  conv,
  convTranspose,
  normal,
  upsample,
  type Graph,
  type Initializer,
  type Tensor,
} from '../graph/index.js';
import { architecture } from './architecture.js';
import { signed, unsigned } from './resnet-generator.js';
import { shareOf } from './upsample.js';

const initializer: Initializer = normal(0.02);

/**
 * The U-Net generator of Pix2Pix (Isola et al. 2017, arXiv:1611.07004): 4x4 convolutions of stride 2 down to one pixel
 * (8 levels at 256², 7 at 128²), skips, leaky ReLU 0.2 down and ReLU up, tanh, dropout 0.5 in the middle levels.
 * It works on the HR grid: the LR image is enlarged first. `upsampler: resize` avoids the checkerboard of transposed
 * convolutions.
 */
export const pix2pixUnet = architecture({
  source: 'arXiv:1611.07004',
  options: z.strictObject({
    levels: z.int().min(2).max(8).default(8).describe('halvings'),
    filters: z.int().min(1).default(64).describe('features of the first level'),
    upsampler: z
      .enum(['resize', 'transposed'])
      .default('resize')
      .describe('resize leaves no checkerboard; the paper transposes'),
    dropout: z.boolean().default(true).describe('in the middle levels on the way up, while it trains'),
    skip: z.boolean().default(false).describe('adds the interpolated LR image before tanh'),
  }),
  grid: () => 'hr',
  multiple: ({ levels }, factor) => shareOf(2 ** levels, factor),
  build(g, lr, { levels, filters, upsampler, dropout, skip }, { factor, channels, middle, training }) {
    const input = signed(g, upsample(g, lr, factor, 'bicubic'));
    const width = (level: number) => filters * Math.min(8, 2 ** level);
    const downs: Tensor[] = [];
    let x = input;
    for (let level = 0; level < levels; level++) {
      const y = conv(g, `down.${level}`, level === 0 ? x : g.leakyRelu(x), {
        filters: width(level),
        kernel: 4,
        stride: 2,
        padding: 1,
        bias: false,
        initializer,
      });
      x = level === 0 || level === levels - 1 ? y : batchNorm(g, `down.${level}.norm`, y);
      downs.push(x);
    }
    let features = x;
    for (let level = levels - 1; level >= 0; level--) {
      const outer = level === 0;
      const joined = level === levels - 1 ? x : g.concat([downs[level], x], x.shape.length - 1);
      features = g.relu(joined);
      x = up(g, `up.${level}`, features, { filters: outer ? channels : width(level - 1), upsampler, bias: outer });
      if (outer) break;
      x = batchNorm(g, `up.${level}.norm`, x);
      if (dropout && training && level >= 4 && level < levels - 1) x = drop(g, `dropout/up.${level}`, x);
    }
    const shown = () => (middle === lr ? input : signed(g, upsample(g, middle, factor, 'bicubic')));
    return { sr: unsigned(g, g.tanh(skip ? g.add(x, shown()) : x)), features, featureFactor: factor.map(() => 2) };
  },
});

function up(
  g: Graph,
  name: string,
  x: Tensor,
  options: { filters: number; upsampler: 'resize' | 'transposed'; bias: boolean },
): Tensor {
  const { filters, upsampler, bias } = options;
  if (upsampler === 'transposed')
    return convTranspose(g, name, x, { filters, kernel: 4, stride: 2, bias, initializer });
  return conv(g, name, upsample(g, x, 2, 'nearest'), { filters, kernel: 4, bias, initializer });
}

/** Inverted dropout at one half: the mask (0 or 2) is fed, so that a resumed run draws the same. */
function drop(g: Graph, name: string, x: Tensor): Tensor {
  return g.mul(x, g.input(name, x.shape));
}

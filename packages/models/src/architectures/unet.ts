import { z } from 'zod';
import { conv, upsample, type Tensor } from '../graph/index.js';
import { architecture } from './architecture.js';
import { shareOf } from './upsample.js';

/**
 * The U-Net of CARE (Weigert et al. 2018, doi 10.1038/s41592-018-0216-7): two convolutions a level, max pooling,
 * nearest enlargement, no normalisation, and the interpolated input added to the output.
 */
export const unet = architecture({
  source: 'doi:10.1038/s41592-018-0216-7',
  options: z.strictObject({
    depth: z.int().min(1).max(5).default(2).describe('halvings'),
    filters: z.int().min(1).default(32).describe('features of the first level; they double with each halving'),
    kernel: z.int().min(1).default(5).describe('side of every convolution'),
  }),
  grid: () => 'hr',
  multiple: ({ depth }, factor) => shareOf(2 ** depth, factor),
  build(g, lr, { depth, filters, kernel }, { factor, channels, middle }) {
    const input = upsample(g, lr, factor, 'bicubic');
    const width = (level: number) => filters * 2 ** Math.max(0, level);
    const layer = (name: string, x: Tensor, size: number) =>
      g.relu(conv(g, name, x, { filters: size, kernel, initializer: { kind: 'he-normal' } }));
    const skips: Tensor[] = [];
    let x = input;
    for (let level = 0; level < depth; level++) {
      x = layer(`down.${level}.1`, layer(`down.${level}.0`, x, width(level)), width(level));
      skips.push(x);
      x = g.maxPool(x, { window: 2 });
    }
    x = layer('middle.1', layer('middle.0', x, width(depth)), width(depth - 1));
    for (let level = depth - 1; level >= 0; level--) {
      x = g.concat([upsample(g, x, 2, 'nearest'), skips[level]], lr.shape.length - 1);
      x = layer(`up.${level}.1`, layer(`up.${level}.0`, x, width(level)), width(level - 1));
    }
    const y = conv(g, 'tail', x, { filters: channels, kernel: 1, initializer: { kind: 'normal', std: 0.01 } });
    const shown = middle === lr ? input : upsample(g, middle, factor, 'bicubic');
    return { sr: g.add(y, shown), features: x, featureFactor: factor.map(() => 1) };
  },
});

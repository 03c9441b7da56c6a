import { z } from 'zod';
import { conv, normal, upsample } from '../graph/index.js';
import { architecture } from './architecture.js';

/** SRCNN 9-5-5 (Dong et al. 2014, arXiv:1501.00092): three convolutions on the interpolated image. */
export const srcnn = architecture({
  source: 'arXiv:1501.00092',
  options: z.strictObject({}),
  grid: () => 'hr',
  multiple: () => 1,
  build(g, lr, _, { factor, channels }) {
    const initializer = normal(0.001);
    let x = upsample(g, lr, factor, 'bicubic');
    x = g.relu(conv(g, 'patch', x, { filters: 64, kernel: 9, initializer: { kind: 'he-normal' } }));
    x = g.relu(conv(g, 'map', x, { filters: 32, kernel: 5, initializer: { kind: 'he-normal' } }));
    return {
      sr: conv(g, 'reconstruct', x, { filters: channels, kernel: 5, initializer }),
      features: x,
      featureFactor: factor.map(() => 1),
    };
  },
});

import { z } from 'zod';
import { channelsOf, conv, powerSpectrum, sizeOf, spatialAxes, type Graph, type Tensor } from '../graph/index.js';
import { architecture } from './architecture.js';

/** Spectra are compressed: |F|^GAMMA. */
const GAMMA = 0.8;

/** Below this power a frequency counts as absent; it keeps the logarithm finite. */
const LEAST_POWER = 1e-8;

/**
 * Fourier channel attention: the amplitude spectrum of each channel, compressed, convolved and averaged over all
 * frequencies, scales the channel. The spectrum is orthonormal, where the authors' grows with the image: a model then
 * sees the same in a training patch and in a larger image.
 */
function fourierAttention(g: Graph, x: Tensor, reduction: number): Tensor {
  const filters = channelsOf(x.shape);
  const power = g.shift(powerSpectrum(g, x), LEAST_POWER);
  const amplitude = g.exp(g.scale(g.log(power), GAMMA / 2));
  const seen = g.relu(conv(g, 'spectrum', amplitude, { filters, kernel: 3 }));
  const mean = g.mean(seen, { axes: spatialAxes(x.shape), keepDims: true });
  const squeezed = g.relu(conv(g, 'squeeze', mean, { filters: filters / reduction, kernel: 1 }));
  return g.mul(x, g.sigmoid(conv(g, 'expand', squeezed, { filters, kernel: 1 })));
}

function attentionBlock(g: Graph, name: string, x: Tensor, reduction: number): Tensor {
  return g.scope(name, () => {
    const filters = channelsOf(x.shape);
    const y = g.gelu(conv(g, 'conv1', x, { filters, kernel: 3 }));
    const z = g.gelu(conv(g, 'conv2', y, { filters, kernel: 3 }));
    return g.add(x, fourierAttention(g, z, reduction));
  });
}

/**
 * DFCAN (Qiao et al. 2021, Nature Methods 18, 194): residual groups of blocks with channel attention in the Fourier
 * domain, for microscopes. The output is a sigmoid, in [0, 1].
 */
export const dfcan = architecture({
  source: 'doi:10.1038/s41592-020-01048-5',
  options: z
    .strictObject({
      groups: z.int().min(1).default(4).describe('residual groups'),
      blocks: z.int().min(1).default(4).describe('Fourier channel attention blocks of a group'),
      filters: z.int().min(1).default(64).describe('features of every layer'),
      reduction: z.int().min(1).default(16).describe('of the features inside of channel attention'),
    })
    .refine(({ filters, reduction }) => filters % reduction === 0, {
      path: ['filters'],
      message: 'filters must be a multiple of reduction',
    }),
  grid: () => 'lr',
  multiple: () => 1,
  build(g, lr, { groups, blocks, filters, reduction }, { factor, channels }) {
    let x = g.gelu(conv(g, 'head', lr, { filters, kernel: 3 }));
    for (let i = 0; i < groups; i++) {
      const start = x;
      x = g.scope(`group.${i}`, () => {
        let y = start;
        for (let k = 0; k < blocks; k++) y = attentionBlock(g, `block.${k}`, y, reduction);
        return g.add(start, y);
      });
    }
    const wide = g.gelu(conv(g, 'up', x, { filters: filters * sizeOf(factor), kernel: 3 }));
    const features = g.depthToSpace(wide, factor);
    const sr = g.sigmoid(conv(g, 'tail', features, { filters: channels, kernel: 3 }));
    return { sr, features, featureFactor: factor.map(() => 1) };
  },
});

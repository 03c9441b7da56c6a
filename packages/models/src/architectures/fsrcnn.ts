import { z } from 'zod';
import { convTranspose, normal, sizeOf, zeros, type Graph, type Tensor } from '../graph/index.js';
import { architecture } from './architecture.js';
import { addSkip, coreHasSkip, coreOptions, fitSkip, skipKind, skipMeaning } from './skip.js';
import { isWhole, symmetricLayers, symmetryOption, type SymmetricLayers } from './symmetric-layers.js';
import { transposedUp } from './upsample.js';

const upsamplers = ['transposed', 'shuffle', 'staged'] as const;

/**
 * FSRCNN (Dong et al. 2016, arXiv:1608.00367): feature extraction 5x5, shrinking 1x1, mapping m times 3x3,
 * expanding 1x1, one 9x9 transposed convolution. All at the LR grid; PReLU between.
 *
 * `upsampler: shuffle` puts a 3x3 sub-pixel convolution in place of the transposed one, and `skip` adds the
 * interpolated LR image, or a fitted filter of it, so that the network learns what that lacks: it trains in hundreds of
 * steps instead of many thousands. The 9x9 kernel overlaps by one pixel at a stride of 8, and SR shows the blocks;
 * `upsampler: staged` enlarges by twos.
 */
export const fsrcnn = architecture({
  source: 'arXiv:1608.00367',
  options: z
    .strictObject({
      d: z.int().min(1).default(56).describe('features'),
      s: z.int().min(1).default(12).describe('features after shrinking'),
      m: z.int().min(0).default(4).describe('mapping layers'),
      upsampler: z
        .enum(upsamplers)
        .default('transposed')
        .describe(
          'the paper transposes; shuffle is a sub-pixel convolution; staged transposes x2 (or x3) at a time, by ' +
            's features and kernels that overlap: no grid at large factors',
        ),
      skip: skipKind.default('none').describe(skipMeaning),
      core: coreOptions,
      symmetry: symmetryOption,
    })
    .refine(...coreHasSkip)
    .refine(({ symmetry, d, s }) => isWhole(symmetry, [d, s]), {
      path: ['symmetry'],
      message: 'd and s must be multiples of the number of its symmetries: square 8, prism 16, cube 48',
    })
    .refine(({ symmetry, upsampler }) => symmetry === undefined || upsampler === 'shuffle', {
      path: ['symmetry'],
      message: 'a transposed convolution cuts its edges unevenly at even factors; set upsampler to shuffle',
    }),
  grid: () => 'lr',
  multiple: () => 1,
  closedForm: fitSkip,
  build(g, lr, { d, s, m, upsampler, skip, core, symmetry }, { factor, channels, middle }) {
    const layers = symmetricLayers(symmetry, factor.length);
    const he = { kind: 'he-normal' } as const;
    let x = layers.prelu(
      g,
      'feature',
      layers.conv(g, 'feature', lr, { filters: d, kernel: 5, initializer: he, reads: 'image' }),
    );
    x = layers.prelu(g, 'shrink', layers.conv(g, 'shrink', x, { filters: s, kernel: 1, initializer: he }));
    for (let i = 0; i < m; i++)
      x = layers.prelu(g, `map.${i}`, layers.conv(g, `map.${i}`, x, { filters: s, kernel: 3, initializer: he }));
    x = layers.prelu(g, 'expand', layers.conv(g, 'expand', x, { filters: d, kernel: 1, initializer: he }));
    const y = enlarge(g, x, { upsampler, s, layers, factor, channels });
    return { sr: addSkip(g, y, middle, { skip, core, symmetry, factor }), features: x, featureFactor: factor };
  },
});

interface UpsamplerOptions {
  readonly upsampler: (typeof upsamplers)[number];
  readonly s: number;
  readonly layers: SymmetricLayers;
  readonly factor: readonly number[];
  readonly channels: number;
}

/** Features to the image: [n, spatial, d] to [n, spatial·factor, channels]. */
function enlarge(g: Graph, x: Tensor, { upsampler, s, layers, factor, channels }: UpsamplerOptions): Tensor {
  switch (upsampler) {
    case 'transposed':
      return convTranspose(g, 'deconvolution', x, {
        filters: channels,
        // An axis that keeps its length is mapped as the layers before do.
        kernel: factor.map((each) => (each === 1 ? 3 : 9)),
        stride: factor,
        initializer: normal(0.001),
      });
    case 'shuffle': {
      const phases = layers.conv(g, 'shuffle', x, {
        filters: channels * sizeOf(factor),
        kernel: 3,
        initializer: normal(0.001),
        biasInitializer: zeros,
        makes: 'image',
        block: factor,
      });
      return g.depthToSpace(phases, factor);
    }
    case 'staged':
      return transposedUp(g, 'up', x, { factor, features: s, channels });
  }
}

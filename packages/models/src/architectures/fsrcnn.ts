import { z } from 'zod';
import { conv, convTranspose, normal, prelu, sizeOf, zeros } from '../graph/index.js';
import { architecture } from './architecture.js';
import { addSkip, coreHasSkip, coreOptions, fitSkip, skipKind, skipMeaning } from './skip.js';

/**
 * FSRCNN (Dong et al. 2016, arXiv:1608.00367): feature extraction 5x5, shrinking 1x1, mapping m times 3x3,
 * expanding 1x1, one 9x9 transposed convolution. All at the LR grid; PReLU between.
 *
 * `upsampler: shuffle` puts a 3x3 sub-pixel convolution in place of the transposed one, and `skip` adds the
 * interpolated LR image, or a fitted filter of it, so that the network learns what that lacks: it trains in hundreds of
 * steps instead of many thousands.
 */
export const fsrcnn = architecture({
  source: 'arXiv:1608.00367',
  options: z
    .strictObject({
      d: z.int().min(1).default(56).describe('features'),
      s: z.int().min(1).default(12).describe('features after shrinking'),
      m: z.int().min(0).default(4).describe('mapping layers'),
      upsampler: z
        .enum(['transposed', 'shuffle'])
        .default('transposed')
        .describe('the paper transposes; shuffle is a sub-pixel convolution'),
      skip: skipKind.default('none').describe(skipMeaning),
      core: coreOptions,
    })
    .refine(...coreHasSkip),
  grid: () => 'lr',
  multiple: () => 1,
  closedForm: fitSkip,
  build(g, lr, { d, s, m, upsampler, skip, core }, { factor, channels }) {
    const he = { kind: 'he-normal' } as const;
    let x = prelu(g, 'feature', conv(g, 'feature', lr, { filters: d, kernel: 5, initializer: he }));
    x = prelu(g, 'shrink', conv(g, 'shrink', x, { filters: s, kernel: 1, initializer: he }));
    for (let i = 0; i < m; i++)
      x = prelu(g, `map.${i}`, conv(g, `map.${i}`, x, { filters: s, kernel: 3, initializer: he }));
    x = prelu(g, 'expand', conv(g, 'expand', x, { filters: d, kernel: 1, initializer: he }));
    const y =
      upsampler === 'transposed'
        ? convTranspose(g, 'deconvolution', x, {
            filters: channels,
            // An axis that keeps its length is mapped as the layers before do.
            kernel: factor.map((each) => (each === 1 ? 3 : 9)),
            stride: factor,
            initializer: normal(0.001),
          })
        : g.depthToSpace(
            conv(g, 'shuffle', x, {
              filters: channels * sizeOf(factor),
              kernel: 3,
              initializer: normal(0.001),
              biasInitializer: zeros,
            }),
            factor,
          );
    return { sr: addSkip(g, y, lr, { skip, core, factor }), features: x, featureFactor: factor };
  },
});

import { z } from 'zod';
import { filterSide, orientedOptions, ridgeStrength } from '@lacuna/models';

/** A linear filter in closed form; nothing is trained step by step. */
export const linearRegime = z
  .strictObject({
    kind: z.literal('linear'),
    fit: z
      .enum(['ridge', 'lmmse', 'smoothed-bicubic', 'oriented-ridge'])
      .default('ridge')
      .describe(
        'ridge regression on the training pairs; the linear filter of least error for the known degradation; ' +
          'bicubic and a Gaussian whose width is chosen on the validation split; or ridge regression by orientation, ' +
          'coherence and strength of what surrounds a pixel (model oriented)',
      ),
    kernel: filterSide,
    ridge: ridgeStrength,
    sigmas: z
      .array(z.number().min(0))
      .min(1)
      .default([0.125, 0.25, 0.375, 0.5, 0.75])
      .describe('smoothed-bicubic alone: widths of the Gaussian that are tried, in LR pixels'),
    bank: orientedOptions
      .omit({ kernel: true })
      .optional()
      .describe('oriented-ridge alone: which filters there are; when left out, as of model oriented'),
    shrinkage: z
      .number()
      .min(0)
      .optional()
      .describe(
        'oriented-ridge alone: pixels of the whole that each filter is fitted to besides its own, which draws it ' +
          'towards ' +
          'plain ridge; when left out, 20',
      ),
  })
  .refine(
    ({ fit, bank, shrinkage }) => fit === 'oriented-ridge' || (bank === undefined && shrinkage === undefined),
    'bank and shrinkage are of fit: oriented-ridge; set it, or leave them out',
  );

/** Deconvolution with the known degradation; the number of its steps is chosen on the validation split. */
export const deconvolutionRegime = z.strictObject({
  kind: z.literal('deconvolution'),
  method: z.enum(['richardson-lucy']).default('richardson-lucy').describe('for photon noise'),
  iterations: z
    .array(z.int().min(1).max(1000))
    .min(1)
    .default([2, 4, 8, 16, 32, 64])
    .describe('numbers of steps that are tried'),
});

export type LinearSpec = z.infer<typeof linearRegime>;
export type DeconvolutionSpec = z.infer<typeof deconvolutionRegime>;

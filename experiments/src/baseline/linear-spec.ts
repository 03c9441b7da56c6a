import { z } from 'zod';
import { filterSide, ridgeStrength } from '@lacuna/models';

/** A linear filter in closed form; nothing is trained step by step. */
export const linearRegime = z.strictObject({
  kind: z.literal('linear'),
  fit: z
    .enum(['ridge', 'lmmse', 'smoothed-bicubic'])
    .default('ridge')
    .describe(
      'ridge regression on the training pairs; the linear filter of least error for the known degradation; or ' +
        'bicubic and a Gaussian whose width is chosen on the validation split',
    ),
  kernel: filterSide,
  ridge: ridgeStrength,
  sigmas: z
    .array(z.number().min(0))
    .min(1)
    .default([0.125, 0.25, 0.375, 0.5, 0.75])
    .describe('smoothed-bicubic alone: widths of the Gaussian that are tried, in LR pixels'),
});

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

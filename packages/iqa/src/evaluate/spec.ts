import { z } from 'zod';
import { metricNames, type MetricName } from './catalogue.js';

/**
 * How masks are made of intensities. The level always comes from the reference, so that both are cut at the same one.
 */
export const thresholdSpec = z.union([
  z.literal('otsu').describe("Otsu's level of the reference"),
  z
    .literal('network')
    .describe(
      "the reference's level at the edges of its network, at the scale of the smoothing: for networks that fill little",
    ),
  z.number().describe('a fixed level, in the unit of the intensities'),
  z
    .strictObject({
      low: z.number().describe('what hangs together with a part above the other level counts'),
      high: z.number().describe('what is above counts'),
    })
    .describe('hysteresis: two fixed levels'),
]);

/** Some of the metrics that there are when this is called. */
const metricsField = () =>
  z
    .array(z.enum(metricNames))
    .min(1)
    .refine((names) => new Set(names).size === names.length, 'each metric once')
    .default([
      'psnr',
      'ssim',
      'cldice',
      'cldice_precision',
      'cldice_recall',
      'betti0_error',
      'betti1_error',
      'weak_branch_recall',
      'invented_length',
      'largest_component',
    ] satisfies MetricName[])
    .describe('what to measure, in the order of the tables');

/** The slice of an experiment's spec that says what is measured and how, by Lacuna's own metrics. */
export const evaluationSpec = z.strictObject({
  metrics: metricsField(),
  threshold: thresholdSpec.default('otsu').describe('the level at which networks are told from the rest'),
  smoothing: z
    .number()
    .min(0)
    .max(20)
    .default(1)
    .describe('sigma in px of the Gaussian before thresholding; 0 for none'),
  border: z.number().int().min(0).default(0).describe('px cut from each side before anything is measured'),
  channel: z
    .union([z.literal('y'), z.literal('all'), z.number().int().min(0)])
    .default('all')
    .describe("'y' for the luma of RGB; network metrics of colour images need 'y' or a number"),
  tolerance: z.number().min(0).default(2).describe('px within which two centrelines or surfaces are one'),
  connectivity: z.enum(['full', 'face']).default('full').describe('of the foreground: full is 8 / 26, face is 4 / 6'),
});

/** {@link evaluationSpec} with the metrics that extensions registered. */
export const registeredEvaluationSpec = (): typeof evaluationSpec => evaluationSpec.extend({ metrics: metricsField() });

export type EvaluationSpec = z.output<typeof evaluationSpec>;

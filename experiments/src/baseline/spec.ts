import { z } from 'zod';

/** The pretrained models that a spec may name. */
const pretrainedNames = ['esrgan-slim', 'esrgan-medium', 'esrgan-thick'] as const;
export type PretrainedName = (typeof pretrainedNames)[number];

/** No training: any ONNX file that enlarges one image. What it does not say of itself must be said here. */
export const onnxRegime = z.strictObject({
  kind: z.literal('onnx'),
  path: z.string().min(1).describe('the file, relative to the spec').meta({ format: 'path' }),
  range: z
    .tuple([z.number(), z.number()])
    .refine(([low, high]) => high > low, 'the second must be larger')
    .optional()
    .describe("the network's numbers for black and white, such as [0, 255]"),
  layout: z.enum(['nchw', 'nhwc']).optional().describe('order of the axes, where the file leaves it open'),
  channels: z
    .union([z.literal(1), z.literal(3)])
    .optional()
    .describe('3: a grey image is given three times, and the mean of the three is taken'),
  factor: z.int().min(2).optional().describe("checked against the network's own"),
  tile: z.int().min(32).default(256).describe('longest side of a tile, LR pixels'),
});

/** No training: a published model, fetched when first needed. */
export const pretrainedRegime = z.strictObject({
  kind: z.literal('pretrained'),
  model: z.enum(pretrainedNames).describe('which of the packages that are known'),
  tile: z.int().min(32).default(256).describe('longest side of a tile, LR pixels'),
});

export type BaselineSpec = z.infer<typeof onnxRegime> | z.infer<typeof pretrainedRegime>;

import { z } from 'zod';
import { discriminatorOptions } from '../architectures/index.js';
import { adversarialLosses, pixelLosses } from '../losses/index.js';
import { termOptions } from './geometry-terms.js';

const weight = z.number().min(0);

/** No training: the LR image is interpolated. */
const interpolation = z.strictObject({
  kind: z.literal('interpolation'),
  method: z.enum(['nearest', 'bilinear', 'bicubic']).default('bicubic'),
});

/** Pairs and a pixel loss. */
const paired = z.strictObject({ kind: z.literal('paired'), loss: z.enum(pixelLosses).default('l1') });

/** Pix2Pix (arXiv:1611.07004): a conditional discriminator beside the pixel loss. */
const adversarial = z.strictObject({
  kind: z.literal('adversarial'),
  loss: z.enum(pixelLosses).default('l1'),
  pixelWeight: weight.default(100),
  adversarial: z.enum(adversarialLosses).default('bce'),
  adversarialWeight: weight.default(1),
  discriminator: discriminatorOptions.prefault({}),
});

/** CycleGAN (arXiv:1703.10593) on unpaired LR and HR patches. */
const unpaired = z.strictObject({
  kind: z.literal('unpaired'),
  adversarial: z.enum(adversarialLosses).default('lsgan'),
  cycleWeight: weight.default(10),
  identityWeight: weight.default(0.5).describe('times the cycle weight'),
  poolSize: z.int().min(0).default(50),
  backward: z
    .discriminatedUnion('kind', [
      z.strictObject({
        kind: z.literal('learned'),
        blocks: z.int().min(0).default(9),
        filters: z.int().min(1).default(64),
      }),
      z.strictObject({ kind: z.literal('known') }).describe('the degradation itself is the way back'),
    ])
    .prefault({ kind: 'learned' }),
  discriminator: discriminatorOptions.prefault({ norm: 'instance' }),
});

/** Pairs, and terms that know the network: skeleton recall, Dice, forward-model consistency, geometry heads. */
const geometry = z.strictObject({
  kind: z.literal('geometry'),
  loss: z.enum(pixelLosses).default('l1'),
  ...termOptions,
  temperature: z.number().positive().default(0.05),
});

/** How a model is trained; defaults are the papers'. */
export const regimeSpec = z.discriminatedUnion('kind', [interpolation, paired, adversarial, unpaired, geometry]);
export type RegimeSpec = z.infer<typeof regimeSpec>;
export type TrainedRegimeSpec = Exclude<RegimeSpec, { kind: 'interpolation' }>;
export type RegimeOf<K extends RegimeSpec['kind']> = Extract<RegimeSpec, { kind: K }>;

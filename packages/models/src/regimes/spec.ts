import { z } from 'zod';
import { discriminatorOptions } from '../architectures/index.js';
import { adversarialLosses, pixelLosses } from '../losses/index.js';
import { termOptions } from './geometry-terms.js';
import { geometryTeacher, teacher } from './teacher-spec.js';

const weight = z.number().min(0);
const loss = z.enum(pixelLosses).default('l1').describe('distance between SR and HR');

/** No training: the LR image is interpolated. */
const interpolation = z.strictObject({
  kind: z.literal('interpolation'),
  method: z.enum(['nearest', 'bilinear', 'bicubic']).default('bicubic').describe('along every axis that grows'),
});

/** Pairs and a pixel loss. */
const paired = z.strictObject({ kind: z.literal('paired'), loss, teacher: teacher.optional() });

/** Pix2Pix (arXiv:1611.07004): a conditional discriminator beside the pixel loss. */
const adversarial = z.strictObject({
  kind: z.literal('adversarial'),
  loss,
  pixelWeight: weight.default(100).describe('of the pixel loss'),
  adversarial: z.enum(adversarialLosses).default('bce').describe('what discriminator and generator are trained on'),
  adversarialWeight: weight.default(1).describe('of fooling the discriminator'),
  discriminator: discriminatorOptions.prefault({}).describe('tells SR from HR, patch by patch'),
});

/** CycleGAN (arXiv:1703.10593) on unpaired LR and HR patches. */
const unpaired = z.strictObject({
  kind: z.literal('unpaired'),
  adversarial: z.enum(adversarialLosses).default('lsgan').describe('what discriminators and generators are trained on'),
  cycleWeight: weight.default(10).describe('of what is left when an image went there and back'),
  identityWeight: weight.default(0.5).describe('times the cycle weight'),
  poolSize: z.int().min(0).default(50).describe('earlier images that discriminators are shown again'),
  backward: z
    .discriminatedUnion('kind', [
      z.strictObject({
        kind: z.literal('learned'),
        blocks: z.int().min(0).default(9).describe('residual blocks'),
        filters: z.int().min(1).default(64).describe('features of its first layer'),
      }),
      z.strictObject({ kind: z.literal('known') }).describe('the degradation itself is the way back'),
    ])
    .prefault({ kind: 'learned' })
    .describe('the way from HR to LR: a network, or the known degradation'),
  discriminator: discriminatorOptions
    .prefault({ norm: 'instance' })
    .describe('one tells SR from HR, one made LR from measured LR where the way back is learned'),
});

/** A discriminator of HR patches. */
const adversary = {
  poolSize: z.int().min(0).default(50).describe('earlier SR images that the discriminator is shown again'),
  discriminator: discriminatorOptions.prefault({ norm: 'instance' }).describe('tells SR from HR, patch by patch'),
};

/** The known degradation in place of CycleGAN's second generator. */
const light = z.strictObject({
  kind: z.literal('light'),
  adversarial: z.enum(adversarialLosses).default('lsgan').describe('what discriminator and generator are trained on'),
  adversarialWeight: weight.default(1).describe('of fooling the discriminator; 0: there is none'),
  consistencyWeight: weight
    .default(10)
    .describe('of the squares of what A G(LR) lacks of the scan, A the known degradation, but for its noise'),
  cycleWeight: weight.default(10).describe('of the distance between G(A HR + noise) and HR'),
  // Optional and not a default: trials that leave it out keep the ids that they had before there was a choice.
  loss: z.enum(pixelLosses).optional().describe('distance between G(A HR + noise) and HR; l1 by default'),
  ...adversary,
});

/** CUT (arXiv:2007.15651): contrastive, without a way back. */
const cut = z.strictObject({
  kind: z.literal('cut'),
  adversarial: z.enum(adversarialLosses).default('lsgan').describe('what discriminator and generator are trained on'),
  adversarialWeight: weight.default(1).describe('of fooling the discriminator'),
  nceWeight: weight.default(1).describe('of PatchNCE'),
  identity: z.boolean().default(true).describe('PatchNCE of HR patches too, averaged with that of LR patches'),
  temperature: z.number().positive().default(0.07).describe('of PatchNCE'),
  places: z.int().min(2).default(256).describe('places of an image that are told apart, at most'),
  ...adversary,
});

/** Scale-equivariant imaging (arXiv:2312.11232): coarse scans alone. */
const equivariant = z.strictObject({
  kind: z.literal('equivariant'),
  equivarianceWeight: weight.default(1).describe('of the same image at half the size, beside the fit to the scan'),
});

/** Pairs, and terms that know the network: skeleton recall, Dice, forward-model consistency, geometry heads. */
const geometry = () =>
  z.strictObject({
    kind: z.literal('geometry'),
    loss,
    teacher: geometryTeacher.optional(),
    ...termOptions,
    targets: z
      .enum(['image', 'truth'])
      .optional()
      .describe(
        "whose network the terms teach: the HR image's at the level (default), or a synthetic image's true one",
      ),
    temperature: z
      .number()
      .positive()
      .default(0.05)
      .describe('softness of the threshold, in normalised intensities: small beside the level of the network'),
  });

/** The regimes with the terms that there are when this is called. */
const regimes = () =>
  z.discriminatedUnion('kind', [interpolation, paired, adversarial, unpaired, light, cut, equivariant, geometry()]);

/** How a model is trained, by Lacuna's own terms; defaults are the papers'. */
export const regimeSpec = regimes();

/** {@link regimeSpec} with the terms that extensions registered. */
export const registeredRegimeSpec = regimes;
export type RegimeSpec = z.infer<typeof regimeSpec>;
export type TrainedRegimeSpec = Exclude<RegimeSpec, { kind: 'interpolation' }>;
export type RegimeOf<K extends RegimeSpec['kind']> = Extract<RegimeSpec, { kind: K }>;

/** Regimes whose LR and HR patches are of different places. */
export const isUnpaired = ({ kind }: { readonly kind: string }): boolean => ['unpaired', 'light', 'cut'].includes(kind);

/** Whether a model that is trained so has a second output, the probability of network. */
export const keepsNetworkHead = (spec: { readonly kind: string; readonly networkHead?: unknown }): boolean =>
  spec.kind === 'geometry' && spec.networkHead !== undefined;

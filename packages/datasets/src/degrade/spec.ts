import { z } from 'zod';
import { byAxis, factorField, type Factors } from './factor.js';
import { addDegradation, ownDegradations, type OwnDegradation } from './own-degradation.js';

const positive = z.number().positive();
const share = z.number().min(0);
const range = (low: number, high: number) =>
  z
    .tuple([share, share])
    .refine(([from, to]) => to >= from, 'the second number must not be below the first')
    .default([low, high]);

/** Confocal optics from which the point spread function follows. */
export const opticsSpec = z
  .strictObject({
    numericalAperture: positive.max(1.7).default(1.3).describe('of the objective'),
    wavelengthNm: positive.default(561).describe('of the excitation'),
    emissionNm: positive.optional().describe('when left out, as the excitation'),
    refractiveIndex: z.number().min(1).max(2.5).default(1.518).describe('of the immersion; oil'),
    pinholeAiry: share.max(20).default(1).describe('diameter in Airy units (1.22 λ / NA); 0 is the ideal point'),
  })
  .refine((optics) => optics.numericalAperture < optics.refractiveIndex, {
    message: 'the numerical aperture must be below the refractive index',
    path: ['numericalAperture'],
  });
export type OpticsSpec = z.infer<typeof opticsSpec>;

const sigmaAlong = share.default(0).describe('sigma along this axis, HR pixels');

/** One number for x and y, or one for each axis; what is left out of the object is 0. */
const sigmaPx = z.union(
  [share, z.strictObject({ x: sigmaAlong, y: sigmaAlong, z: sigmaAlong })],
  'wanted one number for x and y, or {x: , y: , z: }',
);

const factor = factorField;

/**
 * How a fine image becomes a coarse one. Intensities are normalised to [0, 1] before; `factor` is the ratio of the
 * pixel sizes, a number for x and y or one for each axis.
 * - confocal: point spread function, one sample at each coarse pixel's centre, photons (Poisson) and read noise;
 *   bleaching and jitter optional.
 * - ct: point spread function, mean over each coarse pixel, noise that neighbours share, rings optional.
 * - bicubic: MATLAB's antialiased imresize, as the SR literature has it.
 * - blind: blur, sampling and noise in random order and strength, drawn for each region.
 */
export const degradationSpec = z.discriminatedUnion('kind', [
  z.strictObject({
    kind: z.literal('confocal'),
    factor,
    psfSigmaPx: sigmaPx
      .optional()
      .describe('sigma of the PSF in HR pixels; when left out, from the optics, and 1 without them'),
    optics: opticsSpec.optional().describe('from which the PSF follows, where psfSigmaPx is left out'),
    photons: positive.nullable().default(60).describe('at full intensity; null for no photon noise'),
    readNoise: share.default(0.02).describe('standard deviation, of full intensity'),
    background: share.default(0).describe('light that is everywhere, of full intensity'),
    bleaching: share
      .max(0.99)
      .default(0)
      .describe('share of the light that is lost from the first line of the scan to the last'),
    jitterPx: share.default(0).describe('standard deviation of where a line begins, in HR pixels'),
  }),
  z.strictObject({
    kind: z.literal('ct'),
    factor,
    psfSigmaPx: sigmaPx.default(1).describe('sigma of the system PSF in HR pixels'),
    psfFwhmUm: positive.optional().describe('width of the system PSF along every axis in µm, in place of psfSigmaPx'),
    noise: share.default(0.02).describe('standard deviation, of full intensity'),
    noiseSigmaPx: share.default(0.7).describe('correlation of the noise, in LR pixels'),
    rings: share.default(0).describe('standard deviation of ring artefacts'),
  }),
  z.strictObject({
    kind: z.literal('bicubic'),
    factor,
    noise: share.default(0).describe('standard deviation, of full intensity'),
  }),
  z.strictObject({
    kind: z.literal('blind'),
    factor,
    sigmaPx: range(0.2, 2).describe('the PSF along each axis, in HR pixels, is drawn between these'),
    photons: range(20, 500)
      .refine(([from]) => from > 0, 'photons must be above 0')
      .describe('at full intensity'),
    noise: range(0, 0.05).describe('standard deviation of read noise or of correlated noise'),
  }),
]);

export type DegradationSpec = z.infer<typeof degradationSpec>;

/** Names of the forward models. */
export const forwardModelNames = ['confocal', 'ct', 'bicubic', 'blind'] as const;

/**
 * Adds a degradation of others to this process, behind Lacuna's own.
 * @throws {InputError} where the name is taken.
 */
export function registerDegradation(kind: string, degradation: OwnDegradation): void {
  addDegradation(kind, degradation, forwardModelNames);
}

/** {@link degradationSpec} with the degradations that extensions registered. */
export function registeredDegradationSpec(): typeof degradationSpec {
  const own = [...ownDegradations()].map(([kind, { options }]) =>
    z.strictObject({ kind: z.literal(kind), factor, ...options }),
  );
  if (own.length === 0) return degradationSpec;
  const all = z.discriminatedUnion('kind', [...degradationSpec.options, ...own]);
  return all as unknown as typeof degradationSpec;
}

/** Names of all forward models that this process knows: Lacuna's own, then those of extensions. */
export const knownForwardModels = (): string[] => [...forwardModelNames, ...ownDegradations().keys()];

/** The factor of a degradation along each axis. */
export function factorsOf({ factor: value }: Pick<DegradationSpec, 'factor'>): Factors {
  return byAxis(value);
}

import { z } from 'zod';

const positive = z.number().positive(), share = z.number().min(0);

/** Confocal optics from which the width of the point spread function follows. */
const optics = z.strictObject({
  numericalAperture: positive.default(1.3),
  wavelengthNm: positive.default(561),
});

/**
 * How a fine image becomes a coarse one. Intensities are normalised to [0, 1] before; `factor` is the ratio of the pixel sizes.
 * - confocal: point spread function, one sample at each coarse pixel's centre, photons (Poisson) and read noise.
 * - ct: point spread function, mean over each coarse pixel, noise that neighbours share, rings optional.
 * - bicubic: MATLAB's antialiased imresize, as the SR literature has it.
 */
export const degradationSpec = z.discriminatedUnion('kind', [
  z.strictObject({
    kind: z.literal('confocal'),
    factor: z.int().min(2).max(16),
    psfSigmaPx: share.optional().describe('sigma of the PSF in HR pixels; when left out, from the optics, and 1 without them'),
    optics: optics.optional(),
    photons: positive.nullable().default(60).describe('at full intensity; null for no photon noise'),
    readNoise: share.default(0.02),
    background: share.default(0),
  }),
  z.strictObject({
    kind: z.literal('ct'),
    factor: z.int().min(2).max(16),
    psfSigmaPx: share.default(1),
    noise: share.default(0.02),
    noiseSigmaPx: share.default(0.7).describe('correlation of the noise, in LR pixels'),
    rings: share.default(0).describe('standard deviation of ring artefacts'),
  }),
  z.strictObject({ kind: z.literal('bicubic'), factor: z.int().min(2).max(16), noise: share.default(0) }),
]);
export type DegradationSpec = z.infer<typeof degradationSpec>;

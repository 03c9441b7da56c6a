import { z } from 'zod';
import { createRng } from '@lacuna/core';
import { growDentin } from './dentin-growth.js';
import type { BranchClass } from './dentin-settings.js';
import { expose } from './expose.js';
import {
  drawSpecimen,
  grownSpecimen,
  specimenGrid,
  type GrownSpecimen,
  type SpecimenOptions,
  type SyntheticSpecimen,
} from './specimen.js';

const share = z.number().min(0).max(1);
const positive = z.number().positive();

/** What dentin is made of. Lengths in µm; defaults from the literature on human dentin. */
export const dentinSpec = z.strictObject({
  tubulesPerMm2: z.number().min(5000).max(100_000).default(40_000).describe('20-60 thousand; denser near the pulp'),
  diameterMean: positive.default(1.4).describe('tubule diameter; drawn between 1 and 2'),
  diameterDeviation: z.number().min(0).max(1).default(0.22).describe('standard deviation of the bore, µm'),
  occluded: z
    .number()
    .min(0)
    .max(0.9)
    .default(0)
    .describe("share of the tubules' length that mineral fills, in plugs of 5-25 µm, as age does"),
  direction: z.number().default(8).describe('degrees that the tubules lean from the vertical'),
  dip: z
    .number()
    .min(-90)
    .max(90)
    .default(5)
    .describe('volumes: degrees that the tubules dive through the planes; 90 cuts them across'),
  thickPerMicrometre: z
    .number()
    .min(0)
    .max(2)
    .default(0.03)
    .describe('thick branches a µm of tubule, 0.4-0.7 µm wide, 45-70° off'),
  finePerMicrometre: z.number().min(0).max(2).default(0.12).describe('fine branches, 0.1-0.3 µm wide, 60-90° off'),
  forksPerMicrometre: z.number().min(0).max(2).default(0.04).describe('Y-shaped branches, 0.25-0.5 µm wide'),
  background: share.default(0.04).describe('of full intensity'),
  brightnessPower: z.number().min(0).max(3).default(0.6).describe('brightness goes with bore to this power'),
  psfSigma: z
    .number()
    .min(0)
    .default(0.09)
    .describe('sigma of the PSF that the fine image has already: 0.09 µm is a FWHM of 212 nm'),
  psfSigmaZ: z.number().min(0).default(0.25).describe('volumes: its sigma along z: 0.25 µm is a FWHM of 590 nm'),
  photons: positive.nullable().default(400).describe('at full intensity; null for a fine image without photon noise'),
});
export type DentinSpec = z.infer<typeof dentinSpec>;

/** Options of {@link synthesizeDentin}. */
export interface DentinOptions extends SpecimenOptions {
  readonly spec?: Partial<DentinSpec>;
}

/**
 * Synthetic dentin: near-parallel tubules 1-2 µm wide, joined by thick, fine and forked lateral branches; brightness
 * falls with bore, so that the finest are also the faintest. A volume has its tubules on a jittered hexagonal lattice;
 * a single plane is a section along a row of them, where what touches in the plane is joined. The graph is what was
 * drawn.
 * @param options.pixelSize 0.01 to 1 µm.
 */
export function synthesizeDentin(options: DentinOptions): SyntheticSpecimen {
  const spec = dentinSpec.parse(options.spec ?? {});
  const widest = 1;
  const drawn = drawSpecimen(
    growDentinSpecimen(options),
    `dentin-${options.seed}`,
    (radius) => (1 - spec.background) * Math.min(1, radius / widest) ** spec.brightnessPower,
  );
  return { ...drawn, image: expose(drawn.image, spec, createRng(options.seed).fork('dentin').fork('photons')) };
}

/** The network of {@link synthesizeDentin} alone. */
export function growDentinSpecimen(options: DentinOptions): GrownSpecimen {
  const spec = dentinSpec.parse(options.spec ?? {});
  const grid = specimenGrid('synthesize dentin', options, {
    pixel: [0.01, 1],
    side: 2000,
    remedy: 'tubules are 1-2 um wide',
  });
  const { pixel } = grid.raster;
  const rng = createRng(options.seed).fork('dentin');
  return grownSpecimen(
    growDentin(
      {
        ...grid.extent,
        planar: grid.planar,
        step: Math.max(0.1, Math.min(0.25, 2 * pixel.x)),
        // Lines closer than two pixels along any axis would touch in the image and not in the graph.
        gap: grid.planar ? Math.max(0.2, 2.5 * pixel.x) : Math.max(0.2, 2 * Math.max(pixel.x, pixel.z)),
        density: spec.tubulesPerMm2 / 1e6,
        occluded: spec.occluded,
        directionDegrees: spec.direction,
        dipDegrees: spec.dip,
        branches: branchClasses(spec),
        diameter: {
          mean: spec.diameterMean,
          deviation: spec.diameterDeviation,
          low: Math.min(1, spec.diameterMean),
          high: Math.max(2, spec.diameterMean),
        },
      },
      rng,
    ),
    grid,
  );
}

function branchClasses(spec: DentinSpec): BranchClass[] {
  return [
    { kind: 'thick', perMicrometre: spec.thickPerMicrometre, diameter: [0.4, 0.7], angle: [45, 70], length: [4, 12] },
    { kind: 'fork', perMicrometre: spec.forksPerMicrometre, diameter: [0.25, 0.5], angle: [45, 80], length: [1.5, 3] },
    { kind: 'fine', perMicrometre: spec.finePerMicrometre, diameter: [0.1, 0.3], angle: [60, 90], length: [1.5, 6] },
  ];
}

import { z } from 'zod';
import { createRng } from '@lacuna/core';
import { growCanaliculi } from './canaliculi.js';
import { expose } from './expose.js';
import { flatLamellae, placeLacunae, roundLamellae } from './lacunae.js';
import {
  drawSpecimen,
  grownSpecimen,
  specimenGrid,
  type GrownSpecimen,
  type SpecimenOptions,
  type SyntheticSpecimen,
} from './specimen.js';
import { vector } from './vector.js';

const positive = z.number().positive();
const share = z.number().min(0).max(1);

/** What a lacuno-canalicular network is made of. Lengths in µm; defaults from the literature on human cortical bone. */
export const lacunocanalicularSpec = z.strictObject({
  lacunaePerMm3: z.number().min(1000).max(100_000).default(29_500).describe('cells a mm³'),
  lacunaSpacing: z
    .number()
    .min(0)
    .max(40)
    .default(30)
    .describe('distance that a lacuna looks for from those before it, on average'),
  lacunaSpacingDeviation: z.number().min(0).max(20).default(15).describe('of that distance'),
  lacunaVolume: positive.default(295).describe('median, µm³'),
  lacunaStretch: z.number().min(0.4).max(0.85).default(0.69).describe('1 - shortest over longest axis'),
  lacunaOblateness: z.number().min(-0.9).max(0.6).default(-0.27).describe('-1 a rod, 1 a plate'),
  lamellaThickness: positive.default(7).describe('µm'),
  lamellaDirection: z.number().default(12).describe("degrees that the lamellae's normal leans from the vertical"),
  haversian: z
    .boolean()
    .default(false)
    .describe('a canal along z, 54 µm wide, in the middle; the lamellae lie about it'),
  canaliculiPerLacuna: z.number().min(0).max(90).default(70).describe('that leave a cell'),
  canaliculusLength: positive.default(40).describe('at most: some end earlier, in another lacuna'),
  radialDiameter: positive.default(0.196).describe('of canaliculi across the lamellae, µm'),
  equatorialDiameter: positive.default(0.25).describe('of canaliculi along them, µm'),
  linksPerMicrometre: z
    .number()
    .min(0)
    .max(2)
    .default(0.54)
    .describe('links to neighbours that start, a µm of canaliculus'),
  blindShare: share.default(0.12).describe('of the links that end blind'),
  passing: share.default(0.995).describe('chance that a canaliculus goes on behind a junction'),
  background: share.default(0.03).describe('of full intensity'),
  psfSigma: z.number().min(0).default(0.09).describe('sigma of the PSF that the fine image has already'),
  psfSigmaZ: z.number().min(0).default(0.25).describe('volumes: its sigma along z'),
  photons: positive.nullable().default(400).describe('at full intensity; null for a fine image without photon noise'),
});
type LacunocanalicularSpec = z.infer<typeof lacunocanalicularSpec>;

/** Options of {@link synthesizeLacunocanalicular}. */
export interface LacunocanalicularOptions extends SpecimenOptions {
  readonly spec?: Partial<LacunocanalicularSpec>;
}

/** Ø 48-60 µm. */
const CANAL_RADIUS = 27;

/**
 * A synthetic lacuno-canalicular network: flattened lacunae on lamellae, from each some seventy canaliculi that follow
 * the lamella's normal, meet, branch and open into neighbouring lacunae. Lacunae outside the image send their
 * canaliculi into it. In a single plane everything lies in it: lacunae as far apart as in space, a quarter of their
 * canaliculi, and what touches is joined.
 * @param options.pixelSize 0.02 to 1 µm.
 */
export function synthesizeLacunocanalicular(options: LacunocanalicularOptions): SyntheticSpecimen {
  const spec = lacunocanalicularSpec.parse(options.spec ?? {});
  const drawn = drawSpecimen(
    growLacunocanalicular(options),
    `lacunocanalicular-${options.seed}`,
    () => 1 - spec.background,
  );
  return {
    ...drawn,
    image: expose(drawn.image, spec, createRng(options.seed).fork('lacunocanalicular').fork('photons')),
  };
}

/** The network of {@link synthesizeLacunocanalicular} alone. */
export function growLacunocanalicular(options: LacunocanalicularOptions): GrownSpecimen {
  const spec = lacunocanalicularSpec.parse(options.spec ?? {});
  const grid = specimenGrid('synthesize lacunocanalicular', options, {
    pixel: [0.02, 1],
    side: 1000,
    remedy: 'canaliculi are 0.2 um wide',
  });
  const {
    extent,
    planar,
    raster: { pixel },
  } = grid;
  const rng = createRng(options.seed).fork('lacunocanalicular');
  const centre = vector(extent.width / 2, extent.height / 2, extent.depth / 2);
  const lamellae = spec.haversian ? roundLamellae(centre) : flatLamellae(spec.lamellaDirection);
  const fromCanal = (place: { x: number; y: number }) => Math.hypot(place.x - centre.x, place.y - centre.y);
  const bodies = placeLacunae(
    {
      extent,
      planar,
      margin: spec.canaliculusLength + 8,
      lamellae,
      lamellaThickness: spec.lamellaThickness,
      density: planar ? (spec.lacunaePerMm3 / 1e9) ** (2 / 3) : spec.lacunaePerMm3 / 1e9,
      spacing: { mean: spec.lacunaSpacing, deviation: spec.lacunaSpacingDeviation },
      volume: { median: spec.lacunaVolume, spread: 0.35 },
      stretch: spec.lacunaStretch,
      oblateness: spec.lacunaOblateness,
      isTaken: (place) => spec.haversian && fromCanal(place) < CANAL_RADIUS + 6,
    },
    rng.fork('lacunae'),
  );
  return grownSpecimen(
    growCanaliculi(
      {
        extent,
        planar,
        bodies,
        lamellae,
        step: 0.3,
        gap: planar ? Math.max(0.15, 2.5 * pixel.x) : Math.max(0.15, pixel.x, pixel.z),
        canal: spec.haversian ? { centre, radius: CANAL_RADIUS } : null,
        perLacuna: { mean: spec.canaliculiPerLacuna, deviation: 12 },
        length: { mean: spec.canaliculusLength, deviation: 2 },
        radialDiameter: { mean: spec.radialDiameter, deviation: 0.08 },
        equatorialDiameter: { mean: spec.equatorialDiameter, deviation: 0.074 },
        passing: spec.passing, // In a plane no neighbour lies above or below: half of the links find one.
        linksPerMicrometre: (planar ? 0.5 : 1) * spec.linksPerMicrometre,
        linkReach: 4,
        blind: spec.blindShare,
      },
      rng.fork('canaliculi'),
    ),
    grid,
  );
}

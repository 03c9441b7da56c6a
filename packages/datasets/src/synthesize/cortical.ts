import { z } from 'zod';
import { createRng, type Image, type Rng } from '@lacuna/core';
import { applyAxes, kernelOperator } from '../filters/axis-operator.js';
import { gaussianKernel } from '../filters/separable.js';
import { cutPores, growCanals, type Canal, type CorticalGrowth } from './cortical-growth.js';
import { connectCanals } from './cortical-joins.js';
import { placeLacunae, type Lamellae } from './lacunae.js';
import type { Body } from './network.js';
import {
  drawSpecimen,
  grownSpecimen,
  specimenGrid,
  type GrownSpecimen,
  type SpecimenGrid,
  type SpecimenOptions,
  type SyntheticSpecimen,
} from './specimen.js';
import { unit, vector, type Vector } from './vector.js';

const positive = z.number().positive();
const share = z.number().min(0).max(1);

/** What cortical bone is made of. Lengths in µm; defaults from the literature on human femora. */
export const corticalSpec = z.strictObject({
  age: z.number().min(20).max(100).default(40).describe('years: porosity is 4 % at 40 and 10 % at 80'),
  porosity: z.number().min(0).max(0.3).optional().describe('in place of what the age says'),
  osteonsPerMm2: positive.max(60).default(14).describe('of a cross-section'),
  canalDiameter: positive.default(54).describe('48-60'),
  volkmannPerMillimetre: z
    .number()
    .min(0)
    .max(5)
    .default(0.25)
    .describe('Volkmann canals, about 75 µm wide, a mm of canal'),
  lacunaePerMm3: z.number().min(0).max(100_000).default(29_500).describe('drawn where a pixel is 2.5 µm or less'),
  background: share.default(0.12).describe('bone matrix, where a pore is 1'),
  osteonContrast: share.default(0.03).describe('deviation of the brightness of whole osteons'),
  psfSigma: z.number().min(0).optional().describe('sigma of the scanner; 0.6 pixels where it is left out'),
  noise: share.default(0.02).describe('standard deviation, of full intensity'),
});
type CorticalSpec = z.infer<typeof corticalSpec>;

/** Options of {@link synthesizeCortical}. */
export interface CorticalOptions extends SpecimenOptions {
  readonly spec?: Partial<CorticalSpec>;
}

/** Lacunae are 15 µm long: coarser pixels do not show them. */
const FINEST_FOR_LACUNAE = 2.5;

/**
 * Synthetic cortical bone as X-ray CT shows it, pores bright: canals along z with osteons of slightly different
 * mineral, joined by Volkmann canals, some widened to resorption pores of 100-300 µm until the porosity of the age is
 * reached; lacunae where the pixel is small enough. A single plane is a cross-section.
 * @param options.pixelSize 0.5 to 100 µm.
 */
export function synthesizeCortical(options: CorticalOptions): SyntheticSpecimen {
  const spec = corticalSpec.parse(options.spec ?? {});
  const grown = growCortical(options);
  const drawn = drawSpecimen(grown, `cortical-${options.seed}`, () => 1);
  return {
    ...drawn,
    image: scan(drawn.image, grown.canals, spec, createRng(options.seed).fork('cortical').fork('scan')),
  };
}

/** The network of {@link synthesizeCortical} alone, and its canals with their osteons. */
export function growCortical(options: CorticalOptions): GrownSpecimen & { readonly canals: readonly Canal[] } {
  const spec = corticalSpec.parse(options.spec ?? {});
  const grid = specimenGrid('synthesize cortical', options, {
    pixel: [0.5, 100],
    side: 50_000,
    remedy: 'canals are 54 um wide',
  });
  const {
    extent,
    raster: { pixel },
  } = grid;
  const rng = createRng(options.seed).fork('cortical');
  const canalArea = (Math.PI / 4) * spec.canalDiameter ** 2;
  const density = spec.osteonsPerMm2 / 1e6;
  // A Volkmann canal is some 240 µm long, of which its canals take 54.
  const volkmannShare = (density * spec.volkmannPerMillimetre * 186 * (Math.PI / 4) * 75 ** 2) / 1000;
  const showsLacunae = Math.max(pixel.x, pixel.z) <= FINEST_FOR_LACUNAE;
  const lacunaShare = showsLacunae ? (spec.lacunaePerMm3 * LACUNA_VOLUME) / 1e9 : 0;
  const growth: CorticalGrowth = {
    extent,
    step: Math.max(2, Math.min(10, pixel.z)),
    density,
    spacing: 0.8 / Math.sqrt(density),
    canalDiameter: {
      mean: spec.canalDiameter,
      deviation: 4,
      low: 0.75 * spec.canalDiameter,
      high: 1.25 * spec.canalDiameter,
    },
    osteonDiameter: [216, 235],
    volkmannDiameter: { mean: 75, deviation: 8, low: 50, high: 100 },
    volkmannPerMicrometre: spec.volkmannPerMillimetre / 1000,
    poreDiameter: [100, 300],
    poreLength: [400, 1200],
    poreShare: Math.max(
      0,
      (spec.porosity ?? porosityAtAge(spec.age)) - density * canalArea - volkmannShare - lacunaShare,
    ),
  };
  const canals = growCanals(growth, rng.fork('canals'));
  cutPores(canals, growth, rng.fork('pores'));
  const bodies = showsLacunae ? placeBoneLacunae(grid, spec, canals, rng.fork('lacunae')) : [];
  return { ...grownSpecimen(connectCanals(canals, growth, bodies, rng.fork('volkmann')), grid), canals };
}

/** 4 % at 40 and 10 % at 80 years, linear between and beyond. */
function porosityAtAge(age: number): number {
  return 0.04 + ((age - 40) * 0.06) / 40;
}

/** Mean of the log-normal volumes below, µm³. */
const LACUNA_VOLUME = 295 * Math.exp(0.35 ** 2 / 2);

function placeBoneLacunae(grid: SpecimenGrid, spec: CorticalSpec, canals: readonly Canal[], rng: Rng): Body[] {
  const nearest = (place: Vector): Vector =>
    canals.reduce<{ at: Vector; distance: number }>(
      (best, { points }) => {
        const at = points[Math.floor(points.length / 2)];
        const distance = Math.hypot(at.x - place.x, at.y - place.y);
        return distance < best.distance ? { at, distance } : best;
      },
      { at: vector(-1e6, 0, 0), distance: Infinity },
    ).at;
  const lamellae: Lamellae = {
    normal: (place) => {
      const centre = nearest(place);
      const out = vector(place.x - centre.x, place.y - centre.y, 0);
      return out.x === 0 && out.y === 0 ? vector(1, 0, 0) : unit(out);
    },
    level: (place) => {
      const centre = nearest(place);
      return Math.hypot(place.x - centre.x, place.y - centre.y);
    },
  };
  return placeLacunae(
    {
      extent: grid.extent,
      planar: grid.planar,
      margin: 10,
      lamellae,
      lamellaThickness: 7,
      density: grid.planar ? (spec.lacunaePerMm3 / 1e9) ** (2 / 3) : spec.lacunaePerMm3 / 1e9,
      spacing: { mean: 31, deviation: 17 },
      volume: { median: 295, spread: 0.35 },
      stretch: 0.69,
      oblateness: -0.27,
      isTaken: (place) => lamellae.level(place) < 35,
    },
    rng,
  );
}

/** Matrix and osteons behind the pores, the scanner's blur, noise. */
function scan(image: Image, canals: readonly Canal[], spec: CorticalSpec, rng: Rng): Image {
  const { width, height, depth } = image;
  const pixel = { x: image.pixelSize!.x, z: image.pixelSize!.z ?? image.pixelSize!.x };
  const scale = { nm: 0.001, um: 1, mm: 1000 }[image.pixelSize!.unit];
  const px = pixel.x * scale;
  const pz = pixel.z * scale;
  const matrix = new Float32Array(width * height);
  const shades = canals.map((_, i) => spec.background + spec.osteonContrast * rng.fork(i).normal());
  for (let z = 0; z < depth; z++) {
    matrix.fill(spec.background);
    canals.forEach(({ points, osteonRadius }, n) => {
      const at = (z + 0.5) * pz;
      const first = points[0].z;
      const last = points[points.length - 1].z;
      const { x: cx, y: cy } =
        points[
          Math.min(points.length - 1, Math.max(0, Math.round(((at - first) / (last - first)) * (points.length - 1))))
        ];
      for (
        let y = Math.max(0, Math.floor((cy - osteonRadius) / px));
        y <= Math.min(height - 1, (cy + osteonRadius) / px);
        y++
      ) {
        const half = Math.sqrt(Math.max(0, osteonRadius ** 2 - ((y + 0.5) * px - cy) ** 2));
        matrix.fill(
          shades[n],
          y * width + Math.min(width, Math.max(0, Math.round((cx - half) / px))),
          y * width + Math.min(width, Math.max(0, Math.round((cx + half) / px))),
        );
      }
    });
    for (let i = 0; i < matrix.length; i++)
      image.data[z * matrix.length + i] = matrix[i] + (1 - matrix[i]) * image.data[z * matrix.length + i];
  }
  const sigma = spec.psfSigma === undefined ? { xy: 0.6, z: 0.6 } : { xy: spec.psfSigma / px, z: spec.psfSigma / pz };
  const blur = (s: number, length: number) =>
    s > 0 && length > 1 ? kernelOperator(gaussianKernel(s), length) : undefined;
  const blurred = applyAxes(image, { x: blur(sigma.xy, width), y: blur(sigma.xy, height), z: blur(sigma.z, depth) });
  if (spec.noise === 0) return blurred;
  for (let z = 0; z < depth; z++) {
    const draw = rng.fork(`noise/${z}`);
    for (let i = z * matrix.length; i < (z + 1) * matrix.length; i++) blurred.data[i] += spec.noise * draw.normal();
  }
  return blurred;
}

import { z } from 'zod';
import { InputError, convertLength, createImage, createRng, type Image, type PixelSize } from '@lacuna/core';
import { gaussianBlur } from '../separable.js';
import { growDentin, type BranchClass } from './dentin-growth.js';
import { clipWireframe, traceNetwork, type Network } from './network.js';
import { drawNetwork } from './render.js';

const share = z.number().min(0).max(1), positive = z.number().positive();

/** What a dentin section is made of. Lengths in µm; defaults from the literature on human dentin. */
export const dentinSpec = z.strictObject({
  tubulesPerMm2: z.number().min(5000).max(100_000).default(40_000).describe('20-60 thousand; denser near the pulp'),
  diameterMean: positive.default(1.4).describe('tubule diameter; drawn between 1 and 2'),
  diameterDeviation: z.number().min(0).max(1).default(0.22),
  direction: z.number().default(8).describe('degrees that the tubules lean from the vertical'),
  thickPerMicrometre: z.number().min(0).max(2).default(0.03).describe('thick branches a µm of tubule, 0.4-0.7 µm wide, 45-70° off'),
  finePerMicrometre: z.number().min(0).max(2).default(0.12).describe('fine branches, 0.1-0.3 µm wide, 60-90° off'),
  forksPerMicrometre: z.number().min(0).max(2).default(0.04).describe('Y-shaped branches, 0.25-0.5 µm wide'),
  background: share.default(0.04),
  brightnessPower: z.number().min(0).max(3).default(0.6).describe('brightness goes with bore to this power'),
  psfSigma: z.number().min(0).default(0.09).describe('sigma of the PSF that the fine image has already: 0.09 µm is a FWHM of 212 nm'),
  photons: positive.nullable().default(400).describe('at full intensity; null for a fine image without photon noise'),
});
export type DentinSpec = z.infer<typeof dentinSpec>;

/** A synthetic specimen with its truth. */
export interface SyntheticSpecimen {
  /** What the instrument shows at the fine pixel size, in [0, 1] (photon noise can pass 1). */
  readonly image: Image;
  /** 1 inside a tube, else 0. */
  readonly mask: Image;
  /** 1 on the centrelines, one pixel wide, else 0. */
  readonly skeleton: Image;
  readonly network: Network;
}

/**
 * A section of dentin along its tubules, synthetic: near-parallel tubules 1-2 µm wide, 1/√density apart, joined by thick, fine and forked
 * lateral branches; brightness falls with bore, so that the finest are also the faintest. The graph is what was drawn: what touches in
 * the plane is joined.
 * @param options.pixelSize side of a pixel; x and y must agree.
 * @param options.seed equal seeds and options give equal specimens.
 */
export function synthesizeDentin(options: { readonly width: number; readonly height: number; readonly pixelSize: PixelSize; readonly seed: number; readonly spec?: Partial<DentinSpec> }): SyntheticSpecimen {
  const { width, height, pixelSize, seed } = options;
  const spec = dentinSpec.parse(options.spec ?? {});
  if (pixelSize.x !== pixelSize.y) throw new InputError({ who: 'synthesize dentin', got: `pixels of ${pixelSize.x} x ${pixelSize.y} ${pixelSize.unit}`, wanted: 'square pixels' });
  const pixel = convertLength(pixelSize.x, pixelSize.unit, 'um');
  if (!(pixel >= 0.01 && pixel <= 1)) throw new InputError({ who: 'synthesize dentin', got: `a pixel of ${pixel} um`, wanted: '0.01 to 1 um', remedy: 'tubules are 1-2 um wide' });
  if (Math.max(width, height) * pixel > 2000) throw new InputError({ who: 'synthesize dentin', got: `${width * pixel} x ${height * pixel} um`, wanted: 'at most 2000 um a side' });
  const rng = createRng(seed).fork('dentin');
  const wireframe = growDentin({
    width: width * pixel, height: height * pixel, step: Math.max(0.1, Math.min(0.25, 2 * pixel)), gap: Math.max(0.2, 2.5 * pixel),
    density: spec.tubulesPerMm2 / 1e6, directionDegrees: spec.direction, branches: branchClasses(spec),
    diameter: { mean: spec.diameterMean, deviation: spec.diameterDeviation, low: Math.min(1, spec.diameterMean), high: Math.max(2, spec.diameterMean) },
  }, rng);
  const clipped = clipWireframe(wireframe, width * pixel, height * pixel);
  const network = traceNetwork(clipped, clipped.onBorder, 'um');
  const widest = 1;
  const drawn = drawNetwork(wireframe, network, { width, height, pixel }, (radius) => (1 - spec.background) * Math.min(1, radius / widest) ** spec.brightnessPower);
  const plane = (data: Float32Array, name: string) => createImage({ data, width, height, dataRange: [0, 1], pixelSize, name: `dentin-${seed}${name}` });
  return {
    image: expose(plane(drawn.brightness, ''), spec, rng.fork('photons')),
    mask: plane(Float32Array.from(drawn.mask), ' mask'),
    skeleton: plane(Float32Array.from(drawn.skeleton), ' skeleton'),
    network,
  };
}

function branchClasses(spec: DentinSpec): BranchClass[] {
  return [
    { kind: 'thick', perMicrometre: spec.thickPerMicrometre, diameter: [0.4, 0.7], angle: [45, 70], length: [4, 12] },
    { kind: 'fork', perMicrometre: spec.forksPerMicrometre, diameter: [0.25, 0.5], angle: [45, 80], length: [1.5, 3] },
    { kind: 'fine', perMicrometre: spec.finePerMicrometre, diameter: [0.1, 0.3], angle: [60, 90], length: [1.5, 6] },
  ];
}

/** What the fine scan sees: PSF, background, photons. */
function expose(image: Image, spec: DentinSpec, rng: ReturnType<typeof createRng>): Image {
  const blurred = gaussianBlur(image, spec.psfSigma / convertLength(image.pixelSize!.x, image.pixelSize!.unit, 'um'));
  const { photons, background } = spec;
  const data = blurred.data.map((value) => {
    const light = Math.max(0, value) + background;
    return photons === null ? light : rng.poisson(photons * light) / photons;
  });
  return { ...image, data };
}

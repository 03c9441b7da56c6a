import { InputError, createImage, type Image, type Rng } from '@lacuna/core';
import { degrade } from './degrade.js';
import { finerPixelSize } from './enlarge.js';
import { factorsOf, type DegradationSpec } from './spec.js';

/** Counts above which a binomial draw is the rounded normal one. */
const MANY = 1024;

/**
 * Variance of the noise of an LR pixel, in squares of the full intensity: (mean + background) / photons + readNoise²
 * of a confocal scan, noise² + rings² / 5 of CT (a fifth of the rings are drawn), noise² of bicubic shrinking.
 * @param mean of the scan, normalised.
 * @returns null for blind degradations, whose noise is drawn.
 */
export function noiseVariance(spec: DegradationSpec, mean: number): number | null {
  switch (spec.kind) {
    case 'confocal': {
      const photon = spec.photons === null ? 0 : Math.max(0, mean + spec.background) / spec.photons;
      return photon + spec.readNoise ** 2;
    }
    case 'ct':
      return spec.noise ** 2 + spec.rings ** 2 / 5;
    case 'bicubic':
      return spec.noise ** 2;
    case 'blind':
      return null;
  }
}

/**
 * Two scans of one, each with twice its noise variance, whose noise is independent up to second order; their mean is
 * the scan. What rests on noise is seldom in both.
 * - photons: n = round((y + background) · photons) counts are thinned, n₁ ~ Binomial(n, ½), n₂ = n - n₁;
 *   thinned Poisson counts are independent. yᵢ = 2 nᵢ / photons - background, and what rounding left.
 * - Gaussian noise e: y ± e' with a fresh e' of the same kind (data thinning, Neufeld et al. 2023, arXiv:2301.07276).
 *   Read noise goes into the counts and would be shared: a fresh one is added to one half and taken from the other.
 * @param lr normalised, on the scale of the degradation.
 * @throws {InputError} for a degradation without noise, or one that is drawn (blind).
 */
export function splitNoise(lr: Image, spec: DegradationSpec, rng: Rng): [Image, Image] {
  if (spec.kind === 'blind' || noiseVariance(spec, 1) === 0)
    throw new InputError({
      who: 'split of a scan',
      got: spec.kind === 'blind' ? 'a degradation that draws its noise (blind)' : `${spec.kind} without noise`,
      wanted: 'a scan whose noise is known',
      remedy: 'say its photons or its noise',
    });
  const difference = spec.kind === 'confocal' ? confocalDifference(lr, spec, rng) : noiseField(lr, spec, rng);
  return [
    { ...lr, data: lr.data.map((value, i) => value + difference[i]) },
    { ...lr, data: lr.data.map((value, i) => value - difference[i]) },
  ];
}

/** Half of the difference of the two scans: (n₁ - n₂) / photons, and read noise. */
function confocalDifference(
  lr: Image,
  { photons, background, readNoise }: Extract<DegradationSpec, { kind: 'confocal' }>,
  rng: Rng,
): Float32Array {
  const thinning = rng.fork('thinning');
  const reading = rng.fork('reading');
  return lr.data.map((value) => {
    const read = readNoise === 0 ? 0 : readNoise * reading.normal();
    if (photons === null) return read;
    const count = Math.max(0, Math.round((value + background) * photons));
    return (2 * half(count, thinning) - count) / photons + read;
  });
}

/** A draw of Binomial(count, ½): the ones among as many random bits. */
function half(count: number, rng: Rng): number {
  if (count > MANY) return Math.min(count, Math.max(0, Math.round(count / 2 + (Math.sqrt(count) / 2) * rng.normal())));
  let ones = 0;
  for (let left = count; left > 0; left -= 32) {
    const word = rng.uint32();
    ones += onesOf(left >= 32 ? word : word >>> (32 - left));
  }
  return ones;
}

/** Ones of a word of 32 bits. */
function onesOf(word: number): number {
  let ones = 0;
  for (let left = word; left !== 0; left = (left & (left - 1)) >>> 0) ones++;
  return ones;
}

/** The noise alone: what a degradation makes of darkness. */
function noiseField(lr: Image, spec: DegradationSpec, rng: Rng): Float32Array {
  const { x, y, z } = factorsOf(spec);
  const dark = createImage({
    width: lr.width * x,
    height: lr.height * y,
    depth: lr.depth * z,
    channels: lr.channels,
    dataRange: [0, 1],
    pixelSize: lr.pixelSize && finerPixelSize(lr.pixelSize, { x, y, z }),
    name: lr.name,
  });
  return degrade(dark, spec, rng.fork('noise')).data;
}

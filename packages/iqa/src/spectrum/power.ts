import type { Intensities } from '../intensities.js';
import type { Spacing } from '../mask.js';
import { ringSums, type SpectrumWindow } from './rings.js';

/**
 * How far the estimate's radial power spectrum lies from the reference's: the root mean square, over the rings from 1
 * on, of log10(P_estimate / P_reference), in decades. 0 for equal spectra; 1 where power is ten times off on average.
 * Blur and invented texture both raise it, whichever way PSNR turns. Volumes: over shells.
 * @param options.floor smallest share of the reference's total power (without ring 0) that a ring counts with, 1e-12 by
 * default: below it, rings are noise of the arithmetic.
 * @param options.spacing size of a pixel along each axis, where they differ.
 * @returns null if the reference is constant.
 * @throws {InputError} for planes below 8 x 8, volumes below 8 x 8 x 8.
 */
export function spectrumError(
  reference: Intensities,
  estimate: Intensities,
  { window = 'hann', floor = 1e-12, spacing }: { window?: SpectrumWindow; floor?: number; spacing?: Spacing } = {},
): number | null {
  const { powerA, powerB, counts } = ringSums('spectrumError', reference, estimate, window, spacing);
  let total = 0;
  for (let q = 1; q < powerA.length; q++) total += powerA[q];
  if (total === 0) return null;
  let sum = 0;
  let rings = 0;
  for (let q = 1; q < powerA.length; q++) {
    if (counts[q] === 0) continue;
    rings++;
    const least = (floor * total) / counts[q];
    const ratio = Math.log10((powerB[q] / counts[q] + least) / (powerA[q] / counts[q] + least));
    sum += ratio * ratio;
  }
  return Math.sqrt(sum / rings);
}

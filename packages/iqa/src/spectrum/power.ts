import type { Grid } from '../grid.js';
import { ringSums, type SpectrumWindow } from './rings.js';

/**
 * How far the estimate's radial power spectrum lies from the reference's: the root mean square, over the rings from 1 on, of
 * log10(P_estimate / P_reference), in decades. 0 for equal spectra; 1 where power is ten times off on average. Blur and
 * invented texture both raise it, whichever way PSNR turns.
 * @param options.floor smallest share of the reference's total power (without ring 0) that a ring counts with, 1e-12 by default: below it, rings are noise of the arithmetic.
 * @returns null if the reference is constant.
 * @throws {InputError} for volumes and images below 8 x 8.
 */
export function spectrumError(reference: Grid, estimate: Grid, { window = 'hann', floor = 1e-12 }: { window?: SpectrumWindow; floor?: number } = {}): number | null {
  const { powerA, powerB, counts } = ringSums('spectrumError', reference, estimate, window);
  let total = 0;
  for (let q = 1; q < powerA.length; q++) total += powerA[q];
  if (total === 0) return null;
  let sum = 0;
  for (let q = 1; q < powerA.length; q++) {
    const least = (floor * total) / counts[q];
    const ratio = Math.log10((powerB[q] / counts[q] + least) / (powerA[q] / counts[q] + least));
    sum += ratio * ratio;
  }
  return Math.sqrt(sum / (powerA.length - 1));
}

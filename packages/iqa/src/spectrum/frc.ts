import type { Intensities } from '../intensities.js';
import type { Spacing } from '../mask.js';
import { ringSums, type SpectrumWindow } from './rings.js';

/** Fourier ring (volumes: shell) correlation of two images. */
export interface Frc {
  /** Cycles per px. */
  readonly frequencies: Float64Array;
  /** Sum of Re(A B*) / sqrt(sum |A|² · sum |B|²) in each ring; 0 where a ring has no power. */
  readonly correlation: Float64Array;
  /**
   * 1 / frequency, in px (of x), of the first crossing below 1/7 (by linear interpolation); null if it never falls
   * below.
   */
  readonly resolution: number | null;
  /** Mean correlation over the rings from 1 on: the area under the curve, over the band. */
  readonly area: number;
  readonly flag?: 'identical' | 'never below the threshold' | 'no signal';
}

/**
 * Fourier ring correlation (van Heel 1987; threshold 1/7 of Rosenthal and Henderson 2003), between a reference and an
 * estimate: up to which frequency the estimate carries the reference's detail. Of volumes it is Fourier shell
 * correlation: one curve over shells of the whole.
 * @param options.window `hann` by default: without one, the edges' cross of frequencies correlates.
 * @param options.spacing size of a pixel along each axis, where they differ: a px is then one of x. Shells go to x's
 * Nyquist frequency, also where a coarse z step ends before.
 * @throws {InputError} for planes below 8 x 8, volumes below 8 x 8 x 8.
 */
export function frc(
  reference: Intensities,
  estimate: Intensities,
  {
    window = 'hann',
    threshold = 1 / 7,
    spacing,
  }: { window?: SpectrumWindow; threshold?: number; spacing?: Spacing } = {},
): Frc {
  const { frequencies, cross, powerA, powerB, counts } = ringSums('frc', reference, estimate, window, spacing);
  const correlation = cross.map((c, q) => (powerA[q] > 0 && powerB[q] > 0 ? c / Math.sqrt(powerA[q] * powerB[q]) : 0));
  let sum = 0;
  let rings = 0;
  let crossing: number | null = null;
  let before = 1;
  let last = 0;
  for (let q = 1; q < correlation.length; q++) {
    if (counts[q] === 0) continue;
    sum += correlation[q];
    rings++;
    if (crossing === null && correlation[q] < threshold)
      crossing = last + ((before - threshold) / (before - correlation[q])) * (frequencies[q] - last);
    [before, last] = [correlation[q], frequencies[q]];
  }
  const area = sum / rings;
  const a = reference.data;
  const b = estimate.data;
  let identical = true;
  for (let i = 0; i < a.length && identical; i++) identical = a[i] === b[i];
  let flag: Frc['flag'];
  if (correlation.subarray(1).every((c) => c === 0)) flag = 'no signal';
  else if (identical) flag = 'identical';
  else if (crossing === null) flag = 'never below the threshold';
  const resolution = crossing === null || flag === 'no signal' ? null : 1 / crossing;
  return flag ? { frequencies, correlation, resolution, area, flag } : { frequencies, correlation, resolution, area };
}

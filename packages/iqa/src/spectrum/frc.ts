import type { Grid } from '../grid.js';
import { ringSums, type SpectrumWindow } from './rings.js';

/** Fourier ring correlation of two images. */
export interface Frc {
  /** Cycles per px. */
  readonly frequencies: Float64Array;
  /** Sum of Re(A B*) / sqrt(sum |A|² · sum |B|²) in each ring; 0 where a ring has no power. */
  readonly correlation: Float64Array;
  /** 1 / frequency, in px, of the first crossing below 1/7 (by linear interpolation); null if it never falls below. */
  readonly resolution: number | null;
  /** Mean correlation over the rings from 1 on: the area under the curve, over the band. */
  readonly area: number;
  readonly flag?: 'identical' | 'never below the threshold' | 'no signal';
}

/**
 * Fourier ring correlation (van Heel 1987; threshold 1/7 of Rosenthal and Henderson 2003), between a reference and an estimate:
 * up to which frequency the estimate carries the reference's detail.
 * @param options.window `hann` by default: without one, the edges' cross of frequencies correlates.
 * @throws {InputError} for volumes and images below 8 x 8.
 */
export function frc(reference: Grid, estimate: Grid, { window = 'hann', threshold = 1 / 7 }: { window?: SpectrumWindow; threshold?: number } = {}): Frc {
  const { frequencies, cross, powerA, powerB } = ringSums('frc', reference, estimate, window);
  const correlation = cross.map((c, q) => (powerA[q] > 0 && powerB[q] > 0 ? c / Math.sqrt(powerA[q] * powerB[q]) : 0));
  let area = 0, crossing: number | null = null;
  for (let q = 1; q < correlation.length; q++) {
    area += correlation[q] / (correlation.length - 1);
    if (crossing === null && correlation[q] < threshold) {
      const before = q > 1 ? correlation[q - 1] : 1;
      crossing = frequencies[q - 1] + ((before - threshold) / (before - correlation[q])) * (frequencies[q] - frequencies[q - 1]);
    }
  }
  const a = reference.data, b = estimate.data;
  let identical = true;
  for (let i = 0; i < a.length && identical; i++) identical = a[i] === b[i];
  const flag = correlation.subarray(1).every((c) => c === 0) ? 'no signal' : identical ? 'identical' : crossing === null ? 'never below the threshold' : undefined;
  const resolution = crossing === null || flag === 'no signal' ? null : 1 / crossing;
  return flag ? { frequencies, correlation, resolution, area, flag } : { frequencies, correlation, resolution, area };
}

import { InputError, describeShape } from '@lacuna/core';
import { requireOneChannel, requirePair, type Grid } from '../grid.js';
import { fft2 } from './fft.js';

/** Sums over rings of spatial frequency: ring q holds frequencies whose radius rounds to q / N cycles per px, N the longer side. */
export interface RingSums {
  /** Cycles per px of each ring, 0 to 1/2. */
  readonly frequencies: Float64Array;
  /** Sum of Re(A B*), |A|², |B|² and the number of frequencies. */
  readonly cross: Float64Array;
  readonly powerA: Float64Array;
  readonly powerB: Float64Array;
  readonly counts: Float64Array;
}

/** The window that is laid over an image before its spectrum is taken. */
export type SpectrumWindow = 'hann' | 'none';

/** Spectra of two planes, less their means, under the window, summed over rings. @throws {InputError} for volumes and images below 8 x 8. */
export function ringSums(who: string, reference: Grid, estimate: Grid, window: SpectrumWindow): RingSums {
  requirePair(who, reference, estimate);
  requireOneChannel(who, reference);
  const { width, height, depth } = reference;
  if (depth !== 1 || width < 8 || height < 8) throw new InputError({ who, got: describeShape(reference), wanted: 'a plane of at least 8 x 8' });
  const a = fft2(prepare(reference, window), width, height), b = fft2(prepare(estimate, window), width, height);
  const side = Math.max(width, height), rings = Math.floor(side / 2) + 1;
  const sums: RingSums = { frequencies: Float64Array.from({ length: rings }, (_, q) => q / side), cross: new Float64Array(rings), powerA: new Float64Array(rings), powerB: new Float64Array(rings), counts: new Float64Array(rings) };
  for (let y = 0; y < height; y++) {
    const fy = (y <= height / 2 ? y : y - height) / height;
    for (let x = 0; x < width; x++) {
      const fx = (x <= width / 2 ? x : x - width) / width;
      const q = Math.floor(Math.sqrt(fx * fx + fy * fy) * side + 0.5);
      if (q >= rings) continue;
      const i = y * width + x;
      sums.cross[q] += a.re[i] * b.re[i] + a.im[i] * b.im[i];
      sums.powerA[q] += a.re[i] * a.re[i] + a.im[i] * a.im[i];
      sums.powerB[q] += b.re[i] * b.re[i] + b.im[i] * b.im[i];
      sums.counts[q]++;
    }
  }
  return sums;
}

function prepare({ data, width, height }: Grid, window: SpectrumWindow): Float64Array {
  let mean = 0;
  for (let i = 0; i < data.length; i++) mean += data[i];
  mean /= data.length;
  const hann = (n: number) => Float64Array.from({ length: n }, (_, i) => (window === 'hann' ? 0.5 - 0.5 * Math.cos((2 * Math.PI * (i + 0.5)) / n) : 1));
  const wx = hann(width), wy = hann(height), out = new Float64Array(data.length);
  for (let y = 0; y < height; y++) for (let x = 0; x < width; x++) out[y * width + x] = (data[y * width + x] - mean) * wx[x] * wy[y];
  return out;
}

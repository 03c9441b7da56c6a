import { InputError, describeShape } from '@lacuna/core';
import { requireOneChannel, requirePair, type Intensities } from '../intensities.js';
import { fft2 } from './fft.js';
import { fft3 } from './fft-volume.js';
import type { Spacing } from '../mask.js';

/**
 * Sums over rings of spatial frequency (volumes: shells): ring q holds frequencies whose radius rounds to q / N cycles
 * per px, N the longer side of a plane. Where pixels are longer along y or z than along x, a px is one of x, and N the
 * longer side in such px.
 */
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

/**
 * Spectra of two images, less their means, under the window, summed over rings. @throws {InputError} for planes below 8
 * x 8, volumes below 8 x 8 x 8.
 */
export function ringSums(
  who: string,
  reference: Intensities,
  estimate: Intensities,
  window: SpectrumWindow,
  spacing: Spacing = { x: 1, y: 1, z: 1 },
): RingSums {
  requirePair(who, reference, estimate);
  requireOneChannel(who, reference);
  const { width, height, depth } = reference;
  if (width < 8 || height < 8 || (depth > 1 && depth < 8))
    throw new InputError({
      who,
      got: describeShape(reference),
      wanted: depth > 1 ? 'a volume of at least 8 x 8 x 8' : 'a plane of at least 8 x 8',
    });
  const transform = (grid: Intensities) =>
    depth > 1 ? fft3(prepare(grid, window), width, height, depth) : fft2(prepare(grid, window), width, height);
  const a = transform(reference);
  const b = transform(estimate);
  const perY = spacing.x / spacing.y;
  const perZ = spacing.x / (spacing.z ?? spacing.x);
  const side = Math.max(width, height / perY);
  const rings = Math.floor(side / 2) + 1;
  const sums: RingSums = {
    frequencies: Float64Array.from({ length: rings }, (_, q) => q / side),
    cross: new Float64Array(rings),
    powerA: new Float64Array(rings),
    powerB: new Float64Array(rings),
    counts: new Float64Array(rings),
  };
  const cycles = (k: number, n: number) => (k <= n / 2 ? k : k - n) / n;
  for (let z = 0, i = 0; z < depth; z++) {
    const fz = cycles(z, depth) * perZ;
    for (let y = 0; y < height; y++) {
      const fy = cycles(y, height) * perY;
      const across = fy * fy + fz * fz;
      for (let x = 0; x < width; x++, i++) {
        const fx = (x <= width / 2 ? x : x - width) / width;
        const q = Math.floor(Math.sqrt(fx * fx + across) * side + 0.5);
        if (q >= rings) continue;
        sums.cross[q] += a.re[i] * b.re[i] + a.im[i] * b.im[i];
        sums.powerA[q] += a.re[i] * a.re[i] + a.im[i] * a.im[i];
        sums.powerB[q] += b.re[i] * b.re[i] + b.im[i] * b.im[i];
        sums.counts[q]++;
      }
    }
  }
  return sums;
}

function prepare({ data, width, height, depth }: Intensities, window: SpectrumWindow): Float64Array {
  let mean = 0;
  for (let i = 0; i < data.length; i++) mean += data[i];
  mean /= data.length;
  const hann = (n: number) =>
    Float64Array.from({ length: n }, (_, i) =>
      window === 'hann' ? 0.5 - 0.5 * Math.cos((2 * Math.PI * (i + 0.5)) / n) : 1,
    );
  const wx = hann(width);
  const wy = hann(height);
  const wz = depth > 1 ? hann(depth) : [1];
  const out = new Float64Array(data.length);
  for (let z = 0, i = 0; z < depth; z++)
    for (let y = 0; y < height; y++)
      for (let x = 0; x < width; x++, i++) out[i] = (data[i] - mean) * wx[x] * wy[y] * wz[z];
  return out;
}

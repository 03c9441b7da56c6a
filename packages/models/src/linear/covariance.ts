import { planFft, transformPlane } from '@lacuna/core';
import type { Pixels } from '../pixels.js';
import type { Offset } from './linear-filter.js';

/** Mean of an image's intensities and their covariance over a lag in pixels. */
export interface SecondMoments {
  readonly mean: number;
  /** cov(v[z, y, x], v[z + lag.z, y + lag.y, x + lag.x]); 0 beyond the largest lag. */
  readonly covariance: (lag: Offset) => number;
}

/**
 * Mean and covariance by lag of images or volumes together, by the power spectrum of each, padded with zeros (Wiener
 * and Khinchin). Divided by the number of pixels whatever the lag: such covariances are positive semidefinite.
 * @param largest lag along each axis; 0 along z for planes.
 */
export function secondMoments(images: readonly Pixels[], largest: Offset): SecondMoments {
  const pixels = images.reduce((count, image) => count + image.data.length, 0);
  const total = images.reduce((sum, { data }) => sum + sumOf(data), 0);
  const mean = total / pixels;
  const sides = { z: 2 * largest.z + 1, y: 2 * largest.y + 1, x: 2 * largest.x + 1 };
  const table = new Float64Array(sides.z * sides.y * sides.x);
  const indexOf = ({ z, y, x }: Offset) => ((z + largest.z) * sides.y + y + largest.y) * sides.x + x + largest.x;
  for (const image of images) addCorrelations(table, image, mean, { largest, indexOf });
  for (let i = 0; i < table.length; i++) table[i] /= pixels;
  const isBeyond = ({ z, y, x }: Offset) =>
    Math.abs(z) > largest.z || Math.abs(y) > largest.y || Math.abs(x) > largest.x;
  return { mean, covariance: (lag) => (isBeyond(lag) ? 0 : table[indexOf(lag)]) };
}

function sumOf(data: Float32Array): number {
  let sum = 0;
  for (let i = 0; i < data.length; i++) sum += data[i];
  return sum;
}

function addCorrelations(
  table: Float64Array,
  { data, width, height, depth = 1 }: Pixels,
  mean: number,
  { largest, indexOf }: { readonly largest: Offset; readonly indexOf: (lag: Offset) => number },
): void {
  const padded = {
    x: powerOfTwo(width + largest.x),
    y: powerOfTwo(height + largest.y),
    z: depth === 1 ? 1 : powerOfTwo(depth + largest.z),
  };
  const re = new Float64Array(padded.x * padded.y * padded.z);
  const im = new Float64Array(re.length);
  for (let z = 0; z < depth; z++) {
    for (let y = 0; y < height; y++) {
      const from = (z * height + y) * width;
      const to = (z * padded.y + y) * padded.x;
      for (let x = 0; x < width; x++) re[to + x] = data[from + x] - mean;
    }
  }
  transformVolume(re, im, padded);
  for (let i = 0; i < re.length; i++) {
    re[i] = re[i] ** 2 + im[i] ** 2;
    im[i] = 0;
  }
  // The power spectrum is real and even: its forward transform is its inverse but for the number of samples.
  transformVolume(re, im, padded);
  for (let z = -largest.z; z <= largest.z; z++) {
    const plane = (z + padded.z) % padded.z;
    // A plane has nothing beside it.
    if (depth === 1 && z !== 0) continue;
    for (let y = -largest.y; y <= largest.y; y++) {
      const row = (y + padded.y) % padded.y;
      for (let x = -largest.x; x <= largest.x; x++) {
        const column = (x + padded.x) % padded.x;
        table[indexOf({ z, y, x })] += re[(plane * padded.y + row) * padded.x + column] / re.length;
      }
    }
  }
}

/** A forward Fourier transform along x, y and z, in place. */
function transformVolume(re: Float64Array, im: Float64Array, { x, y, z }: Offset): void {
  const plane = x * y;
  for (let k = 0; k < z; k++) {
    const [from, to] = [k * plane, (k + 1) * plane];
    transformPlane(re.subarray(from, to), im.subarray(from, to), x, y);
  }
  if (z === 1) return;
  const fft = planFft(z);
  const lineRe = new Float64Array(z);
  const lineIm = new Float64Array(z);
  for (let i = 0; i < plane; i++) {
    for (let k = 0; k < z; k++) {
      lineRe[k] = re[k * plane + i];
      lineIm[k] = im[k * plane + i];
    }
    fft.transform(lineRe, lineIm);
    for (let k = 0; k < z; k++) {
      re[k * plane + i] = lineRe[k];
      im[k * plane + i] = lineIm[k];
    }
  }
}

function powerOfTwo(atLeast: number): number {
  return 2 ** Math.ceil(Math.log2(atLeast));
}

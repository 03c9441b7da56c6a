import { transformPlane } from '@lacuna/core';
import type { Pixels } from '../training/predict.js';

/** Mean of an image's intensities and their covariance over a lag in pixels. */
export interface SecondMoments {
  readonly mean: number;
  /** cov(x[y, x], x[y + dy, x + dx]); 0 beyond the largest lag. */
  readonly covariance: (dy: number, dx: number) => number;
}

/**
 * Mean and covariance by lag of images together, by the power spectrum of each, padded with zeros (Wiener and
 * Khinchin). Divided by the number of pixels whatever the lag: such covariances are positive semidefinite.
 */
export function secondMoments(images: readonly Pixels[], largestLag: number): SecondMoments {
  const pixels = images.reduce((count, image) => count + image.width * image.height, 0);
  const total = images.reduce((sum, { data }) => sum + sumOf(data), 0);
  const mean = total / pixels;
  const side = 2 * largestLag + 1;
  const table = new Float64Array(side * side);
  for (const image of images) addCorrelations(table, image, mean, largestLag);
  for (let i = 0; i < table.length; i++) table[i] /= pixels;
  return {
    mean,
    covariance: (dy, dx) => {
      if (Math.abs(dy) > largestLag || Math.abs(dx) > largestLag) return 0;
      return table[(dy + largestLag) * side + dx + largestLag];
    },
  };
}

function sumOf(data: Float32Array): number {
  let sum = 0;
  for (let i = 0; i < data.length; i++) sum += data[i];
  return sum;
}

function addCorrelations(table: Float64Array, { data, width, height }: Pixels, mean: number, largestLag: number): void {
  const paddedWidth = powerOfTwo(width + largestLag);
  const paddedHeight = powerOfTwo(height + largestLag);
  const re = new Float64Array(paddedWidth * paddedHeight);
  const im = new Float64Array(re.length);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) re[y * paddedWidth + x] = data[y * width + x] - mean;
  }
  transformPlane(re, im, paddedWidth, paddedHeight);
  for (let i = 0; i < re.length; i++) {
    re[i] = re[i] ** 2 + im[i] ** 2;
    im[i] = 0;
  }
  // The power spectrum is real and even: its forward transform is its inverse but for the number of samples.
  transformPlane(re, im, paddedWidth, paddedHeight);
  const side = 2 * largestLag + 1;
  for (let dy = -largestLag; dy <= largestLag; dy++) {
    for (let dx = -largestLag; dx <= largestLag; dx++) {
      const row = (dy + paddedHeight) % paddedHeight;
      const column = (dx + paddedWidth) % paddedWidth;
      table[(dy + largestLag) * side + dx + largestLag] += re[row * paddedWidth + column] / re.length;
    }
  }
}

function powerOfTwo(atLeast: number): number {
  return 2 ** Math.ceil(Math.log2(atLeast));
}

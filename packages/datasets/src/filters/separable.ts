import { clampIndex, type Image } from '@lacuna/core';

/** A filter along one axis: tap k of the kernel lies at offset + k of the pixel that it makes. */
export interface FilterKernel {
  readonly kernel: readonly number[];
  readonly offset: number;
}

/** Gaussian of the given sigma about `centre` (px), cut at 4 sigma, of sum 1. */
export function gaussianKernel(sigma: number, centre = 0): FilterKernel {
  if (sigma === 0 && Number.isInteger(centre)) return { kernel: [1], offset: centre };
  const reach = Math.max(1, Math.ceil(4 * Math.max(sigma, 0.5)));
  const from = Math.floor(centre - reach);
  const to = Math.ceil(centre + reach);
  // A sigma of 0 between two pixels is their mean, weighted by nearness.
  const weight = (k: number) =>
    sigma === 0 ? Math.max(0, 1 - Math.abs(k - centre)) : Math.exp(-((k - centre) ** 2) / (2 * sigma * sigma));
  const raw = Array.from({ length: to - from + 1 }, (_, i) => weight(from + i));
  const sum = raw.reduce((total, value) => total + value, 0);
  return { kernel: raw.map((value) => value / sum), offset: from };
}

/**
 * Filters rows and columns of each plane and keeps every `stride`-th sample: out[i] = sum over k of kernel[k] ·
 * in[i·stride + offset + k]. Outside the image its edge is repeated. Sums in float64.
 */
export function filterPlanes(image: Image, kernel: FilterKernel, stride = 1): Image {
  const { width, height, depth, channels } = image;
  const outWidth = Math.floor(width / stride);
  const outHeight = Math.floor(height / stride);
  const taps = Float64Array.from(kernel.kernel);
  const { offset } = kernel;
  const count = taps.length;
  // A row with its edges repeated as far as the kernel reaches, then the filtered rows, then one sum for each column.
  const padded = new Float64Array((outWidth - 1) * stride + count);
  const middle = new Float64Array(outWidth * height);
  const sums = new Float64Array(outWidth);
  const data = new Float32Array(outWidth * outHeight * depth * channels);
  for (let z = 0; z < depth; z++) {
    for (let c = 0; c < channels; c++) {
      for (let y = 0; y < height; y++) {
        const row = (z * height + y) * width;
        for (let i = 0; i < padded.length; i++)
          padded[i] = image.data[(row + clampIndex(i + offset, width)) * channels + c];
        for (let x = 0; x < outWidth; x++) {
          const from = x * stride;
          let sum = 0;
          for (let k = 0; k < count; k++) sum += taps[k] * padded[from + k];
          middle[y * outWidth + x] = sum;
        }
      }
      for (let y = 0; y < outHeight; y++) {
        sums.fill(0);
        for (let k = 0; k < count; k++) {
          const from = clampIndex(y * stride + offset + k, height) * outWidth;
          const tap = taps[k];
          for (let x = 0; x < outWidth; x++) sums[x] += tap * middle[from + x];
        }
        const to = (z * outHeight + y) * outWidth;
        for (let x = 0; x < outWidth; x++) data[(to + x) * channels + c] = sums[x];
      }
    }
  }
  return { ...image, data, width: outWidth, height: outHeight };
}

/** Gaussian blur of each plane, sigma in px. */
export function gaussianBlur(image: Image, sigma: number): Image {
  return sigma === 0 ? image : filterPlanes(image, gaussianKernel(sigma));
}

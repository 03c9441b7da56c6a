import type { Image } from '@lacuna/core';

/** Keys' cubic with a = -0.5, as MATLAB's imresize has it. */
function cubic(t: number): number {
  const x = Math.abs(t);
  if (x <= 1) return 1.5 * x ** 3 - 2.5 * x ** 2 + 1;
  return x < 2 ? -0.5 * x ** 3 + 2.5 * x ** 2 - 4 * x + 2 : 0;
}

interface Weights { readonly index: Int32Array; readonly weight: Float64Array; readonly count: number }

/** Contributions along one axis: widened for shrinking (antialiasing), normalised, mirrored at the edges with the edge repeated. */
function contributions(length: number, outLength: number, scale: number): Weights {
  const widen = scale < 1 ? 1 / scale : 1, support = 4 * widen;
  const count = Math.ceil(support) + 2;
  const index = new Int32Array(outLength * count), weight = new Float64Array(outLength * count);
  for (let i = 0; i < outLength; i++) {
    const centre = (i + 0.5) / scale - 0.5;
    const first = Math.floor(centre - support / 2) + 1;
    let sum = 0;
    for (let k = 0; k < count; k++) {
      const at = first + k - 1;
      const w = cubic((centre - at) / widen) / widen;
      const period = 2 * length, folded = ((at % period) + period) % period;
      index[i * count + k] = folded < length ? folded : period - 1 - folded;
      weight[i * count + k] = w;
      sum += w;
    }
    for (let k = 0; k < count; k++) weight[i * count + k]! /= sum;
  }
  return { index, weight, count };
}

/**
 * MATLAB's `imresize(image, scale)` with its default, antialiased bicubic interpolation, on each plane, in float64, without rounding.
 * Output size is ceil(scale · size). The axis with the smaller scale comes first in MATLAB; with one scale for both that is the rows.
 */
export function imresize(image: Image, scale: number): Image {
  const { width, height, depth, channels } = image;
  const outWidth = Math.ceil(width * scale - 1e-9), outHeight = Math.ceil(height * scale - 1e-9);
  const rows = contributions(height, outHeight, scale), columns = contributions(width, outWidth, scale);
  const data = new Float32Array(outWidth * outHeight * depth * channels);
  const middle = new Float64Array(width * outHeight);
  for (let z = 0; z < depth; z++) {
    for (let c = 0; c < channels; c++) {
      for (let y = 0; y < outHeight; y++) {
        for (let x = 0; x < width; x++) {
          let sum = 0;
          for (let k = 0; k < rows.count; k++) sum += rows.weight[y * rows.count + k]! * image.data[((z * height + rows.index[y * rows.count + k]!) * width + x) * channels + c]!;
          middle[y * width + x] = sum;
        }
      }
      for (let y = 0; y < outHeight; y++) {
        for (let x = 0; x < outWidth; x++) {
          let sum = 0;
          for (let k = 0; k < columns.count; k++) sum += columns.weight[x * columns.count + k]! * middle[y * width + columns.index[x * columns.count + k]!]!;
          data[((z * outHeight + y) * outWidth + x) * channels + c] = sum;
        }
      }
    }
  }
  const pixelSize = image.pixelSize ? { ...image.pixelSize, x: image.pixelSize.x / scale, y: image.pixelSize.y / scale } : null;
  return { ...image, data, width: outWidth, height: outHeight, pixelSize };
}

import type { Image } from '@lacuna/core';
import { applyAxes, foldIndex, type AxisOperator } from './axis-operator.js';
import { keys } from '../degrade/kernels.js';

/**
 * Contributions along one axis: widened for shrinking (antialiasing), normalised, mirrored at the edges with the edge
 * repeated.
 */
function contributions(length: number, outLength: number, scale: number): AxisOperator {
  const widen = scale < 1 ? 1 / scale : 1;
  const support = 4 * widen;
  const count = Math.ceil(support) + 1;
  const index = new Int32Array(outLength * count);
  const weight = new Float64Array(outLength * count);
  for (let i = 0; i < outLength; i++) {
    const centre = (i + 0.5) / scale - 0.5;
    const first = Math.floor(centre - support / 2) + 1;
    let sum = 0;
    for (let k = 0; k < count; k++) {
      const w = keys((centre - first - k) / widen);
      index[i * count + k] = foldIndex(first + k, length, 'mirror');
      weight[i * count + k] = w;
      sum += w;
    }
    for (let k = 0; k < count; k++) weight[i * count + k] /= sum;
  }
  return { length, outLength, count, index, weight };
}

/**
 * MATLAB's `imresize(image, scale)` with its default, antialiased bicubic interpolation, on each plane, without
 * rounding; sums in float64. Output size is ceil(scale · size). The axis with the smaller scale comes first in MATLAB;
 * with one scale for both that is the rows.
 */
export function imresize(image: Image, scale: number): Image {
  const { width, height, pixelSize } = image;
  const out = applyAxes(image, {
    y: contributions(height, Math.ceil(height * scale - 1e-9), scale),
    x: contributions(width, Math.ceil(width * scale - 1e-9), scale),
  });
  return { ...out, pixelSize: pixelSize ? { ...pixelSize, x: pixelSize.x / scale, y: pixelSize.y / scale } : null };
}

import { keysCubic, mirrorIndex, type Image, type PixelSize } from '@lacuna/core';
import { applyAxes, type AxisOperator } from './axis-operator.js';

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
      const w = keysCubic((centre - first - k) / widen);
      index[i * count + k] = mirrorIndex(first + k, length);
      weight[i * count + k] = w;
      sum += w;
    }
    for (let k = 0; k < count; k++) weight[i * count + k] /= sum;
  }
  return { length, outLength, count, index, weight };
}

/** A scale along each axis; what is left out stays. */
interface Scales {
  readonly x: number;
  readonly y: number;
  readonly z?: number;
}

/**
 * MATLAB's `imresize(image, scale)` with its default, antialiased bicubic interpolation, on each plane, without
 * rounding; sums in float64. Output size is ceil(scale · size). The axis with the smaller scale comes first in MATLAB;
 * with one scale for both that is the rows. With a scale along z it is MATLAB's `imresize3` of volumes.
 */
export function imresize(image: Image, scale: number | Scales): Image {
  const { width, height, depth, pixelSize } = image;
  const { x, y, z = 1 } = typeof scale === 'number' ? { x: scale, y: scale } : scale;
  const along = (length: number, by: number) => contributions(length, Math.ceil(length * by - 1e-9), by);
  const out = applyAxes(image, { z: z === 1 ? undefined : along(depth, z), y: along(height, y), x: along(width, x) });
  return { ...out, pixelSize: pixelSize && scaledPixelSize(pixelSize, { x, y, z }) };
}

function scaledPixelSize(size: PixelSize, { x, y, z }: Required<Scales>): PixelSize {
  return { x: size.x / x, y: size.y / y, ...(size.z === undefined ? {} : { z: size.z / z }), unit: size.unit };
}

import type { Image, PixelSize } from '@lacuna/core';
import { applyAxes, type AxisOperator } from '../filters/axis-operator.js';
import { imresize } from '../filters/imresize.js';
import { byAxis, type Factor } from './factor.js';

/**
 * Enlarges an LR image or volume by whole factors on centred grids: what the interpolation baselines give, and what
 * GANs on the HR grid take. A number enlarges x and y and leaves z.
 */
export function enlarge(lr: Image, factor: Factor, method: 'nearest' | 'bicubic' | 'bilinear'): Image {
  const { x, y, z } = byAxis(factor);
  if (method === 'bicubic') return imresize(lr, { x, y, z });
  const operator = method === 'nearest' ? repeating : linear;
  const { width, height, depth, pixelSize } = lr;
  const out = applyAxes(lr, {
    x: operator(width, x),
    y: operator(height, y),
    z: z === 1 ? undefined : operator(depth, z),
  });
  return { ...out, pixelSize: pixelSize ? finerPixelSize(pixelSize, { x, y, z }) : null };
}

/** The pixel size of an image that is enlarged. */
export function finerPixelSize({ x, y, z, unit }: PixelSize, factor: Factor): PixelSize {
  const by = byAxis(factor);
  return { x: x / by.x, y: y / by.y, ...(z === undefined ? {} : { z: z / by.z }), unit };
}

/** Each value `factor` times. */
function repeating(length: number, factor: number): AxisOperator {
  const outLength = length * factor;
  const index = Int32Array.from({ length: outLength }, (_, i) => Math.floor(i / factor));
  return { length, outLength, count: 1, index, weight: new Float64Array(outLength).fill(1) };
}

/** Between the two nearest centres; the edge is repeated. */
function linear(length: number, factor: number): AxisOperator {
  const outLength = length * factor;
  const index = new Int32Array(2 * outLength);
  const weight = new Float64Array(2 * outLength);
  for (let i = 0; i < outLength; i++) {
    const at = Math.min(length - 1, Math.max(0, (i + 0.5) / factor - 0.5));
    const low = Math.floor(at);
    index[2 * i] = low;
    index[2 * i + 1] = Math.min(length - 1, low + 1);
    weight[2 * i] = 1 - (at - low);
    weight[2 * i + 1] = at - low;
  }
  return { length, outLength, count: 2, index, weight };
}

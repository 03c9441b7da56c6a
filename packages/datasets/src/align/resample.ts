import { clampIndex, keysCubic, type Image } from '@lacuna/core';
import type { Placement } from './transform.js';

/**
 * Values of one plane at the places of a grid, by Keys' cubic; the edge is repeated outside. At whole pixels the
 * values are those of the plane.
 */
export function resamplePlane(
  plane: Float32Array,
  { width, height }: { readonly width: number; readonly height: number },
  at: Placement,
  out: { readonly width: number; readonly height: number },
): Float32Array {
  const data = new Float32Array(out.width * out.height);
  const wx = new Float64Array(4);
  const wy = new Float64Array(4);
  for (let row = 0; row < out.height; row++) {
    const y = at.originY + at.stepY * row;
    const top = Math.floor(y);
    for (let k = 0; k < 4; k++) wy[k] = keysCubic(y - (top - 1 + k));
    for (let column = 0; column < out.width; column++) {
      const x = at.originX + at.stepX * column + at.shearX * row;
      const left = Math.floor(x);
      for (let k = 0; k < 4; k++) wx[k] = keysCubic(x - (left - 1 + k));
      let sum = 0;
      for (let j = 0; j < 4; j++) {
        if (wy[j] === 0) continue;
        const from = clampIndex(top - 1 + j, height) * width;
        let line = 0;
        for (let i = 0; i < 4; i++) line += wx[i] * plane[from + clampIndex(left - 1 + i, width)];
        sum += wy[j] * line;
      }
      data[row * out.width + column] = sum;
    }
  }
  return data;
}

/** An image of one channel, plane by plane, on another grid. */
export function resampleImage(
  image: Image,
  at: Placement,
  out: { readonly width: number; readonly height: number },
): Image {
  const plane = image.width * image.height;
  const data = new Float32Array(out.width * out.height * image.depth);
  for (let z = 0; z < image.depth; z++)
    data.set(
      resamplePlane(image.data.subarray(z * plane, (z + 1) * plane), image, at, out),
      z * out.width * out.height,
    );
  return { ...image, data, width: out.width, height: out.height };
}

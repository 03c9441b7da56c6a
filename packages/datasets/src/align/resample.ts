import { clampIndex, keysCubic, type Image } from '@lacuna/core';
import type { Placement } from './transform.js';

/** Pixels along one axis that Keys' cubic weighs. */
const TAPS = 4;

/** The pixels along one axis that a value is made of. */
interface Taps {
  readonly weights: Float64Array;
  readonly places: Int32Array;
}

const newTaps = (): Taps => ({ weights: new Float64Array(TAPS), places: new Int32Array(TAPS) });

/** The four pixels about a place on an axis of `length` pixels. */
function placeTaps({ weights, places }: Taps, place: number, length: number): void {
  const first = Math.floor(place) - 1;
  for (let k = 0; k < TAPS; k++) {
    weights[k] = keysCubic(place - (first + k));
    places[k] = clampIndex(first + k, length);
  }
}

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
  const columns = newTaps();
  const rows = newTaps();
  for (let row = 0; row < out.height; row++) {
    placeTaps(rows, at.originY + at.stepY * row, height);
    for (let column = 0; column < out.width; column++) {
      placeTaps(columns, at.originX + at.stepX * column + at.shearX * row, width);
      let sum = 0;
      for (let j = 0; j < TAPS; j++) {
        if (rows.weights[j] === 0) continue;
        const from = rows.places[j] * width;
        let line = 0;
        for (let i = 0; i < TAPS; i++) line += columns.weights[i] * plane[from + columns.places[i]];
        sum += rows.weights[j] * line;
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

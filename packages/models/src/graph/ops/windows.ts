import { ShapeError } from '@lacuna/core';
import type { WindowAttributes } from '../attributes.js';
import { perAxis, spatialSizes, type Shape } from '../shape.js';

/** Output length of a convolution or pooling along one axis, as TensorFlow defines SAME and VALID. */
function windowLength(op: string, length: number, window: number, stride: number, padding: string): number {
  if (padding === 'same') return Math.ceil(length / stride);
  if (length < window)
    throw new ShapeError({
      who: op,
      got: `length ${length}`,
      wanted: `at least the window's ${window} with padding valid`,
    });
  return Math.floor((length - window) / stride) + 1;
}

/** Spatial sizes of what a window of the given sizes makes of an image. */
export function windowSizes(
  op: string,
  image: Shape,
  window: readonly number[],
  { stride, padding }: WindowAttributes,
): number[] {
  const sizes = spatialSizes(image);
  const strides = perAxis(`${op}: strides`, stride, sizes.length);
  const windows = perAxis(`${op}: window`, window, sizes.length);
  return sizes.map((length, axis) => windowLength(op, length, windows[axis], strides[axis], padding));
}

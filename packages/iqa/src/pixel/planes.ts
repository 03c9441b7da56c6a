import { InputError, describeShape } from '@lacuna/core';
import { requireOneChannel, requirePair, type Intensities } from '../intensities.js';
import { Layout } from '@lacuna/core/wasm';
import { STEP, filterKernel } from './kernels/filter-kernel.js';

/** A plane of float64, for metrics that build pyramids. */
export interface Float64Plane {
  readonly data: Float64Array;
  readonly width: number;
  readonly height: number;
}

/** Checks a pair of planes of one channel. @throws {InputError} below `smallest` px. */
export function requirePlanes(who: string, reference: Intensities, estimate: Intensities, smallest: number): void {
  requirePair(who, reference, estimate);
  requireOneChannel(who, reference);
  const { width, height, depth } = reference;
  if (depth !== 1 || width < smallest || height < smallest)
    throw new InputError({
      who,
      got: describeShape(reference),
      wanted: `a plane of at least ${smallest} x ${smallest}`,
    });
}

/** Checks a pair of planes and copies both, times `scale`. @throws {InputError} below `smallest` px. */
export function readPlanes(
  who: string,
  reference: Intensities,
  estimate: Intensities,
  smallest: number,
  scale = 1,
): [Float64Plane, Float64Plane] {
  requirePlanes(who, reference, estimate, smallest);
  const copy = ({ data: values, width, height }: Intensities): Float64Plane => {
    const data = new Float64Array(values);
    if (scale !== 1) for (let i = 0; i < data.length; i++) data[i] *= scale;
    return { data, width, height };
  };
  return [copy(reference), copy(estimate)];
}

/**
 * Separable correlation with symmetric `weights` (an odd number), only where the window lies inside; of that every
 * pixel, or every second one each way.
 */
export function filterValid(
  { data, width, height }: Float64Plane,
  weights: Float64Array,
  every: 1 | 2 = 1,
): Float64Plane {
  const size = weights.length;
  const radius = (size - 1) / 2;
  const w = width - size + 1;
  const h = height - size + 1;
  const keptWidth = Math.ceil(w / every);
  const keptHeight = Math.ceil(h / every);
  const out = new Float64Array(keptWidth * keptHeight);
  const padded = Math.ceil(w / STEP) * STEP;
  const layout = new Layout();
  const weightsAt = layout.take(8 * size);
  const pointersAt = layout.take(4 * size);
  const rowAt = layout.take(8 * (padded + size));
  const outAt = layout.take(8 * padded);
  const ring = layout.take(8 * padded * size);
  const { functions, buffer } = filterKernel().reserve(layout.bytes);
  const numbers = new Float64Array(buffer);
  const pointers = new Int32Array(buffer, pointersAt, size);
  const result = numbers.subarray(outAt / 8, outAt / 8 + w);
  numbers.set(weights.subarray(radius), weightsAt / 8);
  for (let y = 0; y < height; y++) {
    numbers.set(data.subarray(y * width, (y + 1) * width), rowAt / 8);
    functions.across(rowAt, ring + 8 * padded * (y % size), w, weightsAt, radius);
    const top = y - size + 1;
    if (top < 0 || top % every) continue;
    for (let k = 0; k < size; k++) pointers[k] = ring + 8 * padded * ((top + k) % size);
    functions.down(pointersAt, outAt, w, weightsAt, radius);
    const to = (top / every) * keptWidth;
    if (every === 1) out.set(result, to);
    else for (let x = 0; x < keptWidth; x++) out[to + x] = result[2 * x];
  }
  return { data: out, width: keptWidth, height: keptHeight };
}

/** a · b, pixel by pixel. */
export function multiply(a: Float64Plane, b: Float64Plane): Float64Plane {
  const p = a.data;
  const q = b.data;
  const data = new Float64Array(p.length);
  for (let i = 0; i < data.length; i++) data[i] = p[i] * q[i];
  return { ...a, data };
}

/**
 * Means of 2 x 2 pixels, times `scale`, every second one; an odd last row or column is left out (`drop`) or counts
 * twice (`repeat`).
 */
export function halve(
  { data, width, height }: Float64Plane | Intensities,
  odd: 'drop' | 'repeat',
  scale = 1,
): Float64Plane {
  const extra = odd === 'repeat' ? 1 : 0;
  const w = (width + extra) >> 1;
  const h = (height + extra) >> 1;
  const out = new Float64Array(w * h);
  // Rows go through float64, whatever the image holds: one kind of array keeps the loop fast. An odd last pixel stands
  // twice.
  const top = new Float64Array(width + 1);
  const below = new Float64Array(width + 1);
  for (let y = 0; y < h; y++) {
    const second = Math.min(2 * y + 1, height - 1) * width;
    top.set(data.subarray(2 * y * width, (2 * y + 1) * width));
    below.set(data.subarray(second, second + width));
    top[width] = top[width - 1];
    below[width] = below[width - 1];
    for (let x = 0, left = 0, to = y * w; x < w; x++, left += 2)
      out[to + x] = (top[left] * scale + top[left + 1] * scale + below[left] * scale + below[left + 1] * scale) / 4;
  }
  return { data: out, width: w, height: h };
}

import { InputError, describeShape } from '@lacuna/core';
import { requireOneChannel, requirePair, type Grid } from '../grid.js';

/** A plane of float64, for metrics that build pyramids. */
export interface Plane {
  readonly data: Float64Array;
  readonly width: number;
  readonly height: number;
}

/** Checks a pair of planes of one channel and copies both, times `scale`. @throws {InputError} below `smallest` px. */
export function readPlanes(who: string, reference: Grid, estimate: Grid, smallest: number, scale = 1): [Plane, Plane] {
  requirePair(who, reference, estimate);
  requireOneChannel(who, reference);
  const { width, height, depth } = reference;
  if (depth !== 1 || width < smallest || height < smallest) throw new InputError({ who, got: describeShape(reference), wanted: `a plane of at least ${smallest} x ${smallest}` });
  const copy = (grid: Grid): Plane => ({ data: Float64Array.from(grid.data, (v) => v * scale), width, height });
  return [copy(reference), copy(estimate)];
}

/** Separable correlation with symmetric `weights`, only where the window lies inside. */
export function filterValid({ data, width, height }: Plane, weights: Float64Array): Plane {
  const size = weights.length, w = width - size + 1, h = height - size + 1;
  const across = new Float64Array(w * height), out = new Float64Array(w * h);
  for (let y = 0; y < height; y++) {
    for (let k = 0; k < size; k++) {
      const weight = weights[k];
      for (let x = 0, i = y * width + k, to = y * w; x < w; x++) across[to++] += weight * data[i++];
    }
  }
  for (let y = 0; y < h; y++) {
    for (let k = 0; k < size; k++) {
      const weight = weights[k];
      for (let x = 0, i = (y + k) * w, to = y * w; x < w; x++) out[to++] += weight * across[i++];
    }
  }
  return { data: out, width: w, height: h };
}

/** a · b, pixel by pixel. */
export function multiply(a: Plane, b: Plane): Plane {
  return { ...a, data: a.data.map((v, i) => v * b.data[i]) };
}

/** Means of 2 x 2 pixels, every second one; an odd last row or column is left out (`drop`) or counts twice (`repeat`). */
export function halve({ data, width, height }: Plane, odd: 'drop' | 'repeat'): Plane {
  const extra = odd === 'repeat' ? 1 : 0;
  const w = (width + extra) >> 1, h = (height + extra) >> 1;
  const out = new Float64Array(w * h);
  for (let y = 0; y < h; y++) {
    const top = 2 * y * width, below = Math.min(2 * y + 1, height - 1) * width;
    for (let x = 0; x < w; x++) {
      const left = 2 * x, right = Math.min(left + 1, width - 1);
      out[y * w + x] = (data[top + left] + data[top + right] + data[below + left] + data[below + right]) / 4;
    }
  }
  return { data: out, width: w, height: h };
}

import { InputError } from '@lacuna/core';
import type { Mask, Spacing } from '../mask.js';

/**
 * Exact Euclidean distance of every foreground pixel's centre to the nearest background pixel's centre; 0 in the background.
 *
 * Felzenszwalb and Huttenlocher (2012, doi 10.4086/toc.2012.v008a019): lower envelopes of parabolas, one axis after the other,
 * linear in the number of pixels.
 * @param options.spacing size of a pixel along each axis; 1 px by default.
 * @returns float64; Infinity everywhere if the mask has no background.
 */
export function distanceTransform(mask: Mask, { spacing = { x: 1, y: 1 } }: { spacing?: Spacing } = {}): Float64Array {
  const squared = squaredDistance(mask.data, 0, mask, spacing);
  for (let i = 0; i < squared.length; i++) squared[i] = Math.sqrt(squared[i]);
  return squared;
}

/** Exact Euclidean distance of every pixel to the nearest foreground pixel's centre; Infinity everywhere for an empty mask. */
export function distanceToMask(mask: Mask, { spacing = { x: 1, y: 1 } }: { spacing?: Spacing } = {}): Float64Array {
  const squared = squaredDistance(mask.data, 1, mask, spacing);
  for (let i = 0; i < squared.length; i++) squared[i] = Math.sqrt(squared[i]);
  return squared;
}

/** Squared distance of every pixel to the nearest one whose byte equals `target`. */
function squaredDistance(bytes: Uint8Array, target: 0 | 1, size: Omit<Mask, 'data'>, spacing: Spacing): Float64Array {
  const { width, height, depth } = size;
  const { x: sx, y: sy, z: sz = 1 } = spacing;
  for (const step of [sx, sy, sz]) {
    if (!(step > 0) || !Number.isFinite(step)) throw new InputError({ who: 'distance transform', got: `a spacing of ${step}`, wanted: 'positive numbers' });
  }
  const out = new Float64Array(bytes.length);
  const rows = height * depth, plane = width * height;
  // Along x two sweeps suffice: a row is binary, its distances are the steps to the nearest target on either side.
  for (let r = 0; r < rows; r++) {
    const base = r * width;
    let last = Infinity;
    for (let x = 0; x < width; x++) {
      last = bytes[base + x] === target ? 0 : last + sx;
      out[base + x] = last;
    }
    last = Infinity;
    for (let x = width - 1; x >= 0; x--) {
      last = bytes[base + x] === target ? 0 : last + sx;
      const d = Math.min(last, out[base + x]);
      out[base + x] = d;
    }
    for (let x = 0; x < width; x++) {
      // Whole steps times the spacing, rounded once: adding the spacing up would drift.
      const steps = Math.round(out[base + x] / sx) * sx;
      out[base + x] = steps * steps;
    }
  }
  const longest = Math.max(height, depth);
  const work = { values: new Float64Array(longest), apex: new Int32Array(longest), from: new Float64Array(longest + 1) };
  if (height > 1) for (let z = 0; z < depth; z++) for (let x = 0; x < width; x++) envelope(out, z * plane + x, width, height, sy, work);
  if (depth > 1) for (let i = 0; i < plane; i++) envelope(out, i, plane, depth, sz, work);
  return out;
}

/** Replaces f(p) by min over q of f(q) + (s (p - q))² along one line of `out`. */
function envelope(out: Float64Array, start: number, stride: number, length: number, step: number, work: { values: Float64Array; apex: Int32Array; from: Float64Array }): void {
  const { values, apex, from } = work;
  const s2 = step * step;
  let top = -1;
  for (let q = 0; q < length; q++) {
    const f = out[start + q * stride];
    values[q] = f;
    if (f === Infinity) continue;
    let left = -Infinity;
    while (top >= 0) {
      const p = apex[top];
      left = ((f - values[p]) / s2 + (q * q - p * p)) / (2 * (q - p));
      if (left > from[top]) break;
      top--;
      left = -Infinity;
    }
    apex[++top] = q;
    from[top] = left;
  }
  if (top < 0) return;
  for (let q = 0, k = 0; q < length; q++) {
    while (k < top && from[k + 1] < q) k++;
    const d = (q - apex[k]) * step;
    out[start + q * stride] = values[apex[k]] + d * d;
  }
}

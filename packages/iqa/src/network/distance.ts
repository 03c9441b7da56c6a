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
  return distanceTo(mask, 0, spacing);
}

/** Exact Euclidean distance of every pixel to the nearest foreground pixel's centre; Infinity everywhere for an empty mask. */
export function distanceToMask(mask: Mask, { spacing = { x: 1, y: 1 } }: { spacing?: Spacing } = {}): Float64Array {
  return distanceTo(mask, 1, spacing);
}

/** More steps than any image has, and far from overflow. */
const NOWHERE = 1 << 29;
/** Lines along z that are handled together: their pixels share cache lines. */
const BLOCK = 16;

/** Distance of every pixel to the nearest one whose byte equals `target`. */
function distanceTo({ data, width, height, depth }: Mask, target: 0 | 1, { x: sx, y: sy, z: sz = 1 }: Spacing): Float64Array {
  for (const step of [sx, sy, sz]) {
    if (!(step > 0) || !Number.isFinite(step)) throw new InputError({ who: 'distance transform', got: `a spacing of ${step}`, wanted: 'positive numbers' });
  }
  const plane = width * height, longest = Math.max(width, depth);
  const out = new Float64Array(plane * depth);
  const steps = new Int32Array(plane);
  const work = openWork(longest);
  for (let z = 0; z < depth; z++) {
    stepsAlongY(data.subarray(z * plane, (z + 1) * plane), target, width, height, steps);
    for (let y = 0; y < height; y++) distanceAlongX(steps, y * width, width, sx, sy, work, out, z * plane + y * width, depth === 1);
  }
  if (depth > 1) distanceAlongZ(out, plane, depth, sz, work);
  return out;
}

/** Steps to the nearest target up or down the column: two sweeps, row by row. */
function stepsAlongY(bytes: Uint8Array, target: 0 | 1, width: number, height: number, steps: Int32Array): void {
  for (let x = 0; x < width; x++) steps[x] = bytes[x] === target ? 0 : NOWHERE;
  for (let i = width; i < steps.length; i++) steps[i] = bytes[i] === target ? 0 : steps[i - width] + 1;
  for (let i = (height - 1) * width - 1; i >= 0; i--) {
    const below = steps[i + width] + 1;
    if (below < steps[i]) steps[i] = below;
  }
}

/** Scratch of one line: heights of the parabolas of the envelope, their columns, where each begins to be the lowest; 1 / (2 n). */
interface Work {
  readonly heights: Float64Array;
  readonly apex: Int32Array;
  readonly from: Float64Array;
  readonly halves: Float64Array;
}

function openWork(length: number): Work {
  return { heights: new Float64Array(length + 1), apex: new Int32Array(length + 1), from: new Float64Array(length + 1), halves: Float64Array.from({ length: length + 1 }, (_, n) => 0.5 / n) };
}

/**
 * (steps · sy)² along one row becomes min over q of (steps(q) sy)² + ((x - q) sx)², or its root. Targets are 0 and part the row: what lies
 * between two of them sees no parabola beyond.
 */
function distanceAlongX(steps: Int32Array, at: number, width: number, sx: number, sy: number, { heights, apex, from, halves }: Work, out: Float64Array, to: number, root: boolean): void {
  const perStep = 1 / (sx * sx), sy2 = sy * sy;
  for (let x = 0; x < width; ) {
    if (steps[at + x] === 0) {
      x++;
      continue;
    }
    const start = x > 0 ? x - 1 : 0;
    let end = x + 1;
    while (end < width && steps[at + end] !== 0) end++;
    const last = end < width ? end : width - 1;
    let top = -1;
    for (let q = start; q <= last; q++) {
      const g = steps[at + q];
      if (g >= NOWHERE) continue;
      const f = g * g * sy2;
      let left = -Infinity;
      while (top >= 0) {
        const p = apex[top];
        left = ((f - heights[top]) * perStep + (q * q - p * p)) * halves[q - p];
        if (left > from[top]) break;
        top--;
        left = -Infinity;
      }
      apex[++top] = q;
      heights[top] = f;
      from[top] = left;
    }
    if (top < 0) {
      for (; x < end; x++) out[to + x] = Infinity;
      continue;
    }
    from[top + 1] = Infinity;
    for (let k = 0; x < end; x++) {
      while (from[k + 1] < x) k++;
      const d = (x - apex[k]) * sx, squared = heights[k] + d * d;
      out[to + x] = root ? Math.sqrt(squared) : squared;
    }
  }
}

/** The roots of min over q of out(q) + ((z - q) sz)² along z, for blocks of neighbouring lines copied together. */
function distanceAlongZ(out: Float64Array, plane: number, depth: number, sz: number, { heights, apex, from, halves }: Work): void {
  const perStep = 1 / (sz * sz);
  const lines = new Float64Array(BLOCK * depth);
  for (let first = 0; first < plane; first += BLOCK) {
    const count = Math.min(BLOCK, plane - first);
    let any = false;
    for (let z = 0; z < depth; z++) {
      for (let n = 0, i = z * plane + first; n < count; n++) {
        const value = out[i++];
        lines[n * depth + z] = value;
        if (value !== 0) any = true;
      }
    }
    if (!any) continue;
    for (let n = 0; n < count; n++) {
      const base = n * depth;
      let top = -1;
      for (let q = 0; q < depth; q++) {
        const f = lines[base + q];
        if (f === Infinity) continue;
        let left = -Infinity;
        while (top >= 0) {
          const p = apex[top];
          left = ((f - heights[top]) * perStep + (q * q - p * p)) * halves[q - p];
          if (left > from[top]) break;
          top--;
          left = -Infinity;
        }
        apex[++top] = q;
        heights[top] = f;
        from[top] = left;
      }
      if (top < 0) continue;
      from[top + 1] = Infinity;
      for (let q = 0, k = 0; q < depth; q++) {
        while (from[k + 1] < q) k++;
        const d = (q - apex[k]) * sz;
        lines[base + q] = Math.sqrt(heights[k] + d * d);
      }
    }
    for (let z = 0; z < depth; z++) for (let n = 0, i = z * plane + first; n < count; n++) out[i++] = lines[n * depth + z];
  }
}

import { InputError } from '@lacuna/core';
import type { Mask, Spacing } from '../../mask.js';
import { Layout } from '@lacuna/core/wasm';
import { STEP, distanceKernel } from './kernels/distance-kernel.js';

/**
 * Exact Euclidean distance of every foreground pixel's centre to the nearest background pixel's centre; 0 in the
 * background.
 *
 * One axis after the other, linear in the number of pixels: pixels near the background look at a bounded number of
 * neighbours along the line; where one is farther, the line takes lower envelopes of parabolas (Felzenszwalb and
 * Huttenlocher 2012, doi 10.4086/toc.2012.v008a019).
 * @param options.spacing size of a pixel along each axis; 1 px by default.
 * WebAssembly: steps of a plane, 4 bytes a pixel, and a row.
 * @returns float64; Infinity everywhere if the mask has no background.
 */
export function distanceTransform(mask: Mask, { spacing = { x: 1, y: 1 } }: { spacing?: Spacing } = {}): Float64Array {
  return distanceTo(mask, 0, spacing);
}

/**
 * Exact Euclidean distance of every pixel to the nearest foreground pixel's centre; Infinity everywhere for an empty
 * mask.
 */
export function distanceToMask(mask: Mask, { spacing = { x: 1, y: 1 } }: { spacing?: Spacing } = {}): Float64Array {
  return distanceTo(mask, 1, spacing);
}

/**
 * Steps where no target was seen yet: more than any image has, and far from overflow. Their square is never the
 * smallest one.
 */
const NOWHERE = 1 << 29;
/** Neighbouring lines along z that are handled together. */
const BLOCK = 16;
/**
 * Neighbours to each side that a pixel looks at before its line takes the envelope; the branches of networks are
 * thinner.
 */
const REACH = 24;

/** Distance of every pixel to the nearest one whose byte equals `target`. */
function distanceTo(
  { data, width, height, depth }: Mask,
  target: 0 | 1,
  { x: sx, y: sy, z: sz = 1 }: Spacing,
): Float64Array {
  for (const step of [sx, sy, sz]) {
    if (!(step > 0) || !Number.isFinite(step))
      throw new InputError({ who: 'distance transform', got: `a spacing of ${step}`, wanted: 'positive numbers' });
  }
  const plane = width * height;
  const out = new Float64Array(plane * depth);
  if (!data.includes(target)) return out.fill(Infinity);
  const planes: Planes = { width, height, target, unitX: sx * sx, unitY: sy * sy, root: depth === 1 };
  const envelope = openEnvelope(Math.max(width, depth));
  for (let from = 0; from < out.length; from += plane)
    distanceInPlane(data.subarray(from, from + plane), planes, envelope, out.subarray(from, from + plane));
  if (depth > 1) distanceAlongZ(out, plane, depth, sz * sz, envelope);
  return out;
}

/** What the planes of an image share: sizes, what is looked for, squares of a pixel's sides, roots or squares. */
interface Planes {
  readonly width: number;
  readonly height: number;
  readonly target: 0 | 1;
  readonly unitX: number;
  readonly unitY: number;
  readonly root: boolean;
}

/** One plane: steps along the columns, downwards and upwards, then the nearest along each row. Squares, or roots. */
function distanceInPlane(
  data: Uint8Array,
  { width, height, target, unitX, unitY, root }: Planes,
  envelope: Envelope,
  out: Float64Array,
): void {
  const padded = Math.ceil(width / STEP) * STEP;
  const pitch = 4 * padded;
  const layout = new Layout();
  const unitsAt = layout.take(16);
  const bytesAt = layout.take(padded);
  const lineAt = layout.take(8 * (padded + 2 * REACH)) + 8 * REACH;
  const resultAt = layout.take(8 * padded);
  const stepsAt = layout.take(pitch * (height + 1)) + pitch;
  const {
    functions: { down, up, square, nearest, nearestRoot },
    buffer,
  } = distanceKernel().reserve(layout.bytes);
  new Float64Array(buffer, unitsAt, 2).set([unitX, unitY]);
  const bytes = new Uint8Array(buffer, bytesAt, padded).fill(1 - target);
  const line = new Float64Array(buffer, lineAt, padded);
  const result = new Float64Array(buffer, resultAt, width);
  new Float64Array(buffer, lineAt - 8 * REACH, padded + 2 * REACH).fill(Infinity);
  new Int32Array(buffer, stepsAt - pitch, padded).fill(NOWHERE);
  for (let y = 0; y < height; y++) {
    bytes.set(data.subarray(y * width, (y + 1) * width));
    down(bytesAt, target, stepsAt + (y - 1) * pitch, stepsAt + y * pitch, padded);
  }
  const search = root ? nearestRoot : nearest;
  for (let y = height - 1; y >= 0; y--) {
    const steps = stepsAt + y * pitch;
    if (y < height - 1) up(steps, steps + pitch, padded);
    square(steps, unitsAt + 8, lineAt, padded);
    if (search(lineAt, 8, REACH, unitsAt, resultAt, padded)) {
      takeEnvelopes(line.subarray(0, width), unitX, envelope, result);
      if (root) takeRoots(result);
    }
    out.set(result, y * width);
  }
}

/** The roots of min over q of out(q) + (z - q)² unit along z, for blocks of neighbouring lines copied together. */
function distanceAlongZ(out: Float64Array, plane: number, depth: number, unit: number, envelope: Envelope): void {
  const layout = new Layout();
  const unitAt = layout.take(8);
  const linesAt = layout.take(8 * BLOCK * (depth + 2 * REACH)) + 8 * BLOCK * REACH;
  const resultAt = layout.take(8 * BLOCK * depth);
  const {
    functions: { nearestRoot },
    buffer,
  } = distanceKernel().reserve(layout.bytes);
  new Float64Array(buffer, unitAt, 1)[0] = unit;
  new Float64Array(buffer, linesAt - 8 * BLOCK * REACH, BLOCK * (depth + 2 * REACH)).fill(Infinity);
  const lines = new Float64Array(buffer, linesAt, BLOCK * depth);
  const results = new Float64Array(buffer, resultAt, BLOCK * depth);
  const line = new Float64Array(depth);
  const result = new Float64Array(depth);
  for (let first = 0; first < plane; first += BLOCK) {
    const count = Math.min(BLOCK, plane - first);
    for (let z = 0, i = first; z < depth; z++, i += plane) lines.set(out.subarray(i, i + count), z * BLOCK);
    if (nearestRoot(linesAt, 8 * BLOCK, REACH, unitAt, resultAt, BLOCK * depth)) {
      for (let n = 0; n < count; n++) {
        for (let z = 0; z < depth; z++) line[z] = lines[z * BLOCK + n];
        takeEnvelopes(line, unit, envelope, result);
        for (let z = 0; z < depth; z++) results[z * BLOCK + n] = Math.sqrt(result[z]);
      }
    }
    for (let z = 0, i = first; z < depth; z++, i += plane) out.set(results.subarray(z * BLOCK, z * BLOCK + count), i);
  }
}

/**
 * Scratch of lower envelopes: heights of the parabolas, their columns, where each begins to be the lowest; 1 / (2 n).
 */
interface Envelope {
  readonly heights: Float64Array;
  readonly apex: Int32Array;
  readonly from: Float64Array;
  readonly halves: Float64Array;
}

function openEnvelope(length: number): Envelope {
  return {
    heights: new Float64Array(length + 1),
    apex: new Int32Array(length + 1),
    from: new Float64Array(length + 1),
    halves: Float64Array.from({ length: length + 1 }, (_, n) => 0.5 / n),
  };
}

/**
 * min over q of line(q) + (x - q)² unit. Targets are 0 and part the line: what lies between two of them
 * sees no parabola beyond.
 */
function takeEnvelopes(
  line: Float64Array,
  unit: number,
  { heights, apex, from, halves }: Envelope,
  out: Float64Array,
): void {
  const { length } = line;
  const perUnit = 1 / unit;
  for (let x = 0; x < length;) {
    if (line[x] === 0) {
      out[x++] = 0;
      continue;
    }
    const start = x > 0 ? x - 1 : 0;
    let end = x + 1;
    while (end < length && line[end] !== 0) end++;
    const last = end < length ? end : length - 1;
    let top = -1;
    for (let q = start; q <= last; q++) {
      const f = line[q];
      let left = -Infinity;
      while (top >= 0) {
        const p = apex[top];
        left = ((f - heights[top]) * perUnit + (q * q - p * p)) * halves[q - p];
        if (left > from[top]) break;
        top--;
        left = -Infinity;
      }
      apex[++top] = q;
      heights[top] = f;
      from[top] = left;
    }
    from[top + 1] = Infinity;
    for (let k = 0; x < end; x++) {
      while (from[k + 1] < x) k++;
      const d = x - apex[k];
      out[x] = heights[k] + d * d * unit;
    }
  }
}

function takeRoots(squares: Float64Array): void {
  for (let x = 0; x < squares.length; x++) squares[x] = Math.sqrt(squares[x]);
}

import { transformPlane } from '@lacuna/core';
import type { Box } from '@lacuna/datasets';

/** Samples of one channel on a grid, row by row, plane by plane. */
export interface Samples {
  readonly data: ArrayLike<number>;
  readonly width: number;
  readonly height: number;
  readonly depth: number;
}

/** Where two grids agree best. */
export interface BestOverlap {
  /** Pearson's correlation of what both show there, between the samples as a parabola has it; at most 1. */
  readonly correlation: number;
  /** Sample (x, y, z) of the second lies at (x + shift.x, ...) of the first. */
  readonly shift: { readonly x: number; readonly y: number; readonly z: number };
}

/** Variances below this share of an image's own are rounding. */
const FLAT = 1e-9;

/**
 * The shift at which two grids correlate best, among all at which they share at least `least` of the smaller one:
 * normalised cross-correlation, c(d) = cov(a, b_d) / (σ(a) σ(b_d)) over what overlaps, by Fourier transforms and tables
 * of sums (Lewis, Vision Interface 1995; of overlaps Padfield, IEEE Trans. Image Process. 21, 2706, 2012).
 * @param least 0..1, of each axis and of the whole.
 * @returns null where one of them is flat.
 */
export function bestOverlap(a: Samples, b: Samples, least: number): BestOverlap | null {
  const field = correlationField(centred(a), centred(b), least);
  const { x, y, z } = field.ranges;
  let best = -Infinity;
  let at = { x: 0, y: 0, z: 0 };
  for (let k = z.from; k <= z.to; k++) {
    for (let j = y.from; j <= y.to; j++) {
      for (let i = x.from; i <= x.to; i++) {
        const value = field.at(i, j, k);
        if (value <= best) continue;
        best = value;
        at = { x: i, y: j, z: k };
      }
    }
  }
  if (best === -Infinity) return null;
  const gain =
    aboveMiddle(field.at(at.x - 1, at.y, at.z), best, field.at(at.x + 1, at.y, at.z)) +
    aboveMiddle(field.at(at.x, at.y - 1, at.z), best, field.at(at.x, at.y + 1, at.z)) +
    aboveMiddle(field.at(at.x, at.y, at.z - 1), best, field.at(at.x, at.y, at.z + 1));
  return { correlation: Math.min(1, best + gain), shift: at };
}

/** How far the parabola through three samples rises above the one in the middle, the largest. */
function aboveMiddle(before: number, middle: number, after: number): number {
  const bend = 2 * middle - before - after;
  if (!Number.isFinite(bend) || bend <= 0) return 0;
  return (after - before) ** 2 / (8 * bend);
}

function centred(samples: Samples): Samples & { readonly data: Float64Array } {
  const data = Float64Array.from(samples.data);
  const mean = data.reduce((sum, value) => sum + value, 0) / data.length;
  return { ...samples, data: data.map((value) => value - mean) };
}

type Centred = ReturnType<typeof centred>;

/** Shifts along one axis, both ends among them. */
interface Range {
  readonly from: number;
  readonly to: number;
}

interface CorrelationField {
  readonly ranges: { readonly x: Range; readonly y: Range; readonly z: Range };
  /** -∞ where too little overlaps or what overlaps is flat. */
  at(x: number, y: number, z: number): number;
}

function correlationField(a: Centred, b: Centred, least: number): CorrelationField {
  const rangeOf = (first: number, second: number): Range => {
    const shared = Math.max(1, Math.ceil(least * Math.min(first, second)));
    return { from: shared - second, to: first - shared };
  };
  const ranges = { x: rangeOf(a.width, b.width), y: rangeOf(a.height, b.height), z: rangeOf(a.depth, b.depth) };
  // As large as no shift of the ranges meets what comes round the circle.
  const width = powerOfTwo(b.width + ranges.x.to);
  const height = powerOfTwo(b.height + ranges.y.to);
  const products = crossCorrelation(a, b, { width, height, z: ranges.z });
  const ofA = sumsOf(a);
  const ofB = sumsOf(b);
  const fewest = least * Math.min(a.data.length, b.data.length);
  const at = (x: number, y: number, z: number): number => {
    const inA = overlapOf(a, b, { x, y, z });
    const count = inA.width * inA.height * inA.depth;
    if (count < fewest || Math.min(inA.width, inA.height, inA.depth) < 1) return -Infinity;
    const inB = { ...inA, x: inA.x - x, y: inA.y - y, z: inA.z - z };
    const plane = products.get(z);
    if (plane === undefined) return -Infinity;
    const row = ((y + height) % height) * width;
    const product = plane[row + ((x + width) % width)];
    const sumA = ofA.sum(inA);
    const sumB = ofB.sum(inB);
    const varianceA = ofA.squares(inA) - (sumA * sumA) / count;
    const varianceB = ofB.squares(inB) - (sumB * sumB) / count;
    if (varianceA <= FLAT * ofA.total || varianceB <= FLAT * ofB.total) return -Infinity;
    return (product - (sumA * sumB) / count) / Math.sqrt(varianceA * varianceB);
  };
  return { ranges, at };
}

function powerOfTwo(least: number): number {
  let size = 1;
  while (size < least) size *= 2;
  return size;
}

interface Circle {
  readonly width: number;
  readonly height: number;
  readonly z: Range;
}

/** Σ a(x + d) b(x) for all shifts d along x and y, round a circle: a plane for each shift along z. */
function crossCorrelation(a: Centred, b: Centred, { width, height, z }: Circle): Map<number, Float64Array> {
  const spectraA = spectraOf(a, width, height);
  const spectraB = spectraOf(b, width, height);
  const size = width * height;
  const products = new Map<number, Float64Array>();
  for (let shift = z.from; shift <= z.to; shift++) {
    const re = new Float64Array(size);
    const im = new Float64Array(size);
    for (let k = Math.max(0, -shift); k < Math.min(b.depth, a.depth - shift); k++) {
      const p = spectraA[k + shift];
      const q = spectraB[k];
      for (let i = 0; i < size; i++) {
        re[i] += p.re[i] * q.re[i] + p.im[i] * q.im[i];
        im[i] += p.im[i] * q.re[i] - p.re[i] * q.im[i];
      }
    }
    // Parts exchanged: the inverse transform, but for its scale.
    transformPlane(im, re, width, height);
    for (let i = 0; i < size; i++) re[i] /= size;
    products.set(shift, re);
  }
  return products;
}

interface Spectrum {
  readonly re: Float64Array;
  readonly im: Float64Array;
}

function spectraOf(samples: Centred, width: number, height: number): Spectrum[] {
  return Array.from({ length: samples.depth }, (_, z) => {
    const re = new Float64Array(width * height);
    const im = new Float64Array(width * height);
    for (let y = 0; y < samples.height; y++) {
      const from = (z * samples.height + y) * samples.width;
      re.set(samples.data.subarray(from, from + samples.width), y * width);
    }
    transformPlane(re, im, width, height);
    return { re, im };
  });
}

/** What both show, on the grid of the first. */
function overlapOf(a: Samples, b: Samples, shift: { x: number; y: number; z: number }): Box {
  const x = Math.max(0, shift.x);
  const y = Math.max(0, shift.y);
  const z = Math.max(0, shift.z);
  return {
    x,
    y,
    z,
    width: Math.min(a.width, b.width + shift.x) - x,
    height: Math.min(a.height, b.height + shift.y) - y,
    depth: Math.min(a.depth, b.depth + shift.z) - z,
  };
}

/** Sums over boxes of the values and of their squares. */
function sumsOf(samples: Centred): { sum(box: Box): number; squares(box: Box): number; total: number } {
  const values = sumTable(samples, (value) => value);
  const squares = sumTable(samples, (value) => value * value);
  const total = samples.data.reduce((sum, value) => sum + value * value, 0);
  return { sum: values, squares, total };
}

/** A table of sums from the corner (Crow, SIGGRAPH 1984), of a volume. */
function sumTable(samples: Centred, of: (value: number) => number): (box: Box) => number {
  const { data, width, height, depth } = samples;
  const across = width + 1;
  const plane = across * (height + 1);
  const table = new Float64Array(plane * (depth + 1));
  for (let z = 0; z < depth; z++) {
    for (let y = 0; y < height; y++) {
      let row = 0;
      for (let x = 0; x < width; x++) {
        row += of(data[(z * height + y) * width + x]);
        const i = (z + 1) * plane + (y + 1) * across + x + 1;
        table[i] = row + table[i - across] + table[i - plane] - table[i - plane - across];
      }
    }
  }
  return ({ x, y, z, width: w, height: h, depth: d }) => {
    const area = (k: number) => {
      const top = k * plane + y * across;
      const bottom = k * plane + (y + h) * across;
      return table[bottom + x + w] - table[bottom + x] - table[top + x + w] + table[top + x];
    };
    return area(z + d) - area(z);
  };
}

import { ShapeError } from '@lacuna/core';
import { factorOf, sizeOf, type PerAxis } from '../graph/index.js';
import type { Pixels } from '../pixels.js';

/**
 * A linear way to enlarge: every SR pixel is a weighted sum of the k x k LR pixels around its coarse pixel (k x k x k
 * of a volume),
 *
 *     sr[f·y + p, f·x + q] = bias[p, q] + sum over (i, j) of weights[i, j, p, q] · lr[y + i - h, x + j - h]
 *
 * with h = (k - 1) / 2, and one filter for each of the phases (p, q): a convolution and a depth-to-space.
 */
export interface LinearFilter {
  /** k, odd. */
  readonly kernel: number;
  /** f: a number for planes, one for each axis (z, y, x) for volumes. */
  readonly factor: PerAxis;
  /** Planes that give the middle one, where factor is of planes; 1 by default. */
  readonly planes?: number;
  /** [taps, phases], row-major: taps by plane, row and column, then phases by plane, row and column. */
  readonly weights: Float64Array;
  /** [phases] */
  readonly bias: Float64Array;
}

/** One place as coarse and fine image, of one channel each. */
export interface LinearPair {
  readonly lr: Pixels;
  readonly hr: Pixels;
}

/** A place by plane, row and column; planes of a plane are 0. */
export interface Offset {
  readonly z: number;
  readonly y: number;
  readonly x: number;
}

/** Weights by name, as model files hold them. */
export type FittedWeights = Readonly<
  Record<string, { readonly shape: readonly number[]; readonly values: Float32Array }>
>;

/** The side of a filter where a spec does not say: what planes and volumes have room for. */
export const defaultSide = (spatialAxes: number): number => (spatialAxes === 3 ? 5 : 7);

/** What a filter is made of: its factors by axis, its taps around a coarse pixel and its phases within one. */
export interface FilterGrid {
  /** z, y, x. */
  readonly factors: Offset;
  readonly taps: readonly Offset[];
  readonly phases: readonly Offset[];
}

/**
 * The grid of a filter of `kernel` LR pixels a side.
 * @param planes of a volume that give the middle one, where factor is of planes: they keep their number.
 * @throws {ShapeError} for an even kernel.
 */
export function filterGrid(who: string, kernel: number, factor: PerAxis, planes = 1): FilterGrid {
  requireOddKernel(who, kernel);
  const sides = factorOf(factor);
  const isVolume = sides.length === 3;
  const [fz, fy, fx] = isVolume ? sides : [1, ...sides];
  const half = (kernel - 1) / 2;
  const deep = isVolume ? half : (planes - 1) / 2;
  return {
    factors: { z: fz, y: fy, x: fx },
    taps: box({ z: -deep, y: -half, x: -half }, { z: deep, y: half, x: half }),
    phases: box({ z: 0, y: 0, x: 0 }, { z: fz - 1, y: fy - 1, x: fx - 1 }),
  };
}

/** All places of a box, ends included, plane by plane and row by row. */
function box(from: Offset, to: Offset): Offset[] {
  const places: Offset[] = [];
  for (let z = from.z; z <= to.z; z++) {
    for (let y = from.y; y <= to.y; y++) {
      for (let x = from.x; x <= to.x; x++) places.push({ z, y, x });
    }
  }
  return places;
}

function requireOddKernel(who: string, kernel: number): void {
  if (kernel % 2 === 1) return;
  throw new ShapeError({ who, got: `a kernel of ${kernel}`, wanted: 'an odd one: it is centred on a coarse pixel' });
}

/** Weights as a model of the architecture `linear` holds them, by their names under `scope`. */
export const linearWeights = (filter: LinearFilter, scope: string) => convolutionWeights(filter, `${scope}.filter`);

/** A filter as the weight and bias of a convolution called `name`, whose channels are the phases. */
export function convolutionWeights(filter: LinearFilter, name: string): FittedWeights {
  const { kernel, factor, weights, bias, planes = 1 } = filter;
  const factors = factorOf(factor);
  const phases = sizeOf(factors);
  return {
    [`${name}.weight`]: {
      shape: [...factors.map(() => kernel), planes, phases],
      values: Float32Array.from(planes === 1 ? weights : planesLast(weights, { planes, phases })),
    },
    [`${name}.bias`]: { shape: [phases], values: Float32Array.from(bias) },
  };
}

/** [planes, rows and columns, phases] to [rows and columns, planes, phases]: planes are channels of an image. */
function planesLast(weights: Float64Array, { planes, phases }: { planes: number; phases: number }): Float64Array {
  const out = new Float64Array(weights.length);
  const places = weights.length / planes / phases;
  for (let z = 0; z < planes; z++) {
    for (let place = 0; place < places; place++) {
      const from = (z * places + place) * phases;
      out.set(weights.subarray(from, from + phases), (place * planes + z) * phases);
    }
  }
  return out;
}

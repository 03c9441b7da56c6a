import type { Mask, Spacing } from '../../mask.js';
import type { Branch, NetworkGraph } from '../graph/graph.js';

/** A point or direction in the unit of the spacing: x, y, z. */
export type Vector = readonly [x: number, y: number, z: number];

/** Where a branch ends inside of the image. */
export interface FreeEnd {
  /** Index of the node. */
  readonly node: number;
  readonly branch: number;
  /** Index in the image of the last pixel. */
  readonly pixel: number;
  readonly place: Vector;
  /** The way that the branch would go on, of length 1. */
  readonly direction: Vector;
}

/** What free ends are told from. */
interface FreeEndOptions {
  readonly spacing: Spacing;
  /** Length of branch that its direction is read off, in the unit of the spacing. */
  readonly reach: number;
}

/**
 * The free ends of a network: nodes of one branch that do not lie at the image's border, where a branch may go on. The
 * direction is that from the pixel `reach` before the end to the end itself. Branches of a single step have none.
 * @param size of the image that the graph's skeleton lies in.
 */
export function freeEnds(
  { nodes, branches }: NetworkGraph,
  size: Omit<Mask, 'data'>,
  { spacing, reach }: FreeEndOptions,
): FreeEnd[] {
  const ends: FreeEnd[] = [];
  branches.forEach((branch, id) => {
    for (const isFirst of [true, false]) {
      const node = isFirst ? branch.from : branch.to;
      if (node < 0 || nodes[node].degree !== 1 || branch.pixels.length < 3) continue;
      const pixel = isFirst ? branch.pixels[0] : branch.pixels[branch.pixels.length - 1];
      if (isAtBorder(pixel, size)) continue;
      const place = placeOf(pixel, size, spacing);
      const before = placeOf(pixelBefore(branch, isFirst, { size, spacing, reach }), size, spacing);
      ends.push({ node, branch: id, pixel, place, direction: directionFrom(before, place) });
    }
  });
  return ends;
}

/** The pixel of a branch that lies `reach` before its end along it, or its other end. */
function pixelBefore(
  { pixels }: Branch,
  isFirst: boolean,
  { size, spacing, reach }: FreeEndOptions & { readonly size: Omit<Mask, 'data'> },
): number {
  const at = (step: number) => pixels[isFirst ? step : pixels.length - 1 - step];
  let length = 0;
  let step = 0;
  while (step < pixels.length - 1 && length < reach) {
    length += distance(placeOf(at(step), size, spacing), placeOf(at(step + 1), size, spacing));
    step++;
  }
  return at(step);
}

/** Whether a pixel is of the outermost ones; planes have no border along z. */
function isAtBorder(pixel: number, { width, height, depth }: Omit<Mask, 'data'>): boolean {
  const x = pixel % width;
  const y = Math.floor(pixel / width) % height;
  const z = Math.floor(pixel / (width * height));
  return x === 0 || y === 0 || x === width - 1 || y === height - 1 || (depth > 1 && (z === 0 || z === depth - 1));
}

/** Where a pixel's centre lies, from the centre of the first one. */
export function placeOf(pixel: number, { width, height }: Omit<Mask, 'data'>, { x, y, z = 1 }: Spacing): Vector {
  return [(pixel % width) * x, (Math.floor(pixel / width) % height) * y, Math.floor(pixel / (width * height)) * z];
}

export const distance = (a: Vector, b: Vector): number => Math.hypot(b[0] - a[0], b[1] - a[1], b[2] - a[2]);

/** The direction from one place to another, of length 1; 0 where they are one. */
export function directionFrom(a: Vector, b: Vector): Vector {
  const length = distance(a, b) || 1;
  return [(b[0] - a[0]) / length, (b[1] - a[1]) / length, (b[2] - a[2]) / length];
}

/** Cosine of the angle between two directions. */
export const cosine = (a: Vector, b: Vector): number => a[0] * b[0] + a[1] * b[1] + a[2] * b[2];

import type { Rng } from '@lacuna/core';
import type { Factors } from '../degrade/factor.js';
import type { Breaks, PatchSize } from './patch-types.js';

/** A patch whose branches can be broken: all maps are [z][y][x] of one channel, turned alike. */
export interface BreakablePatch {
  /** The LR image, which is changed. */
  readonly lr: Float32Array;
  /** The network's centreline and the network on the HR grid: 1 or 0. */
  readonly skeleton: Float32Array;
  readonly mask: Float32Array;
  /** Lengths in LR pixels, and how many HR pixels each of them is. */
  readonly size: PatchSize;
  readonly factor: Factors;
}

/** Places that are tried for a gap. */
const ATTEMPTS = 8;

/** Half-widths of a branch that may be broken, HR pixels: what is wider is a body, not a branch. */
const WIDEST = 12;

/** Fewer background pixels than this nearby say too little of the background. */
const LEAST_BACKGROUND = 4;

/** Length of the gaps of a step, in LR pixels along x: from the first to the last length over the steps, in a line. */
export function gapLength({ length: [first, last], steps }: Breaks, step: number): number {
  return first + (last - first) * Math.min(1, (step - 1) / Math.max(1, steps - 1));
}

/**
 * Breaks branches in the LR image alone, as CoLeTra does (Valverde et al. 2025, arXiv:2503.05541): a network that is
 * trained with the HR image as it was learns that what looks broken hangs together.
 *
 * A gap lies where a branch goes on for at least an LR pixel on both sides: no free end, no junction, no edge of the
 * patch. HR pixels are in it that lie nearer to its stretch of the centreline than to the rest, and no further away
 * than the half-width of the branch and an LR pixel, for the blur. An LR pixel goes towards the background by the share
 * of it that is in the gap: lr' = (1 - share) lr + share b, where b is drawn from the LR pixels near by that hold no
 * network and touch none, so that a gap has the background's noise and not the smoothness of something painted over.
 * @param length of a gap along the centreline, LR pixels along x.
 * @returns how many gaps were made: none where no place for one was found.
 */
export function breakBranches(
  patch: BreakablePatch,
  { count, length }: { readonly count: number; readonly length: number },
  rng: Rng,
): number {
  const fine = gridOf({
    x: patch.size.x * patch.factor.x,
    y: patch.size.y * patch.factor.y,
    z: patch.size.z * patch.factor.z,
  });
  const line = indicesOf(patch.skeleton);
  if (line.length === 0) return 0;
  let made = 0;
  for (let gap = 0; gap < count; gap++) {
    for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
      const centre = line[rng.integer(line.length)];
      const half = (length * patch.factor.x) / 2;
      const stretch = stretchAround(patch.skeleton, fine, { centre, half, margin: patch.factor.x });
      if (!stretch || !dim(patch, fine, stretch, rng)) continue;
      made++;
      break;
    }
  }
  return made;
}

/** A grid with its neighbours. */
interface Grid extends PatchSize {
  readonly steps: readonly { readonly by: readonly [number, number, number]; readonly length: number }[];
}

function gridOf(size: PatchSize): Grid {
  const reach = size.z > 1 ? [-1, 0, 1] : [0];
  const steps: Grid['steps'][number][] = [];
  for (const z of reach)
    for (const y of [-1, 0, 1])
      for (const x of [-1, 0, 1]) if (x || y || z) steps.push({ by: [x, y, z], length: Math.hypot(x, y, z) });
  return { ...size, steps };
}

function indicesOf(map: Float32Array): number[] {
  const found: number[] = [];
  map.forEach((value, i) => {
    if (value > 0) found.push(i);
  });
  return found;
}

/** Neighbours of a pixel within the grid, with their distances. */
function* around({ x: width, y: height, z: depth, steps }: Grid, at: number): Generator<[number, number]> {
  const [x, y, z] = placeOf(at, width, height);
  for (const { by, length } of steps) {
    const [i, j, k] = [x + by[0], y + by[1], z + by[2]];
    if (i >= 0 && j >= 0 && k >= 0 && i < width && j < height && k < depth)
      yield [(k * height + j) * width + i, length];
  }
}

const placeOf = (at: number, width: number, height: number): [number, number, number] => [
  at % width,
  Math.floor(at / width) % height,
  Math.floor(at / (width * height)),
];

/**
 * Pixels of the centreline within `half` of a centre, along the line; null where the line does not go on by `margin` on
 * two sides, and on two alone.
 */
function stretchAround(
  skeleton: Float32Array,
  grid: Grid,
  { centre, half, margin }: { readonly centre: number; readonly half: number; readonly margin: number },
): number[] | null {
  const limit = half + margin;
  const distances = alongLine(skeleton, grid, { from: centre, limit: limit + Math.sqrt(3) });
  const beyond = new Map([...distances].filter(([, distance]) => distance > half));
  const sides = parts(beyond, grid);
  const goesOn = (side: readonly number[]) => side.some((at) => distances.get(at)! >= limit);
  if (sides.length !== 2 || !sides.every(goesOn)) return null;
  return [...distances].filter(([, distance]) => distance <= half).map(([at]) => at);
}

/** Distances along the centreline, as far as `limit`: shortest paths over neighbours. */
function alongLine(
  skeleton: Float32Array,
  grid: Grid,
  { from, limit }: { readonly from: number; readonly limit: number },
): Map<number, number> {
  const settled = new Map<number, number>();
  const open = new Map([[from, 0]]);
  while (open.size > 0) {
    let [at, distance] = [-1, Infinity];
    for (const [candidate, so] of open) if (so < distance) [at, distance] = [candidate, so];
    open.delete(at);
    settled.set(at, distance);
    for (const [next, length] of around(grid, at)) {
      const total = distance + length;
      if (skeleton[next] > 0 && total <= limit && !settled.has(next) && total < (open.get(next) ?? Infinity))
        open.set(next, total);
    }
  }
  return settled;
}

/** Connected parts of some pixels. */
function parts(pixels: ReadonlyMap<number, unknown>, grid: Grid): number[][] {
  const left = new Set(pixels.keys());
  const found: number[][] = [];
  for (const first of pixels.keys()) {
    if (!left.delete(first)) continue;
    const part = [first];
    for (const at of part) for (const [next] of around(grid, at)) if (left.delete(next)) part.push(next);
    found.push(part);
  }
  return found;
}

/** A block of a grid, both ends within. */
interface Box {
  readonly low: readonly [number, number, number];
  readonly high: readonly [number, number, number];
}

/** Draws a gap over a stretch of the centreline; false where the branch is too wide or no background is near. */
function dim(patch: BreakablePatch, fine: Grid, stretch: readonly number[], rng: Rng): boolean {
  const halfWidth = widthAround(patch.mask, fine, stretch);
  if (halfWidth === null) return false;
  const shares = sharesOf(patch, fine, { stretch, reach: halfWidth + patch.factor.x });
  const background = backgroundNear(patch, [...shares.keys()]);
  if (background.length < LEAST_BACKGROUND) return false;
  for (const [at, share] of shares)
    patch.lr[at] = (1 - share) * patch.lr[at] + share * background[rng.integer(background.length)];
  return true;
}

/** The largest distance from the stretch to what is no network; null where that is beyond the widest branch. */
function widthAround(mask: Float32Array, grid: Grid, stretch: readonly number[]): number | null {
  let largest = 0;
  for (const at of stretch) {
    const centre = placeOf(at, grid.x, grid.y);
    let nearest = Infinity;
    visit(boxAround([centre], WIDEST, grid), grid, (pixel, place) => {
      if (mask[pixel] === 0) nearest = Math.min(nearest, distance(place, centre));
    });
    if (nearest > WIDEST) return null;
    largest = Math.max(largest, nearest);
  }
  return largest;
}

/** Shares of LR pixels that lie in a gap, those above 0. */
function sharesOf(
  { skeleton, size, factor }: BreakablePatch,
  fine: Grid,
  { stretch, reach }: { readonly stretch: readonly number[]; readonly reach: number },
): Map<number, number> {
  const within = new Set(stretch);
  const gap = stretch.map((at) => placeOf(at, fine.x, fine.y));
  const rest: Place[] = [];
  visit(boxAround(gap, 2 * reach, fine), fine, (pixel, place) => {
    if (skeleton[pixel] > 0 && !within.has(pixel)) rest.push(place);
  });
  const shares = new Map<number, number>();
  const each = 1 / (factor.x * factor.y * factor.z);
  visit(boxAround(gap, reach, fine), fine, (_, place) => {
    const away = nearestOf(gap, place);
    if (away > reach || away >= nearestOf(rest, place)) return;
    const [x, y, z] = [place[0] / factor.x, place[1] / factor.y, place[2] / factor.z].map(Math.floor);
    const at = (z * size.y + y) * size.x + x;
    shares.set(at, (shares.get(at) ?? 0) + each);
  });
  return shares;
}

/** Values of LR pixels around a gap that hold no network and touch none; where those are few, that hold none. */
function backgroundNear({ lr, mask, size, factor }: BreakablePatch, gap: readonly number[]): number[] {
  const coarse = gridOf(size);
  const places = gap.map((at) => placeOf(at, size.x, size.y));
  const holdsNetwork = (at: number): boolean => {
    const [x, y, z] = placeOf(at, size.x, size.y);
    const low = [x * factor.x, y * factor.y, z * factor.z] as const;
    const high = [low[0] + factor.x - 1, low[1] + factor.y - 1, low[2] + factor.z - 1] as const;
    const fine = { x: size.x * factor.x, y: size.y * factor.y, z: size.z * factor.z };
    let found = false;
    visit({ low, high }, fine, (pixel) => {
      found ||= mask[pixel] > 0;
    });
    return found;
  };
  const free: number[] = [];
  const clear: number[] = [];
  visit(boxAround(places, 3, coarse), coarse, (at) => {
    if (holdsNetwork(at)) return;
    free.push(lr[at]);
    if (![...around(coarse, at)].some(([next]) => holdsNetwork(next))) clear.push(lr[at]);
  });
  return clear.length >= LEAST_BACKGROUND ? clear : free;
}

type Place = readonly [number, number, number];

function distance(a: Place, b: Place): number {
  const [x, y, z] = [a[0] - b[0], a[1] - b[1], a[2] - b[2]];
  return Math.sqrt(x * x + y * y + z * z);
}

const nearestOf = (places: readonly Place[], to: Place): number =>
  places.reduce((nearest, place) => Math.min(nearest, distance(place, to)), Infinity);

/** The block around some places, wider by a margin, within the grid. */
function boxAround(places: readonly Place[], margin: number, { x, y, z }: PatchSize): Box {
  const last = [x - 1, y - 1, z - 1];
  const wide = Math.ceil(margin);
  const low = [0, 1, 2].map((axis) => Math.max(0, Math.min(...places.map((place) => place[axis])) - wide));
  const high = [0, 1, 2].map((axis) => Math.min(last[axis], Math.max(...places.map((place) => place[axis])) + wide));
  return { low: [low[0], low[1], low[2]], high: [high[0], high[1], high[2]] };
}

function visit({ low, high }: Box, { x: width, y: height }: PatchSize, see: (at: number, place: Place) => void): void {
  for (let z = low[2]; z <= high[2]; z++)
    for (let y = low[1]; y <= high[1]; y++)
      for (let x = low[0]; x <= high[0]; x++) see((z * height + y) * width + x, [x, y, z]);
}

import type { FilterGrid, Offset } from './linear-filter.js';
import { addMoments, noMoments, type Moments } from './moments.js';

/** Which ways images may be turned: mirrored along each axis, and with axes exchanged. */
export interface Turns {
  readonly mirrors: boolean;
  readonly exchange: 'none' | 'xy' | 'xyz';
}

/** For each axis of the turned image, in the order x, y, z: the axis that it comes from, and its sign. */
type Turn = readonly { readonly from: number; readonly sign: number }[];

/** All turns of planes (2 axes) or volumes, the one that changes nothing first. */
function turnsOf({ mirrors, exchange }: Turns, rank: number): Turn[] {
  const orders = ordersOf(exchange, rank);
  const signs = mirrors ? signsOf(rank) : [new Array<number>(rank).fill(1)];
  return orders.flatMap((order) => signs.map((sign) => order.map((from, axis) => ({ from, sign: sign[axis] }))));
}

function ordersOf(exchange: Turns['exchange'], rank: number): number[][] {
  if (exchange === 'none') return [[0, 1, 2].slice(0, rank)];
  const planar = [
    [0, 1, 2],
    [1, 0, 2],
  ];
  if (rank === 2 || exchange === 'xy') return planar.map((order) => order.slice(0, rank));
  return [...planar, [0, 2, 1], [2, 0, 1], [1, 2, 0], [2, 1, 0]];
}

function signsOf(rank: number): number[][] {
  return Array.from({ length: 2 ** rank }, (_, bits) =>
    Array.from({ length: rank }, (__, axis) => (Math.floor(bits / 2 ** axis) % 2 === 0 ? 1 : -1)),
  );
}

/** A bank of buckets as sums: those of one orientation after the other, again and again for each pair of bins. */
export interface BucketMoments {
  readonly grid: FilterGrid;
  /** x, y (and z) of unit length. */
  readonly directions: readonly (readonly number[])[];
  readonly moments: readonly Moments[];
}

/**
 * What one bucket saw, turned, is what the bucket of the turned direction would have seen (Romano et al. 2017,
 * arXiv:1606.01299, section III-C): the mean of the sums over all turns. Turns that carry a direction of the bank to
 * none of the bank, or exchange axes of different factors, are left out.
 */
export function sharedMoments({ grid, directions, moments }: BucketMoments, turns: Turns): Moments[] {
  const { taps, phases } = grid;
  const maps = turnsOf(turns, directions[0].length)
    .map((turn) => mapsOf(turn, grid, directions))
    .filter((map) => map !== null);
  const shared = moments.map(() => noMoments(taps.length, phases.length));
  for (const map of maps) {
    moments.forEach((bucket, b) => {
      const orientation = b % directions.length;
      const to = b - orientation + map.directions[orientation];
      addMoments(shared[to], turned(bucket, map), 1 / maps.length);
    });
  }
  return shared;
}

/** Where a turn carries each tap, each phase and each direction; null where one of them has no place. */
interface Maps {
  readonly taps: readonly number[];
  readonly phases: readonly number[];
  readonly directions: readonly number[];
}

function mapsOf(
  turn: Turn,
  { factors, taps, phases }: FilterGrid,
  directions: BucketMoments['directions'],
): Maps | null {
  const sides = [factors.x, factors.y, factors.z];
  if (turn.some(({ from }, axis) => sides[from] !== sides[axis])) return null;
  const tapOf = finder(taps, () => 0);
  // A phase lies half a fine pixel off the middle where the factor is even.
  const phaseOf = finder(phases, (axis) => sides[axis] - 1);
  const to = directions.map((direction) => {
    const moved = turn.map(({ from, sign }) => sign * direction[from]);
    return directions.findIndex((other) => Math.abs(dot(moved, other)) > 1 - 1e-9);
  });
  if (to.includes(-1)) return null;
  return {
    taps: taps.map((tap) => tapOf(tap, turn)),
    phases: phases.map((phase) => phaseOf(phase, turn)),
    directions: to,
  };
}

/** Finds the number of a turned place; `span` is twice the middle along each axis. */
function finder(places: readonly Offset[], span: (axis: number) => number): (place: Offset, turn: Turn) => number {
  const numbers = new Map(places.map(({ x, y, z }, i) => [[x, y, z].join(), i]));
  return ({ x, y, z }, turn) => {
    const from = [x, y, z];
    const to = [x, y, z];
    turn.forEach((part, axis) => {
      const centred = 2 * from[part.from] - span(part.from);
      to[axis] = (part.sign * centred + span(axis)) / 2;
    });
    return numbers.get(to.join())!;
  };
}

const dot = (a: readonly number[], b: readonly number[]): number => a.reduce((sum, value, i) => sum + value * b[i], 0);

function turned(from: Moments, { taps, phases }: Maps): Moments {
  const to = noMoments(taps.length, phases.length);
  to.count = from.count;
  taps.forEach((a, i) => {
    to.patchSum[a] = from.patchSum[i];
    for (let j = 0; j <= i; j++) {
      const [row, column] = [Math.max(a, taps[j]), Math.min(a, taps[j])];
      to.patchPatch[row * taps.length + column] = from.patchPatch[i * taps.length + j];
    }
    phases.forEach((p, k) => {
      to.patchTarget[a * phases.length + p] = from.patchTarget[i * phases.length + k];
    });
  });
  phases.forEach((p, k) => {
    to.targetSum[p] = from.targetSum[k];
  });
  return to;
}

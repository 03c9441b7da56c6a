import type { Connectivity, Mask } from '../../mask.js';
import { BitTree } from './bit-tree.js';

const OF_REFERENCE = 1;
const OF_ESTIMATE = 2;
const OF_UNION = 4;

/** Cells of a volume on a grid of doubled coordinates: a cell extends along its odd axes. */
interface Cells {
  readonly width: number;
  readonly height: number;
  readonly depth: number;
  /** Which masks a cell belongs to, as bits. */
  readonly held: Uint8Array;
}

/**
 * How many tunnels of two volumes correspond. A class of a mask dies, in the union's filtration, at the square whose
 * reduced boundary lies wholly in the mask's edges (image persistence: rows of the boundary matrix in the mask's order,
 * columns in the union's); a pair is a background square at which classes of both die. Background squares enter in
 * raster order of the doubled grid.
 */
export function matchTunnels(reference: Mask, estimate: Mask, union: Mask, connectivity: Connectivity): number {
  const cells =
    connectivity === 'full' ? closedCells(reference, estimate, union) : centreCells(reference, estimate, union);
  const columns = negativeSquares(cells);
  const deaths = deathsInside(cells, columns, OF_REFERENCE);
  let matched = 0;
  for (const square of deathsInside(cells, columns, OF_ESTIMATE)) if (deaths.has(square)) matched++;
  return matched;
}

/** `full`: a voxel and all its faces, edges and corners. */
function closedCells(reference: Mask, estimate: Mask, union: Mask): Cells {
  const { width, height, depth } = union;
  const W = 2 * width + 1;
  const H = 2 * height + 1;
  const D = 2 * depth + 1;
  const held = new Uint8Array(W * H * D);
  for (let z = 0, i = 0; z < depth; z++)
    for (let y = 0; y < height; y++)
      for (let x = 0; x < width; x++, i++) {
        const bits = bitsAt(reference, estimate, i);
        if (!bits) continue;
        for (let c = 0; c < 3; c++)
          for (let b = 0; b < 3; b++)
            for (let a = 0; a < 3; a++) held[((2 * z + c) * H + 2 * y + b) * W + 2 * x + a] |= bits;
      }
  return { width: W, height: H, depth: D, held };
}

/** `face`: voxels are vertices; a cell belongs to a mask if all its vertices do. */
function centreCells(reference: Mask, estimate: Mask, union: Mask): Cells {
  const { width, height, depth } = union;
  const W = 2 * width - 1;
  const H = 2 * height - 1;
  const D = 2 * depth - 1;
  const held = new Uint8Array(W * H * D).fill(OF_REFERENCE | OF_ESTIMATE | OF_UNION);
  for (let z = 0, i = 0; z < depth; z++)
    for (let y = 0; y < height; y++)
      for (let x = 0; x < width; x++, i++) {
        const bits = bitsAt(reference, estimate, i);
        for (let w = Math.max(0, 2 * z - 1); w <= Math.min(D - 1, 2 * z + 1); w++) {
          for (let v = Math.max(0, 2 * y - 1); v <= Math.min(H - 1, 2 * y + 1); v++) {
            for (let u = Math.max(0, 2 * x - 1); u <= Math.min(W - 1, 2 * x + 1); u++)
              held[(w * H + v) * W + u] &= bits;
          }
        }
      }
  return { width: W, height: H, depth: D, held };
}

function bitsAt(reference: Mask, estimate: Mask, i: number): number {
  return (reference.data[i] ? OF_REFERENCE | OF_UNION : 0) | (estimate.data[i] ? OF_ESTIMATE | OF_UNION : 0);
}

/**
 * Squares in the union's order, less those that close a shell: on the dual graph of cubes these join two of its
 * components, last ones first.
 */
function negativeSquares({ width, height, depth, held }: Cells): Int32Array {
  const plane = width * height;
  const outside = held.length;
  const squares: number[] = [];
  for (const wanted of [OF_UNION, 0]) {
    for (let z = 0, i = 0; z < depth; z++)
      for (let y = 0; y < height; y++)
        for (let x = 0; x < width; x++, i++) {
          if ((x & 1) + (y & 1) + (z & 1) === 2 && (held[i] & OF_UNION) === wanted) squares.push(i);
        }
  }
  const parent = new Int32Array(held.length + 1);
  for (let i = 0; i < parent.length; i++) parent[i] = i;
  const root = (i: number): number => {
    while (parent[i] !== i) i = parent[i] = parent[parent[i]];
    return i;
  };
  const negative = new Int32Array(squares.length);
  let count = squares.length;
  for (let k = squares.length - 1; k >= 0; k--) {
    const i = squares[k];
    const x = i % width;
    const y = Math.floor(i / width) % height;
    // The one even axis leads to the two cubes.
    let step = plane;
    let at = Math.floor(i / plane);
    let size = depth;
    if (!(x & 1)) [step, at, size] = [1, x, width];
    else if (!(y & 1)) [step, at, size] = [width, y, height];
    const a = root(at > 0 ? i - step : outside);
    const b = root(at < size - 1 ? i + step : outside);
    if (a === b) negative[--count] = i;
    else parent[a] = b;
  }
  return negative.subarray(count);
}

/** The background squares at which a class of one mask dies. */
function deathsInside({ width, height, held }: Cells, columns: Int32Array, mask: number): Set<number> {
  const plane = width * height;
  const { rank, edges, inside } = rankEdges(width, height, held, mask);
  const owner = new Int32Array(edges).fill(-1);
  const stored = new Map<number, Int32Array>();
  const boundary = new Int32Array(4);
  const column = new BitTree(edges);
  const readBoundary = (i: number): void => {
    const x = i % width;
    const y = Math.floor(i / width) % height;
    const first = x & 1 ? 1 : width;
    const second = x & 1 && y & 1 ? width : plane;
    boundary[0] = rank[i - first];
    boundary[1] = rank[i + first];
    boundary[2] = rank[i - second];
    boundary[3] = rank[i + second];
  };
  const deaths = new Set<number>();
  for (let k = 0; k < columns.length; k++) {
    const square = columns[k];
    readBoundary(square);
    let pivot = Math.max(boundary[0], boundary[1], boundary[2], boundary[3]);
    if (owner[pivot] >= 0) {
      for (let e = 0; e < 4; e++) column.toggle(boundary[e]);
      while (owner[pivot] >= 0) {
        const done = stored.get(pivot);
        if (done) for (let e = 0; e < done.length; e++) column.toggle(done[e]);
        else {
          readBoundary(owner[pivot]);
          for (let e = 0; e < 4; e++) column.toggle(boundary[e]);
        }
        // A negative square's column never becomes empty.
        pivot = column.largest();
      }
      stored.set(pivot, column.drain());
    }
    owner[pivot] = square;
    if (pivot < inside && !(held[square] & OF_UNION)) deaths.add(square);
  }
  return deaths;
}

/** 0 for cells of the mask, 1 for others of the union, 2 for the background. */
function groupOf(held: number, mask: number): 0 | 1 | 2 {
  if (held & mask) return 0;
  return held & OF_UNION ? 1 : 2;
}

/** Numbers edges: those of the mask first, then the union's, then the others, in raster order. */
function rankEdges(
  width: number,
  height: number,
  held: Uint8Array,
  mask: number,
): { rank: Int32Array; edges: number; inside: number } {
  const rank = new Int32Array(held.length);
  let edges = 0;
  let inside = 0;
  for (let group = 0; group < 3; group++) {
    for (let i = 0, x = 0, y = 0, z = 0; i < held.length; i++) {
      if ((x & 1) + (y & 1) + (z & 1) === 1 && groupOf(held[i], mask) === group) rank[i] = edges++;
      if (++x === width) {
        x = 0;
        if (++y === height) {
          y = 0;
          z++;
        }
      }
    }
    if (group === 0) inside = edges;
  }
  return { rank, edges, inside };
}

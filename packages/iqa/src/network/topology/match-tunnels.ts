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

/** Squares with the axis that each is normal to. */
interface Squares {
  readonly cells: Int32Array;
  /** 0 for x, 1 for y, 2 for z. */
  readonly normals: Uint8Array;
}

/**
 * Squares in the union's order, less those that close a shell: on the dual graph of cubes these join two of its
 * components, last ones first.
 */
function negativeSquares({ width, height, depth, held }: Cells): Squares {
  const plane = width * height;
  const steps = [1, width, plane];
  const sizes = [width, height, depth];
  const outside = held.length;
  const parent = new Int32Array(held.length + 1);
  for (let i = 0; i < parent.length; i++) parent[i] = i;
  const root = (i: number): number => {
    while (parent[i] !== i) i = parent[i] = parent[parent[i]];
    return i;
  };
  const squares = countSquares(width, height, depth);
  const cells = new Int32Array(squares);
  const normals = new Uint8Array(squares);
  let first = squares;
  // Those of the union come before all others: from the last one on these are met first.
  for (const wanted of [0, OF_UNION]) {
    for (let z = depth - 1; z >= 0; z--)
      for (let y = height - 1; y >= 0; y--) {
        const odd = (y & 1) + (z & 1);
        if (odd === 0) continue;
        const start = lastOfParity(width, odd === 1 ? 1 : 0);
        for (let x = start, i = z * plane + y * width + start; x >= 0; x -= 2, i -= 2) {
          if ((held[i] & OF_UNION) !== wanted) continue;
          const normal = normalOf(x, y);
          const step = steps[normal];
          const at = [x, y, z][normal];
          const a = root(at > 0 ? i - step : outside);
          const b = root(at < sizes[normal] - 1 ? i + step : outside);
          if (a !== b) {
            parent[a] = b;
            continue;
          }
          first--;
          cells[first] = i;
          normals[first] = normal;
        }
      }
  }
  return { cells: cells.subarray(first), normals: normals.subarray(first) };
}

/** Squares lie at two odd coordinates of three. */
function countSquares(width: number, height: number, depth: number): number {
  const [x, y, z] = [width >> 1, height >> 1, depth >> 1];
  return x * y * (depth - z) + x * (height - y) * z + (width - x) * y * z;
}

/** The largest coordinate below `size` that is odd (`parity` 1) or even (0). */
function lastOfParity(size: number, parity: 0 | 1): number {
  return ((size - 1) & 1) === parity ? size - 1 : size - 2;
}

/** The one axis of a square whose coordinate is even. */
function normalOf(x: number, y: number): 0 | 1 | 2 {
  if (!(x & 1)) return 0;
  return y & 1 ? 2 : 1;
}

/** The background squares at which a class of one mask dies. */
function deathsInside(cells: Cells, columns: Squares, mask: number): Set<number> {
  const { width, height, held } = cells;
  const plane = width * height;
  const { rank, edges, inside } = rankEdges(cells, mask);
  // From a square to the edges on either side of it, along its two axes, by its normal.
  const firstSteps = [width, 1, 1];
  const secondSteps = [plane, plane, width];
  const owner = new Int32Array(edges).fill(-1);
  const stored = new Map<number, Int32Array>();
  const boundary = new Int32Array(4);
  const column = new BitTree(edges);
  const readBoundary = (k: number): void => {
    const i = columns.cells[k];
    const first = firstSteps[columns.normals[k]];
    const second = secondSteps[columns.normals[k]];
    boundary[0] = rank[i - first];
    boundary[1] = rank[i + first];
    boundary[2] = rank[i - second];
    boundary[3] = rank[i + second];
  };
  const deaths = new Set<number>();
  for (let k = 0; k < columns.cells.length; k++) {
    readBoundary(k);
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
    owner[pivot] = k;
    const square = columns.cells[k];
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
  { width, height, depth, held }: Cells,
  mask: number,
): { rank: Int32Array; edges: number; inside: number } {
  const rank = new Int32Array(held.length);
  const sizes: [number, number, number] = [0, 0, 0];
  forEachEdge(width, height, depth, (i) => {
    sizes[groupOf(held[i], mask)]++;
  });
  const next = [0, sizes[0], sizes[0] + sizes[1]];
  forEachEdge(width, height, depth, (i) => {
    rank[i] = next[groupOf(held[i], mask)]++;
  });
  return { rank, edges: sizes[0] + sizes[1] + sizes[2], inside: sizes[0] };
}

/** Edges lie at one odd coordinate of three; in raster order. */
function forEachEdge(width: number, height: number, depth: number, visit: (i: number) => void): void {
  for (let z = 0; z < depth; z++)
    for (let y = 0; y < height; y++) {
      const odd = (y & 1) + (z & 1);
      if (odd === 2) continue;
      const row = (z * height + y) * width;
      for (let x = odd === 0 ? 1 : 0; x < width; x += 2) visit(row + x);
    }
}

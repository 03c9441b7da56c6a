import type { Image } from '@lacuna/core';
import type { Network } from '../src/index.js';

/**
 * Pieces and loops of a graph: b0, and b1 = edges - nodes + b0. Nodes without a branch (a lacuna that reaches in) count
 * as pieces.
 */
export function graphBetti({ nodes, branches }: Network): { b0: number; b1: number } {
  const root = nodes.map((_, i) => i);
  const find = (i: number): number => {
    while (root[i] !== i) i = root[i] = root[root[i]];
    return i;
  };
  for (const { from, to } of branches) root[find(from)] = find(to);
  const b0 = new Set(root.map((_, i) => find(i))).size;
  return { b0, b1: branches.length - nodes.length + b0 };
}

/**
 * Pieces (26-connected) of a volume's ones, and its Euler number b0 - b1 + b2: corners - edges + faces - cubes of the
 * union of closed voxels.
 */
export function maskTopology({ data, width, height, depth }: Image): { b0: number; euler: number } {
  const w = width + 2;
  const h = height + 2;
  const d = depth + 2;
  const padded = new Uint8Array(w * h * d);
  for (let z = 0; z < depth; z++)
    for (let y = 0; y < height; y++)
      for (let x = 0; x < width; x++)
        if (data[(z * height + y) * width + x]) padded[((z + 1) * h + y + 1) * w + x + 1] = 1;
  // A cell of the union has the voxels around it in common: a corner 8, an edge 4, a face 2, a cube 1. Each cell is
  // counted at its last voxel.
  const cells = cellsByVoxels();
  let euler = 0;
  for (let i = w * h + w + 1; i < padded.length; i++) {
    const here = padded[i] | (padded[i - 1] << 1) | (padded[i - w] << 2) | (padded[i - w - 1] << 3);
    const j = i - w * h;
    const below = padded[j] | (padded[j - 1] << 1) | (padded[j - w] << 2) | (padded[j - w - 1] << 3);
    euler += cells[here | (below << 4)];
  }
  const around: number[] = [];
  for (const dz of [-w * h, 0, w * h])
    for (const dy of [-w, 0, w]) for (const dx of [-1, 0, 1]) around.push(dz + dy + dx);
  let b0 = 0;
  const stack: number[] = [];
  for (let start = 0; start < padded.length; start++) {
    if (padded[start] === 0) continue;
    b0++;
    padded[start] = 0;
    stack.push(start);
    while (stack.length > 0) {
      const at = stack.pop()!;
      for (let k = 0; k < around.length; k++) {
        const next = at + around[k];
        if (padded[next] === 0) continue;
        padded[next] = 0;
        stack.push(next);
      }
    }
  }
  return { b0, euler };
}

/**
 * What the cells of the eight voxels of a block of two add to the Euler number: bits of a voxel's place, one for each
 * axis, are 1 one step back.
 */
function cellsByVoxels(): Int8Array {
  const axesOf = (bits: number) => [1, 2, 4].filter((axis) => bits & axis).length;
  const spans = [0, 1, 2, 3, 4, 5, 6, 7];
  return Int8Array.from({ length: 256 }, (_, voxels) => {
    const isSet = (place: number) => (voxels >> place) & 1;
    // A cell is there where one of the voxels is that lie back along its own axes alone.
    const there = spans.filter((span) => spans.some((place) => (place & ~span) === 0 && isSet(place)));
    return there.reduce((sum, span) => sum + [-1, 1, -1, 1][axesOf(span)], 0);
  });
}

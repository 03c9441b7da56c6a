import type { Mask, Spacing } from '../mask.js';

/**
 * The skeleton's pixels and the steps between them, in compressed rows: neighbours of pixel p are
 * `neighbours[first[p]] .. neighbours[first[p + 1] - 1]`, with the length of each step beside them.
 */
export interface PixelGraph {
  /** Index in the image of each skeleton pixel, in raster order. */
  readonly pixels: Int32Array;
  readonly first: Int32Array;
  readonly neighbours: Int32Array;
  readonly lengths: Float64Array;
}

/** The 28 pairs of corners of a 2 x 2 x 2 cell (corner bit x + 2 y + 4 z), shortest first, then in raster order. */
const PAIRS = (() => {
  const pairs: { a: number; b: number; steps: number }[] = [];
  for (let a = 0; a < 8; a++) for (let b = a + 1; b < 8; b++) pairs.push({ a, b, steps: ((a ^ b) & 1) + (((a ^ b) >> 1) & 1) + ((a ^ b) >> 2) });
  return pairs.sort((p, q) => p.steps - q.steps || p.a - q.a || p.b - q.b);
})();
const PAIR_ID = (() => {
  const ids = new Uint8Array(64);
  PAIRS.forEach(({ a, b }, id) => { ids[a * 8 + b] = id; ids[b * 8 + a] = id; });
  return ids;
})();

/** For each way to set a cell's corners: the pairs (as bits) that shorter or earlier pairs join already. */
const REDUNDANT = (() => {
  const table = new Uint32Array(256);
  for (let code = 0; code < 256; code++) {
    const group = [0, 1, 2, 3, 4, 5, 6, 7];
    PAIRS.forEach(({ a, b }, id) => {
      if (!((code >> a) & 1) || !((code >> b) & 1)) return;
      if (group[a] === group[b]) table[code] |= 1 << id;
      const from = group[b], to = group[a];
      for (let i = 0; i < 8; i++) if (group[i] === from) group[i] = to;
    });
  }
  return table;
})();

/**
 * Joins neighbouring skeleton pixels (8 in planes, 26 in volumes), without the steps that close a cycle inside one 2 x 2 x 2
 * cell: a corner of three pixels is a path, not a triangle, and a T has one pixel of degree three. Cells can be shrunk to a
 * point, so the loops of the network stay as they are; skan reaches the same on junctions by a minimum spanning tree.
 */
export function buildPixelGraph(skeleton: Mask, spacing: Spacing): PixelGraph {
  const { data, width, height, depth } = skeleton;
  const { x: sx, y: sy, z: sz = 1 } = spacing;
  const rank = new Int32Array(data.length);
  let count = 0;
  for (let i = 0; i < data.length; i++) if (data[i]) rank[i] = ++count;
  const pixels = new Int32Array(count);
  for (let i = 0, p = 0; i < data.length; i++) if (data[i]) pixels[p++] = i;
  const from: number[] = [], to: number[] = [], length: number[] = [];
  const at = (x: number, y: number, z: number) => (x >= 0 && y >= 0 && z >= 0 && x < width && y < height && z < depth ? data[(z * height + y) * width + x] : 0);
  const redundant = (x: number, y: number, z: number, dx: number, dy: number, dz: number): boolean => {
    const lowZ = dz === 0 ? -1 : Math.min(0, dz), highZ = dz === 0 ? 0 : lowZ;
    const lowY = dy === 0 ? -1 : Math.min(0, dy), highY = dy === 0 ? 0 : lowY;
    const lowX = dx === 0 ? -1 : Math.min(0, dx), highX = dx === 0 ? 0 : lowX;
    for (let oz = lowZ; oz <= highZ; oz++) for (let oy = lowY; oy <= highY; oy++) for (let ox = lowX; ox <= highX; ox++) {
      let code = 0;
      for (let corner = 0; corner < 8; corner++) code |= at(x + ox + (corner & 1), y + oy + ((corner >> 1) & 1), z + oz + (corner >> 2)) << corner;
      const a = -ox + 2 * -oy + 4 * -oz, b = dx - ox + 2 * (dy - oy) + 4 * (dz - oz);
      if ((REDUNDANT[code] >>> PAIR_ID[a * 8 + b]) & 1) return true;
    }
    return false;
  };
  for (let p = 0; p < count; p++) {
    const i = pixels[p], x = i % width, y = Math.floor(i / width) % height, z = Math.floor(i / (width * height));
    for (let dz = 0; dz <= (depth > 1 ? 1 : 0); dz++) for (let dy = dz ? -1 : 0; dy <= 1; dy++) for (let dx = dz || dy ? -1 : 1; dx <= 1; dx++) {
      if (!at(x + dx, y + dy, z + dz) || redundant(x, y, z, dx, dy, dz)) continue;
      from.push(p);
      to.push(rank[((z + dz) * height + y + dy) * width + x + dx] - 1);
      length.push(Math.hypot(dx * sx, dy * sy, dz * sz));
    }
  }
  return compress(pixels, from, to, length);
}

function compress(pixels: Int32Array, from: number[], to: number[], length: number[]): PixelGraph {
  const count = pixels.length;
  const first = new Int32Array(count + 1);
  for (let e = 0; e < from.length; e++) {
    first[from[e] + 1]++;
    first[to[e] + 1]++;
  }
  for (let p = 0; p < count; p++) first[p + 1] += first[p];
  const fill = first.slice(0, count);
  const neighbours = new Int32Array(2 * from.length), lengths = new Float64Array(2 * from.length);
  for (let e = 0; e < from.length; e++) {
    neighbours[fill[from[e]]] = to[e];
    lengths[fill[from[e]]++] = length[e];
    neighbours[fill[to[e]]] = from[e];
    lengths[fill[to[e]]++] = length[e];
  }
  return { pixels, first, neighbours, lengths };
}

import type { Mask, Spacing } from '../../mask.js';
import { IndexList } from '../index-list.js';

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
  for (let a = 0; a < 8; a++)
    for (let b = a + 1; b < 8; b++) pairs.push({ a, b, steps: ((a ^ b) & 1) + (((a ^ b) >> 1) & 1) + ((a ^ b) >> 2) });
  return pairs.sort((p, q) => p.steps - q.steps || p.a - q.a || p.b - q.b);
})();
const PAIR_ID = (() => {
  const ids = new Uint8Array(64);
  PAIRS.forEach(({ a, b }, id) => {
    ids[a * 8 + b] = id;
    ids[b * 8 + a] = id;
  });
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
      const from = group[b];
      const to = group[a];
      for (let i = 0; i < 8; i++) if (group[i] === from) group[i] = to;
    });
  }
  return table;
})();

/** The 13 steps that lead forward in raster order. */
const FORWARD = (() => {
  const steps: { dx: number; dy: number; dz: number }[] = [];
  for (let k = 14; k < 27; k++)
    steps.push({ dx: (k % 3) - 1, dy: (Math.floor(k / 3) % 3) - 1, dz: Math.floor(k / 9) - 1 });
  return steps;
})();

/**
 * For each of the eight cells at a pixel (0: all before it) and each way to set its corners: the forward steps that the
 * cell makes redundant.
 */
const REDUNDANT_STEPS = (() => {
  const table = new Uint16Array(8 * 256);
  for (let cell = 0; cell < 8; cell++) {
    const origin = [(cell & 1) - 1, ((cell >> 1) & 1) - 1, (cell >> 2) - 1];
    FORWARD.forEach(({ dx, dy, dz }, step) => {
      const end = [dx - origin[0], dy - origin[1], dz - origin[2]];
      if (end.some((corner) => corner < 0 || corner > 1)) return;
      const pair = PAIR_ID[(7 - cell) * 8 + end[0] + 2 * end[1] + 4 * end[2]];
      for (let code = 0; code < 256; code++) table[cell * 256 + code] |= ((REDUNDANT[code] >>> pair) & 1) << step;
    });
  }
  return table;
})();

/**
 * Joins neighbouring skeleton pixels (8 in planes, 26 in volumes), without the steps that close a cycle inside one 2 x
 * 2 x 2 cell: a corner of three pixels is a path, not a triangle, and a T has one pixel of degree three. Cells can be
 * shrunk to a point, so the loops of the network stay as they are; skan reaches the same on junctions by a minimum
 * spanning tree.
 */
export function buildPixelGraph(skeleton: Mask, { x: sx, y: sy, z: sz = 1 }: Spacing): PixelGraph {
  const { data, width, height } = skeleton;
  const { pixels, rank } = rankPixels(data);
  const count = pixels.length;
  const steps = new Uint16Array(count);
  const ends = new IndexList(2 * count + 16);
  const first = new Int32Array(count + 1);
  const offsets = FORWARD.map(({ dx, dy, dz }) => (dz * height + dy) * width + dx);
  const lengths = FORWARD.map(({ dx, dy, dz }) => Math.hypot(dx * sx, dy * sy, dz * sz));
  for (let p = 0; p < count; p++) {
    const i = pixels[p];
    const kept = keptSteps(skeleton, i);
    steps[p] = kept;
    for (let rest = kept; rest !== 0; rest &= rest - 1) {
      const q = rank[i + offsets[31 - Math.clz32(rest & -rest)]];
      ends.push(q);
      first[p + 1]++;
      first[q + 1]++;
    }
  }
  for (let p = 0; p < count; p++) first[p + 1] += first[p];
  const fill = first.slice(0, count);
  const neighbours = new Int32Array(2 * ends.length);
  const lengthOf = new Float64Array(2 * ends.length);
  for (let p = 0, e = 0; p < count; p++) {
    for (let rest = steps[p]; rest !== 0; rest &= rest - 1, e++) {
      const q = ends.items[e];
      const length = lengths[31 - Math.clz32(rest & -rest)];
      neighbours[fill[p]] = q;
      lengthOf[fill[p]++] = length;
      neighbours[fill[q]] = p;
      lengthOf[fill[q]++] = length;
    }
  }
  return { pixels, first, neighbours, lengths: lengthOf };
}

/** The pixels that are set, in raster order, and the place of each in that list. */
function rankPixels(data: Uint8Array): { pixels: Int32Array; rank: Int32Array } {
  const rank = new Int32Array(data.length);
  const list = new IndexList(1024 + (data.length >> 4));
  const aligned = data.byteOffset % 4 === 0;
  const words = aligned ? new Int32Array(data.buffer, data.byteOffset, data.length >> 2) : new Int32Array(0);
  const add = (i: number) => {
    if (!data[i]) return;
    rank[i] = list.length;
    list.push(i);
  };
  for (let n = 0; n < words.length; n++) if (words[n] !== 0) for (let i = 4 * n; i < 4 * n + 4; i++) add(i);
  for (let i = 4 * words.length; i < data.length; i++) add(i);
  return { pixels: list.items.slice(0, list.length), rank };
}

/** Which forward steps from pixel `i` are there and not redundant, by their bits. */
function keptSteps({ data, width, height, depth }: Mask, i: number): number {
  const plane = width * height;
  const x = i % width;
  const y = Math.floor(i / width) % height;
  const z = Math.floor(i / plane);
  const hasLeft = x > 0;
  const hasRight = x < width - 1;
  let low = 0;
  let middle = 0;
  let high = 0;
  for (let dz = -1; dz <= 1; dz++) {
    if (z + dz < 0 || z + dz >= depth) continue;
    let nine = 0;
    for (let dy = -1; dy <= 1; dy++) {
      if (y + dy < 0 || y + dy >= height) continue;
      const at = i + dz * plane + dy * width;
      nine |= ((hasLeft ? data[at - 1] : 0) | (data[at] << 1) | ((hasRight ? data[at + 1] : 0) << 2)) << (3 * dy + 3);
    }
    if (dz < 0) low = nine;
    else if (dz > 0) high = nine;
    else middle = nine;
  }
  const present = (middle >> 5) | (high << 4);
  if (present === 0) return 0;
  let redundant = 0;
  for (let cell = 0; cell < 8; cell++) {
    const shift = (cell & 1) + 3 * ((cell >> 1) & 1);
    const below = (cell < 4 ? low : middle) >> shift;
    const above = (cell < 4 ? middle : high) >> shift;
    redundant |=
      REDUNDANT_STEPS[cell * 256 + ((below & 3) | ((below >> 1) & 12) | ((above & 3) << 4) | ((above & 24) << 3))];
  }
  return present & ~redundant;
}

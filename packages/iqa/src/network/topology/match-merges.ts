import type { Connectivity, Mask } from '../../mask.js';
import { labelComponents } from './components.js';

/**
 * How many components of two masks correspond: the union's components merge as background edges enter in order; a merge
 * at which both sides hold pixels of both masks ends one class of either at once, which makes a pair. The last
 * component is one more.
 */
export function matchMerges(reference: Mask, estimate: Mask, union: Mask, connectivity: Connectivity): number {
  const { labels, count } = labelComponents(union, { connectivity });
  if (count === 0) return 0;
  const merge = merger(
    count + (connectivity === 'full' ? corners(union) : labels.length) + 1,
    labels,
    reference,
    estimate,
  );
  const both =
    connectivity === 'full'
      ? joinCorners(union, labels, count, merge.join)
      : joinPixels(union, labels, count, merge.join);
  return merge.holdsBoth() ? both + 1 : 0;
}

type Join = (a: number, b: number) => number;

/** Union-find over 1..n; `join` gives 1 where both sides hold both masks. */
function merger(
  size: number,
  labels: Int32Array,
  reference: Mask,
  estimate: Mask,
): { join: Join; holdsBoth: () => boolean } {
  const parent = new Int32Array(size);
  const held = new Uint8Array(size);
  for (let i = 0; i < size; i++) parent[i] = i;
  let any = 0;
  for (let i = 0; i < labels.length; i++) {
    const bits = reference.data[i] | (estimate.data[i] << 1);
    held[labels[i]] |= bits;
    any |= bits;
  }
  const root = (i: number): number => {
    while (parent[i] !== i) i = parent[i] = parent[parent[i]];
    return i;
  };
  const join: Join = (a, b) => {
    const p = root(a);
    const q = root(b);
    if (p === q) return 0;
    const pair = held[p] === 3 && held[q] === 3 ? 1 : 0;
    parent[q] = p;
    held[p] |= held[q];
    return pair;
  };
  return { join, holdsBoth: () => any === 3 };
}

const corners = ({ width, height, depth }: Mask): number => (width + 1) * (height + 1) * (depth > 1 ? depth + 1 : 1);

/**
 * `full`: pixels are closed squares (cubes), vertices are their corners. Edges whose pixels are all background enter
 * with the first of these in raster order, at each pixel those at the low side of the crossing axes before those at the
 * high side.
 */
function joinCorners(union: Mask, labels: Int32Array, count: number, join: Join): number {
  const { data, width, height, depth } = union;
  const plane = width * height;
  const row = width + 1;
  const layer = row * (height + 1);
  const nodes = cornerNodes(union, labels, count);
  const edges = (depth > 1 ? EDGES_OF_CUBE : EDGES_OF_SQUARE).map(({ others, from, to }) => ({
    others,
    steps: others.map(([dx, dy, dz]) => dz * plane + dy * width + dx),
    from: from[2] * layer + from[1] * row + from[0],
    to: to[2] * layer + to[1] * row + to[0],
  }));
  // Away from the image's sides an edge with a pixel before this one has entered with that, or never does.
  const edgesWithin = edges.filter(({ steps }) => steps.every((step) => step > 0));
  const isInside = (x: number, y: number, z: number): boolean =>
    x >= 0 && y >= 0 && z >= 0 && x < width && y < height && z < depth;
  let pairs = 0;
  for (let z = 0, i = 0; z < depth; z++)
    for (let y = 0; y < height; y++)
      for (let x = 0; x < width; x++, i++) {
        if (data[i]) continue;
        const corner = z * layer + y * row + x;
        const within = isInside(x - 1, y - 1, depth > 1 ? z - 1 : z) && isInside(x + 1, y + 1, depth > 1 ? z + 1 : z);
        if (within) {
          for (const { steps, from, to } of edgesWithin) {
            if (!steps.some((step) => data[i + step])) pairs += join(nodes[corner + from], nodes[corner + to]);
          }
          continue;
        }
        for (const { others, steps, from, to } of edges) {
          // The edge enters here if no pixel at it is foreground, and none that came before is background, which leaves
          // the later ones.
          const enters = others.every(
            ([dx, dy, dz], k) => !isInside(x + dx, y + dy, z + dz) || (steps[k] > 0 && !data[i + steps[k]]),
          );
          if (enters) pairs += join(nodes[corner + from], nodes[corner + to]);
        }
      }
  return pairs;
}

/** For each corner the label of the foreground that touches it, one component all of it; else a node of its own. */
function cornerNodes(union: Mask, labels: Int32Array, count: number): Int32Array {
  const { data, width, height, depth } = union;
  const row = width + 1;
  const layer = row * (height + 1);
  const nodes = new Int32Array(corners(union));
  for (let i = 0; i < nodes.length; i++) nodes[i] = count + 1 + i;
  const lastZ = depth > 1 ? 1 : 0;
  for (let z = 0, i = 0; z < depth; z++)
    for (let y = 0; y < height; y++)
      for (let x = 0; x < width; x++, i++) {
        if (!data[i]) continue;
        for (let w = z; w <= z + lastZ; w++)
          for (let v = y; v <= y + 1; v++) for (let u = x; u <= x + 1; u++) nodes[w * layer + v * row + u] = labels[i];
      }
  return nodes;
}

type Offset = readonly [number, number, number];
interface CornerEdge {
  readonly others: readonly Offset[];
  readonly from: Offset;
  readonly to: Offset;
}

/** Top, left, bottom, right. */
const EDGES_OF_SQUARE: readonly CornerEdge[] = [0, 1].flatMap((side): CornerEdge[] => [
  { others: [[0, 2 * side - 1, 0]], from: [0, side, 0], to: [1, side, 0] },
  { others: [[2 * side - 1, 0, 0]], from: [side, 0, 0], to: [side, 1, 0] },
]);

/** The 12 edges of a voxel by the sides of the two crossing axes (low first), then by direction x, y, z. */
const EDGES_OF_CUBE: readonly CornerEdge[] = [
  [0, 0],
  [0, 1],
  [1, 0],
  [1, 1],
].flatMap(([p, q]): CornerEdge[] =>
  [0, 1, 2].map((axis) => {
    const [first, second] = [0, 1, 2].filter((a) => a !== axis);
    const place = (values: [number, number][]): Offset => {
      const out: [number, number, number] = [0, 0, 0];
      for (const [a, v] of values) out[a] = v;
      return out;
    };
    const a = 2 * p - 1;
    const b = 2 * q - 1;
    return {
      others: [
        place([[first, a]]),
        place([[second, b]]),
        place([
          [first, a],
          [second, b],
        ]),
      ],
      from: place([
        [first, p],
        [second, q],
      ]),
      to: place([
        [first, p],
        [second, q],
        [axis, 1],
      ]),
    };
  }),
);

/** `face`: pixel centres are vertices. Edges enter with the last of their background pixels in reverse raster order. */
function joinPixels({ data, width, height, depth }: Mask, labels: Int32Array, count: number, join: Join): number {
  const plane = width * height;
  const node = (i: number): number => (data[i] ? labels[i] : count + 1 + i);
  let pairs = 0;
  let i = data.length - 1;
  for (let z = depth - 1; z >= 0; z--)
    for (let y = height - 1; y >= 0; y--)
      for (let x = width - 1; x >= 0; x--, i--) {
        if (data[i]) continue;
        const here = node(i);
        if (x + 1 < width) pairs += join(here, node(i + 1));
        if (y + 1 < height) pairs += join(here, node(i + width));
        if (z + 1 < depth) pairs += join(here, node(i + plane));
        // A background neighbour that comes earlier in the raster brings the edge itself.
        if (x > 0 && data[i - 1]) pairs += join(here, node(i - 1));
        if (y > 0 && data[i - width]) pairs += join(here, node(i - width));
        if (z > 0 && data[i - plane]) pairs += join(here, node(i - plane));
      }
  return pairs;
}

import type { Mask, Spacing } from '../../mask.js';
import { popNearest, pushItem, type HeapItem } from '../graph/heap.js';

/** A part of an image by its first and last pixel along each axis. */
export interface Box {
  readonly low: readonly [x: number, y: number, z: number];
  readonly high: readonly [x: number, y: number, z: number];
}

/** What a path is looked for in. */
interface PathSearch {
  readonly size: Omit<Mask, 'data'>;
  readonly spacing: Spacing;
  /** The path stays inside. */
  readonly box: Box;
  /** What a unit of length costs at a pixel; above 0. */
  readonly cost: (pixel: number) => number;
}

/** A step to a neighbour: 8 in planes, 26 in volumes. */
interface Step {
  readonly x: number;
  readonly y: number;
  readonly z: number;
  readonly length: number;
}

/**
 * The path between two pixels along which the sum of length times cost is least, a step at the mean cost of its ends
 * (Cohen & Kimmel 1997, doi:10.1023/A:1007922224810, on the graph of pixels, by Dijkstra's algorithm).
 * @returns pixels in order, both ends among them.
 */
export function minimalPath(from: number, to: number, { size, spacing, box, cost }: PathSearch): Int32Array {
  const { width, height } = size;
  const plane = width * height;
  const [lowX, lowY, lowZ] = box.low;
  const [wide, high, deep] = box.high.map((last, axis) => last - box.low[axis] + 1);
  const inBox = (pixel: number) =>
    (Math.floor(pixel / plane) - lowZ) * high * wide +
    ((Math.floor(pixel / width) % height) - lowY) * wide +
    ((pixel % width) - lowX);
  const inImage = (x: number, y: number, z: number) => (z + lowZ) * plane + (y + lowY) * width + x + lowX;
  const count = wide * high * deep;
  const costs = new Float64Array(count);
  for (let z = 0, at = 0; z < deep; z++)
    for (let y = 0; y < high; y++) for (let x = 0; x < wide; x++, at++) costs[at] = cost(inImage(x, y, z));
  const distances = new Float64Array(count).fill(Infinity);
  const before = new Int32Array(count).fill(-1);
  const steps = stepsOf(spacing, size.depth > 1);
  const [start, goal] = [inBox(from), inBox(to)];
  distances[start] = 0;
  const heap: HeapItem[] = [{ node: start, at: 0 }];
  while (heap.length > 0) {
    const { node, at } = popNearest(heap);
    if (node === goal) break;
    if (at > distances[node]) continue;
    const x = node % wide;
    const y = Math.floor(node / wide) % high;
    const z = Math.floor(node / (wide * high));
    for (const step of steps) {
      const [u, v, w] = [x + step.x, y + step.y, z + step.z];
      if (u < 0 || v < 0 || w < 0 || u >= wide || v >= high || w >= deep) continue;
      const next = (w * high + v) * wide + u;
      const reached = at + (step.length * (costs[node] + costs[next])) / 2;
      if (reached >= distances[next]) continue;
      distances[next] = reached;
      before[next] = node;
      pushItem(heap, { node: next, at: reached });
    }
  }
  const path: number[] = [];
  for (let node = goal; node >= 0; node = before[node])
    path.push(inImage(node % wide, Math.floor(node / wide) % high, Math.floor(node / (wide * high))));
  return Int32Array.from(path.reverse());
}

function stepsOf({ x: sx, y: sy, z: sz = 1 }: Spacing, isVolume: boolean): Step[] {
  const steps: Step[] = [];
  const deep = isVolume ? 1 : 0;
  for (let z = -deep; z <= deep; z++)
    for (let y = -1; y <= 1; y++)
      for (let x = -1; x <= 1; x++)
        if (x !== 0 || y !== 0 || z !== 0) steps.push({ x, y, z, length: Math.hypot(x * sx, y * sy, z * sz) });
  return steps;
}

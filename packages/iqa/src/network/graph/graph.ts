import { requireSameMaskSize, type Mask, type Spacing } from '../../mask.js';
import { distanceTransform } from '../distance/distance.js';
import { clusterNodes } from './clusters.js';
import { IndexList } from '../index-list.js';
import { buildPixelGraph } from './pixel-graph.js';
import { traceBranches } from './trace.js';

/** A junction (three branches or more; adjoining junction pixels are one), an end, or a pixel by itself. */
export interface GraphNode {
  /** Indices in the image. */
  readonly pixels: number[];
  /** Centre of its pixels, in px. */
  readonly x: number;
  readonly y: number;
  readonly z: number;
  /** Number of branch ends that meet here; a loop counts twice. */
  readonly degree: number;
}

/** A line of skeleton pixels between two nodes, or a closed loop without any. */
export interface Branch {
  /** Indices of its nodes; -1 twice for a loop by itself. */
  readonly from: number;
  readonly to: number;
  /** Indices in the image, in order, with the pixels of the nodes that it touches. */
  readonly pixels: Int32Array;
  /** Sum of the steps, in the unit of the spacing. */
  readonly length: number;
  /** Straight distance of its two ends; 0 for loops. */
  readonly chord: number;
  /** Mean diameter of the mask along it; null without a mask. */
  readonly width: number | null;
}

/** Nodes and branches of a skeleton. */
export interface NetworkGraph {
  readonly nodes: readonly GraphNode[];
  readonly branches: readonly Branch[];
  /** Length of all branches and of the steps inside junctions. */
  readonly length: number;
}

/**
 * Turns a skeleton into a graph. Components, loops and lengths are the skeleton's own: b0 = components of the graph,
 * b1 = branches - nodes + components (a loop by itself counting one node).
 * @param options.spacing size of a pixel along each axis; lengths are in its unit. 1 px by default.
 * @param options.mask the mask that the skeleton came from: gives widths. A pixel's diameter is twice its distance to
 * the nearest background pixel's centre, less one pixel (the smallest spacing), so that a line one pixel wide has width
 * 1.
 */
export function extractGraph(
  skeleton: Mask,
  { spacing = { x: 1, y: 1 }, mask }: { spacing?: Spacing; mask?: Mask } = {},
): NetworkGraph {
  if (mask) requireSameMaskSize('extractGraph', mask, skeleton);
  const graph = buildPixelGraph(skeleton, spacing);
  const distances = mask ? distanceTransform(mask, { spacing }) : null;
  const pixel = Math.min(spacing.x, spacing.y, skeleton.depth > 1 ? (spacing.z ?? 1) : Infinity);
  const { nodeOf, members, inner, innerLength } = clusterNodes(graph);
  const degrees = new Int32Array(members.length);
  const traced: Omit<Branch, 'pixels'>[] = [];
  const starts: number[] = [0];
  // One array holds the pixels of all branches: an array for each would cost more than the walk.
  const along = new IndexList(graph.pixels.length + 1024);
  let total = innerLength;
  traceBranches(graph, nodeOf, inner, (path, length, from, to) => {
    const start = along.length;
    for (let k = 0; k < path.length; k++) along.push(graph.pixels[path.items[k]]);
    starts.push(along.length);
    const chord = from < 0 ? 0 : distanceBetween(skeleton, spacing, along.items[start], along.items[along.length - 1]);
    let width: number | null = null;
    if (distances) {
      let sum = 0;
      for (let k = start; k < along.length; k++) sum += 2 * distances[along.items[k]] - pixel;
      width = sum / path.length;
    }
    traced.push({ from, to, length, chord, width });
    if (from >= 0) {
      degrees[from]++;
      degrees[to]++;
    }
    total += length;
  });
  const branches = traced.map(({ from, to, length, chord, width }, n): Branch => ({
    from,
    to,
    pixels: along.items.subarray(starts[n], starts[n + 1]),
    length,
    chord,
    width,
  }));
  const { width, height } = skeleton;
  const nodes = members.map((group, n): GraphNode => {
    let x = 0;
    let y = 0;
    let z = 0;
    for (const p of group) {
      const i = graph.pixels[p];
      x += i % width;
      y += Math.floor(i / width) % height;
      z += Math.floor(i / (width * height));
    }
    return {
      pixels: group.map((p) => graph.pixels[p]),
      x: x / group.length,
      y: y / group.length,
      z: z / group.length,
      degree: degrees[n],
    };
  });
  return { nodes, branches, length: total };
}

function distanceBetween(mask: Mask, spacing: Spacing, i: number, j: number): number {
  const { width, height } = mask;
  const plane = width * height;
  return Math.hypot(
    ((i % width) - (j % width)) * spacing.x,
    ((Math.floor(i / width) % height) - (Math.floor(j / width) % height)) * spacing.y,
    (Math.floor(i / plane) - Math.floor(j / plane)) * (spacing.z ?? 1),
  );
}

/** The junction from which a branch goes to a free end; -1 if it is no side branch. */
function junctionOfSideBranch({ from, to }: Branch, nodes: readonly GraphNode[]): number {
  const [a, b] = [nodes[from].degree, nodes[to].degree];
  if (a > 2 && b === 1) return from;
  if (b > 2 && a === 1) return to;
  return -1;
}

/**
 * Removes side branches (from a junction to a free end) shorter than `minLength`, the shortest of a junction first,
 * until none is left.
 * @param options.minLength in the unit of the spacing.
 */
export function pruneSkeleton(
  skeleton: Mask,
  { minLength, spacing = { x: 1, y: 1 } }: { minLength: number; spacing?: Spacing },
): Mask {
  let current: Mask = { ...skeleton, data: skeleton.data.slice() };
  for (;;) {
    const { nodes, branches } = extractGraph(current, { spacing });
    const shortest = new Map<number, Branch>();
    for (const branch of branches) {
      if (branch.from < 0 || branch.length >= minLength) continue;
      const junction = junctionOfSideBranch(branch, nodes);
      const other = shortest.get(junction);
      if (junction >= 0 && (!other || branch.length < other.length)) shortest.set(junction, branch);
    }
    if (shortest.size === 0) return current;
    const data = current.data.slice();
    for (const [junction, branch] of shortest)
      for (const i of branch.pixels) if (!nodes[junction].pixels.includes(i)) data[i] = 0;
    current = { ...current, data };
  }
}

import { requireSameMaskSize, type Mask, type Spacing } from '../mask.js';
import { distanceTransform } from './distance.js';
import { buildPixelGraph, type PixelGraph } from './pixel-graph.js';

/** A junction (three branches or more; adjoining junction pixels are one), an end, or a pixel by itself. */
export interface NetworkNode {
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
  readonly nodes: readonly NetworkNode[];
  readonly branches: readonly Branch[];
  /** Length of all branches and of the steps inside junctions. */
  readonly length: number;
}

/**
 * Turns a skeleton into a graph. Components, loops and lengths are the skeleton's own: b0 = components of the graph,
 * b1 = branches - nodes + components (a loop by itself counting one node).
 * @param options.spacing size of a pixel along each axis; lengths are in its unit. 1 px by default.
 * @param options.mask the mask that the skeleton came from: gives widths. A pixel's diameter is twice its distance to the nearest
 * background pixel's centre, less one pixel (the smallest spacing), so that a line one pixel wide has width 1.
 */
export function extractGraph(skeleton: Mask, { spacing = { x: 1, y: 1 }, mask }: { spacing?: Spacing; mask?: Mask } = {}): NetworkGraph {
  if (mask) requireSameMaskSize('extractGraph', mask, skeleton);
  const graph = buildPixelGraph(skeleton, spacing);
  const distances = mask ? distanceTransform(mask, { spacing }) : null;
  const pixel = Math.min(spacing.x, spacing.y, skeleton.depth > 1 ? (spacing.z ?? 1) : Infinity);
  const { nodeOf, members, extra, innerLength } = clusterNodes(graph);
  const degrees = new Int32Array(members.length);
  const branches: Branch[] = [];
  let total = innerLength;
  const add = (path: number[], length: number, from: number, to: number) => {
    const pixels = Int32Array.from(path, (p) => graph.pixels[p]);
    const chord = from < 0 ? 0 : distanceBetween(skeleton, spacing, pixels[0], pixels[pixels.length - 1]);
    let width: number | null = null;
    if (distances) {
      let sum = 0;
      for (const i of pixels) sum += 2 * distances[i] - pixel;
      width = sum / pixels.length;
    }
    branches.push({ from, to, pixels, length, chord, width });
    if (from >= 0) {
      degrees[from]++;
      degrees[to]++;
    }
    total += length;
  };
  trace(graph, nodeOf, extra, add);
  const { width, height } = skeleton;
  const nodes = members.map((group, n): NetworkNode => {
    let x = 0, y = 0, z = 0;
    for (const p of group) {
      const i = graph.pixels[p];
      x += i % width;
      y += Math.floor(i / width) % height;
      z += Math.floor(i / (width * height));
    }
    return { pixels: group.map((p) => graph.pixels[p]), x: x / group.length, y: y / group.length, z: z / group.length, degree: degrees[n] };
  });
  return { nodes, branches, length: total };
}

/** Groups adjoining junction pixels; ends and single pixels are nodes by themselves. */
function clusterNodes({ pixels, first, neighbours, lengths }: PixelGraph): { nodeOf: Int32Array; members: number[][]; extra: Set<string>; innerLength: number } {
  const degree = (p: number) => first[p + 1] - first[p];
  const nodeOf = new Int32Array(pixels.length).fill(-1);
  const members: number[][] = [];
  // Steps inside a cluster that close a cycle stay branches, so that no loop is lost.
  const extra = new Set<string>();
  let innerLength = 0;
  for (let p = 0; p < pixels.length; p++) {
    if (degree(p) === 2 || nodeOf[p] >= 0) continue;
    const group = [p], id = members.length;
    nodeOf[p] = id;
    const tree = new Set<string>();
    if (degree(p) > 2) {
      for (let k = 0; k < group.length; k++) {
        const q = group[k];
        for (let e = first[q]; e < first[q + 1]; e++) {
          const r = neighbours[e], key = q < r ? `${q}-${r}` : `${r}-${q}`;
          if (degree(r) < 3 || tree.has(key)) continue;
          if (nodeOf[r] === id) extra.add(key);
          else {
            nodeOf[r] = id;
            tree.add(key);
            innerLength += lengths[e];
            group.push(r);
          }
        }
      }
    }
    members.push(group);
  }
  return { nodeOf, members, extra, innerLength };
}

/** Walks from every node along every branch, then around the loops that no node touches. */
function trace({ pixels, first, neighbours, lengths }: PixelGraph, nodeOf: Int32Array, extra: Set<string>, add: (path: number[], length: number, from: number, to: number) => void): void {
  const visited = new Uint8Array(pixels.length);
  const walk = (start: number, edge: number): { path: number[]; length: number } => {
    const path = [start];
    let last = start, p = neighbours[edge], length = lengths[edge];
    while (nodeOf[p] < 0 && p !== start) {
      visited[p] = 1;
      path.push(p);
      const next = neighbours[first[p]] === last ? first[p] + 1 : first[p];
      length += lengths[next];
      last = p;
      p = neighbours[next];
    }
    path.push(p);
    return { path, length };
  };
  for (let p = 0; p < pixels.length; p++) {
    if (nodeOf[p] < 0) continue;
    for (let e = first[p]; e < first[p + 1]; e++) {
      const q = neighbours[e];
      if (nodeOf[q] >= 0) {
        if (p < q && (nodeOf[p] !== nodeOf[q] || extra.has(`${p}-${q}`))) add([p, q], lengths[e], nodeOf[p], nodeOf[q]);
      } else if (!visited[q]) {
        const { path, length } = walk(p, e);
        add(path, length, nodeOf[p], nodeOf[path[path.length - 1]]);
      }
    }
  }
  for (let p = 0; p < pixels.length; p++) {
    if (nodeOf[p] >= 0 || visited[p]) continue;
    visited[p] = 1;
    const { path, length } = walk(p, first[p]);
    add(path, length, -1, -1);
  }
}

function distanceBetween(mask: Mask, spacing: Spacing, i: number, j: number): number {
  const { width, height } = mask, plane = width * height;
  return Math.hypot(((i % width) - (j % width)) * spacing.x, ((Math.floor(i / width) % height) - (Math.floor(j / width) % height)) * spacing.y, (Math.floor(i / plane) - Math.floor(j / plane)) * (spacing.z ?? 1));
}

/**
 * Removes side branches (from a junction to a free end) shorter than `minLength`, the shortest of a junction first, until none is left.
 * @param options.minLength in the unit of the spacing.
 */
export function pruneSkeleton(skeleton: Mask, { minLength, spacing = { x: 1, y: 1 } }: { minLength: number; spacing?: Spacing }): Mask {
  let current: Mask = { ...skeleton, data: skeleton.data.slice() };
  for (;;) {
    const { nodes, branches } = extractGraph(current, { spacing });
    const shortest = new Map<number, Branch>();
    for (const branch of branches) {
      if (branch.from < 0 || branch.length >= minLength) continue;
      const [a, b] = [nodes[branch.from], nodes[branch.to]];
      const junction = a.degree > 2 && b.degree === 1 ? branch.from : b.degree > 2 && a.degree === 1 ? branch.to : -1;
      const other = shortest.get(junction);
      if (junction >= 0 && (!other || branch.length < other.length)) shortest.set(junction, branch);
    }
    if (shortest.size === 0) return current;
    const data = current.data.slice();
    for (const [junction, branch] of shortest) for (const i of branch.pixels) if (!nodes[junction].pixels.includes(i)) data[i] = 0;
    current = { ...current, data };
  }
}

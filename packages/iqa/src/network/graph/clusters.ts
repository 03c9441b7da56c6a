import type { PixelGraph } from './pixel-graph.js';

/**
 * What a step between two junction pixels is: part of the tree that spans their cluster, or one that closes a cycle in
 * it.
 */
const TREE = 1;
export const CLOSES_CYCLE = 2;

/** Which pixels are nodes. */
export interface Clusters {
  /** Node of each pixel, -1 on branches. */
  readonly nodeOf: Int32Array;
  readonly members: number[][];
  /** {@link TREE}, {@link CLOSES_CYCLE} or 0 for each step of the graph, at both its ends. */
  readonly inner: Uint8Array;
  /** Length of the trees' steps. */
  readonly innerLength: number;
}

/**
 * Groups adjoining junction pixels; ends and single pixels are nodes by themselves. Steps that close a cycle stay
 * branches, so that no loop is lost.
 */
export function clusterNodes({ pixels, first, neighbours, lengths }: PixelGraph): Clusters {
  const nodeOf = new Int32Array(pixels.length).fill(-1);
  const inner = new Uint8Array(neighbours.length);
  const members: number[][] = [];
  let innerLength = 0;
  for (let p = 0; p < pixels.length; p++) {
    const degree = first[p + 1] - first[p];
    if (degree === 2 || nodeOf[p] >= 0) continue;
    const group = [p];
    const id = members.length;
    nodeOf[p] = id;
    if (degree > 2) {
      for (let k = 0; k < group.length; k++) {
        const q = group[k];
        for (let e = first[q]; e < first[q + 1]; e++) {
          const r = neighbours[e];
          if (inner[e] === TREE || first[r + 1] - first[r] < 3) continue;
          const kind = nodeOf[r] === id ? CLOSES_CYCLE : TREE;
          inner[e] = kind;
          let back = first[r];
          while (neighbours[back] !== q) back++;
          inner[back] = kind;
          if (kind === CLOSES_CYCLE) continue;
          nodeOf[r] = id;
          innerLength += lengths[e];
          group.push(r);
        }
      }
    }
    members.push(group);
  }
  return { nodeOf, members, inner, innerLength };
}

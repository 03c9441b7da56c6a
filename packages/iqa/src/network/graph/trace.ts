import { CLOSES_CYCLE } from './clusters.js';
import { IndexList } from '../index-list.js';
import type { PixelGraph } from './pixel-graph.js';

/**
 * Walks from every node along every branch, then around the loops that no node touches.
 * @param add takes each branch: its pixels in the graph (the list is used again), its length, its nodes (-1 twice for a
 * loop by itself).
 */
export function traceBranches(
  { pixels, first, neighbours, lengths }: PixelGraph,
  nodeOf: Int32Array,
  inner: Uint8Array,
  add: (path: IndexList, length: number, from: number, to: number) => void,
): void {
  const visited = new Uint8Array(pixels.length);
  const path = new IndexList();
  /** Follows pixels with two neighbours; leaves them in `path` and gives the length. */
  const walk = (start: number, edge: number): number => {
    path.length = 0;
    path.push(start);
    let last = start;
    let p = neighbours[edge];
    let length = lengths[edge];
    while (nodeOf[p] < 0 && p !== start) {
      visited[p] = 1;
      path.push(p);
      const next = neighbours[first[p]] === last ? first[p] + 1 : first[p];
      length += lengths[next];
      last = p;
      p = neighbours[next];
    }
    path.push(p);
    return length;
  };
  for (let p = 0; p < pixels.length; p++) {
    if (nodeOf[p] < 0) continue;
    for (let e = first[p]; e < first[p + 1]; e++) {
      const q = neighbours[e];
      if (nodeOf[q] >= 0) {
        if (p > q || (nodeOf[p] === nodeOf[q] && inner[e] !== CLOSES_CYCLE)) continue;
        path.length = 0;
        path.push(p);
        path.push(q);
        add(path, lengths[e], nodeOf[p], nodeOf[q]);
      } else if (!visited[q]) {
        const length = walk(p, e);
        add(path, length, nodeOf[p], nodeOf[path.items[path.length - 1]]);
      }
    }
  }
  for (let p = 0; p < pixels.length; p++) {
    if (nodeOf[p] >= 0 || visited[p]) continue;
    visited[p] = 1;
    add(path, walk(p, first[p]), -1, -1);
  }
}

import { InputError, type PixelSize } from '@lacuna/core';
import { requireSameMaskSize, type Mask } from '../../mask.js';
import { extractGraph, type NetworkGraph } from './graph.js';
import { popNearest, pushItem, type HeapItem } from './heap.js';
import { skeletonize } from '../thinning/skeletonize.js';

/** Options of {@link pathSimilarity}. */
export interface PathOptions {
  /** How far a node of the other network may lie, in the unit of the pixel size. */
  readonly snap: number;
  /** Size of a pixel; null or missing: px. */
  readonly pixelSize?: PixelSize | null;
  /** Nodes from which paths start, evenly taken; 64 by default. */
  readonly sources?: number;
  /** Skeletons made already. */
  readonly skeletons?: { readonly reference: Mask; readonly estimate: Mask };
}

/**
 * Average path length similarity of two networks, after APLS (Van Etten et al. 2018, arXiv:1807.01232).
 *
 * One way: for pairs of nodes joined in the one network, 1 - min(1, |L - L'| / L), where L and L' are the lengths of
 * the shortest paths between them and between their nearest nodes in the other; 0 where a node has no counterpart
 * within `snap`, or no path joins the counterparts. Both ways are joined by their harmonic mean. Unlike APLS, paths end
 * at the networks' own nodes (no points are put along branches), and loops without nodes count for nothing.
 * @returns in [0, 1]; null if neither network has a pair of joined nodes, 0 if only one has.
 */
export function pathSimilarity(
  reference: Mask,
  estimate: Mask,
  { snap, pixelSize = null, sources = 64, skeletons }: PathOptions,
): number | null {
  requireSameMaskSize('pathSimilarity', reference, estimate);
  if (!(snap >= 0))
    throw new InputError({
      who: 'pathSimilarity',
      got: `a snap of ${snap}`,
      wanted: 'a number >= 0, in the unit of the pixel size',
    });
  const spacing = pixelSize ?? { x: 1, y: 1, z: 1 };
  const a = extractGraph(skeletons?.reference ?? skeletonize(reference), { spacing });
  const b = extractGraph(skeletons?.estimate ?? skeletonize(estimate), { spacing });
  const scale = { x: spacing.x, y: spacing.y, z: spacing.z ?? 1 };
  const there = oneWay(a, b, scale, snap, sources);
  const back = oneWay(b, a, scale, snap, sources);
  if (there === null && back === null) return null;
  if (!there || !back) return 0;
  return (2 * there * back) / (there + back);
}

function oneWay(
  graph: NetworkGraph,
  other: NetworkGraph,
  scale: { x: number; y: number; z: number },
  snap: number,
  sources: number,
): number | null {
  const counterpart = graph.nodes.map((node) => {
    let best = -1;
    let nearest = snap;
    other.nodes.forEach((o, k) => {
      const d = Math.hypot((o.x - node.x) * scale.x, (o.y - node.y) * scale.y, (o.z - node.z) * scale.z);
      if (d <= nearest && (best < 0 || d < nearest)) [best, nearest] = [k, d];
    });
    return best;
  });
  const from = Math.max(1, Math.ceil(graph.nodes.length / sources));
  let sum = 0;
  let pairs = 0;
  for (let s = 0; s < graph.nodes.length; s += from) {
    const lengths = shortestPaths(graph, s);
    const others = counterpart[s] >= 0 ? shortestPaths(other, counterpart[s]) : null;
    for (let t = 0; t < lengths.length; t++) {
      if (t === s || !Number.isFinite(lengths[t]) || lengths[t] === 0) continue;
      pairs++;
      if (others && counterpart[t] >= 0)
        sum += 1 - Math.min(1, Math.abs(lengths[t] - others[counterpart[t]]) / lengths[t]);
    }
  }
  return pairs > 0 ? sum / pairs : null;
}

/** Dijkstra from one node, with a binary heap; Infinity where no path leads. */
export function shortestPaths({ nodes, branches }: NetworkGraph, source: number): Float64Array {
  const adjacent: { to: number; length: number }[][] = nodes.map(() => []);
  for (const { from, to, length } of branches) {
    if (from < 0) continue;
    adjacent[from].push({ to, length });
    adjacent[to].push({ to: from, length });
  }
  const distances = new Float64Array(nodes.length).fill(Infinity);
  distances[source] = 0;
  const heap: HeapItem[] = [{ node: source, at: 0 }];
  while (heap.length) {
    const { node, at } = popNearest(heap);
    if (at > distances[node]) continue;
    for (const { to, length } of adjacent[node]) {
      if (at + length >= distances[to]) continue;
      distances[to] = at + length;
      pushItem(heap, { node: to, at: at + length });
    }
  }
  return distances;
}

import { InputError, type Rng } from '@lacuna/core';
import type { NetworkGraph } from './graph.js';

/** The largest component's share of the length, as branches are removed. */
export interface AttackCurve {
  /** Share of the branches removed, 0 to 1. */
  readonly removed: Float64Array;
  /** Length of the largest component over the length of the whole network. */
  readonly largest: Float64Array;
  /** Area under the curve, 0..1 (trapezoids): larger is more robust. */
  readonly robustness: number;
}

/** Which branches go first. `random` needs an Rng. */
export type AttackOrder = 'thinnest' | 'longest' | 'random';

/**
 * How a network falls apart as its branches are removed one by one. The curve is made backwards, by adding branches to
 * a union-find, so the cost is linear but for the sort.
 * @returns empty arrays and robustness 0 for a network without branches.
 */
export function attackCurve({ nodes, branches }: NetworkGraph, order: AttackOrder, rng?: Rng): AttackCurve {
  const n = branches.length;
  const ranks = branches.map((_, i) => i);
  if (order === 'random') {
    if (!rng)
      throw new InputError({
        who: 'attackCurve',
        got: 'no random numbers',
        wanted: 'an Rng for a random order',
        remedy: 'give createRng(seed)',
      });
    rng.shuffle(ranks);
  } else if (order === 'longest') ranks.sort((a, b) => branches[b].length - branches[a].length || a - b);
  else ranks.sort((a, b) => (branches[a].width ?? 0) - (branches[b].width ?? 0) || a - b);
  const total = branches.reduce((sum, b) => sum + b.length, 0);
  if (total === 0) return { removed: new Float64Array(0), largest: new Float64Array(0), robustness: 0 };
  const parent = nodes.map((_, i) => i);
  const length = new Float64Array(nodes.length);
  const root = (i: number): number => {
    while (parent[i] !== i) i = parent[i] = parent[parent[i]];
    return i;
  };
  const removed = new Float64Array(n + 1);
  const largest = new Float64Array(n + 1);
  removed[n] = 1;
  let best = 0;
  let robustness = 0;
  for (let k = n - 1; k >= 0; k--) {
    const branch = branches[ranks[k]];
    if (branch.from < 0) best = Math.max(best, branch.length);
    else {
      const a = root(branch.from);
      const b = root(branch.to);
      if (a !== b) {
        parent[b] = a;
        length[a] += length[b];
      }
      length[a] += branch.length;
      best = Math.max(best, length[a]);
    }
    removed[k] = k / n;
    largest[k] = best / total;
    robustness += (largest[k] + largest[k + 1]) / (2 * n);
  }
  return { removed, largest, robustness };
}

/** How two networks fall apart. */
export interface AttackComparison {
  readonly reference: AttackCurve;
  readonly estimate: AttackCurve;
  /**
   * Mean over the share of removed branches of |difference of the curves|, 0..1; null if either network has no
   * branches.
   */
  readonly distance: number | null;
}

/**
 * Attack curves of a reference and an estimate, and the area between them (curves are read linearly between their
 * points).
 */
export function compareAttacks(
  reference: NetworkGraph,
  estimate: NetworkGraph,
  order: AttackOrder,
  rng?: Rng,
): AttackComparison {
  const a = attackCurve(reference, order, rng?.fork('reference'));
  const b = attackCurve(estimate, order, rng?.fork('estimate'));
  if (a.removed.length === 0 || b.removed.length === 0) return { reference: a, estimate: b, distance: null };
  const at = ({ removed, largest }: AttackCurve, share: number): number => {
    const position = share * (removed.length - 1);
    const below = Math.min(removed.length - 2, Math.floor(position));
    return largest[below] + (position - below) * (largest[below + 1] - largest[below]);
  };
  const steps = 1000;
  let sum = 0;
  for (let k = 0; k <= steps; k++)
    sum += ((k === 0 || k === steps ? 0.5 : 1) * Math.abs(at(a, k / steps) - at(b, k / steps))) / steps;
  return { reference: a, estimate: b, distance: sum };
}

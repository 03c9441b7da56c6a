import { InputError } from '@lacuna/core';
import type { Connectivity, Mask } from '../mask.js';
import { labelComponents } from '../network/topology/components.js';
import { alongAxis, type Axis } from './axis.js';

/** Whether foreground leads from one side of the image to the other along an axis. */
export interface Percolation {
  readonly percolates: boolean;
  /** Components that touch both sides. */
  readonly components: number;
  /** Share of the foreground that lies in them, 0..1; null for an empty mask. */
  readonly share: number | null;
}

/**
 * Percolation along an axis: components of the foreground that touch both of its sides, and what share of the
 * foreground they hold.
 * @throws {InputError} for z in a plane.
 */
export function percolation(
  mask: Mask,
  axis: Axis,
  { connectivity = 'full' }: { connectivity?: Connectivity } = {},
): Percolation {
  if (axis === 'z' && mask.depth === 1)
    throw new InputError({ who: 'percolation', got: 'axis z of a plane', wanted: 'x or y' });
  const { labels, sizes, count } = labelComponents(mask, { connectivity });
  const { size, step } = alongAxis(mask, axis);
  const touches = new Uint8Array(count + 1);
  for (let i = 0; i < labels.length; i++) {
    const at = Math.floor(i / step) % size;
    if (at === 0) touches[labels[i]] |= 1;
    if (at === size - 1) touches[labels[i]] |= 2;
  }
  let components = 0;
  let held = 0;
  for (let label = 1; label <= count; label++) {
    if (touches[label] !== 3) continue;
    components++;
    held += sizes[label];
  }
  const total = labels.length - sizes[0];
  return { percolates: components > 0, components, share: total > 0 ? held / total : null };
}

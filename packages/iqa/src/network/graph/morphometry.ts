import { countForeground, type Connectivity, type Mask, type Spacing } from '../../mask.js';
import { largestComponentShare } from '../topology/components.js';
import { connectivityDensity } from '../topology/connectivity-density.js';
import type { Branch, NetworkGraph } from './graph.js';

/**
 * What is measured on one network by itself. Lengths are in the unit of the spacing; null where the formula has no
 * value.
 */
export interface Morphometry {
  /** Length of centreline over area (1/length) or volume (1/length²). */
  readonly lengthDensity: number;
  /** Junctions and ends over area or volume. */
  readonly nodeDensity: number;
  /** Mean number of branches at a node. */
  readonly meanDegree: number | null;
  /** Share of the foreground in its largest component. */
  readonly largestComponent: number | null;
  /** Mean over open branches, weighted by length, of length / chord. */
  readonly tortuosity: number | null;
  /** Share of the image that is foreground. */
  readonly porosity: number;
  /** (1 - change of the Euler number) over area or volume, corrected for the image's edges; null for an empty mask. */
  readonly connectivityDensity: number | null;
}

/** Measures a network. `graph` is its skeleton's, made with the same spacing. */
export function morphometry(
  mask: Mask,
  graph: NetworkGraph,
  { spacing = { x: 1, y: 1 }, connectivity = 'full' }: { spacing?: Spacing; connectivity?: Connectivity } = {},
): Morphometry {
  const size = mask.data.length * spacing.x * spacing.y * (mask.depth > 1 ? (spacing.z ?? 1) : 1);
  const { nodes, branches, length } = graph;
  return {
    lengthDensity: length / size,
    nodeDensity: nodes.length / size,
    meanDegree: nodes.length ? nodes.reduce((sum, node) => sum + node.degree, 0) / nodes.length : null,
    largestComponent: largestComponentShare(mask, { connectivity }),
    tortuosity: meanTortuosity(branches),
    porosity: countForeground(mask) / mask.data.length,
    connectivityDensity: connectivityDensity(mask, { spacing, connectivity }),
  };
}

/** Mean of length / chord, weighted by length; cycles and loops have none and are left out. */
export function meanTortuosity(branches: readonly Branch[]): number | null {
  let sum = 0;
  let total = 0;
  for (const { length, chord } of branches) {
    if (chord === 0) continue;
    sum += (length * length) / chord;
    total += length;
  }
  return total > 0 ? sum / total : null;
}

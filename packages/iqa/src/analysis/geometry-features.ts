import type { Connectivity, Mask, Spacing } from '../mask.js';
import { extractGraph } from '../network/graph/graph.js';
import { morphometry } from '../network/graph/morphometry.js';
import { skeletonize } from '../network/thinning/skeletonize.js';
import { summarizeThickness } from '../pores/pores.js';
import { localThickness } from '../network/distance/thickness.js';

/** What {@link geometryFeatures} measures, in order. */
export const geometryFeatureNames = [
  'porosity',
  'lengthDensity',
  'nodeDensity',
  'meanDegree',
  'largestComponent',
  'tortuosity',
  'connectivityDensity',
  'meanThickness',
  'thicknessDeviation',
  'meanBranchLength',
] as const;

/**
 * A network's geometry as ten numbers, for distances between sets of networks (`frechetDistance`, `kernelDistance`,
 * with scale `reference`). Lengths are in the unit of the spacing.
 * @returns null for an empty network, or one without open branches: it has no such numbers and is left out of a set.
 */
export function geometryFeatures(
  mask: Mask,
  { spacing = { x: 1, y: 1 }, connectivity = 'full' }: { spacing?: Spacing; connectivity?: Connectivity } = {},
): Float64Array | null {
  const graph = extractGraph(skeletonize(mask), { spacing });
  const m = morphometry(mask, graph, { spacing, connectivity });
  const thickness = summarizeThickness(localThickness(mask, { spacing }));
  const { meanDegree, largestComponent, tortuosity } = m;
  if (meanDegree === null || largestComponent === null || tortuosity === null || thickness === null) return null;
  const branchLength = graph.branches.reduce((sum, b) => sum + b.length, 0) / graph.branches.length;
  return Float64Array.of(
    m.porosity,
    m.lengthDensity,
    m.nodeDensity,
    meanDegree,
    largestComponent,
    tortuosity,
    m.connectivityDensity ?? 0,
    thickness.mean,
    thickness.deviation,
    branchLength,
  );
}

import { describe, expect, it } from 'vitest';
import { extractGraph, kolmogorovSmirnov, surfaceDistances, wasserstein1 } from '../src/index.js';
import { holds } from './conformance.js';
import { readGolden, unpackMask, type Packed } from './golden.js';

interface GraphCase {
  name: string;
  skeleton: Packed;
  spacing: number[];
  length: number;
  tips: number;
  components: number;
}
describe.each(readGolden<GraphCase>('graphs'))('against skan: $name', ({ skeleton, spacing, length, tips }) => {
  it('length within 1e-9, number of free ends', () => {
    const [x, y, z] = [...spacing].reverse();
    const graph = extractGraph(unpackMask(skeleton), { spacing: { x, y, z } });
    expect(graph.nodes.filter((n) => n.degree === 1)).toHaveLength(tips);
    holds('skeleton graph: length', 'skan', Math.abs(graph.length - length), 1e-9);
    holds('skeleton graph: free ends', 'skan', Math.abs(graph.nodes.filter((n) => n.degree === 1).length - tips), 0);
  });
});

interface SurfaceCase {
  name: string;
  reference: Packed;
  estimate: Packed;
  spacing: number[];
  tolerance: number;
  hd: number;
  hd95: number;
  assd: number;
  nsd: number;
}
describe.each(readGolden<SurfaceCase>('surfaces'))('surface distances, $name', (golden) => {
  it('within 1e-9', () => {
    const [x, y, z] = [...golden.spacing].reverse();
    const ours = surfaceDistances(unpackMask(golden.reference), unpackMask(golden.estimate), {
      spacing: { x, y, z },
      tolerance: golden.tolerance,
    });
    for (const key of ['hd', 'hd95', 'assd', 'nsd'] as const)
      holds(key, 'SciPy, definitions of Metrics Reloaded', Math.abs(ours[key] - golden[key]), 1e-9);
  });
});

interface DistributionCase {
  a: number[];
  b: number[];
  wasserstein: number;
  ks: number;
}
it.each(readGolden<DistributionCase>('distributions'))(
  'Wasserstein-1 and KS as scipy: %#',
  ({ a, b, wasserstein, ks }) => {
    holds('Wasserstein-1', 'SciPy', Math.abs(wasserstein1(a, b)! - wasserstein), 1e-12);
    holds('Kolmogorov-Smirnov', 'SciPy', Math.abs(kolmogorovSmirnov(a, b)! - ks), 1e-12);
  },
);

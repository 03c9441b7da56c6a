import { describe, expect, it } from 'vitest';
import { extractGraph, kolmogorovSmirnov, surfaceDistances, wasserstein1 } from '../src/index.js';
import { readGolden, unpackMask, type Packed } from './golden.js';

interface GraphCase { name: string; skeleton: Packed; spacing: [number, number]; length: number; tips: number; components: number }
describe.each(readGolden<GraphCase>('graphs'))('against skan: $name', ({ skeleton, spacing: [y, x], length, tips }) => {
  it('length within 1e-9, number of free ends', () => {
    const graph = extractGraph(unpackMask(skeleton), { spacing: { x, y } });
    expect(graph.nodes.filter((n) => n.degree === 1)).toHaveLength(tips);
    expect(Math.abs(graph.length - length)).toBeLessThan(1e-9);
  });
});

interface SurfaceCase { name: string; reference: Packed; estimate: Packed; spacing: number[]; tolerance: number; hd: number; hd95: number; assd: number; nsd: number }
describe.each(readGolden<SurfaceCase>('surfaces'))('surface distances, $name', (golden) => {
  it('within 1e-9', () => {
    const [x, y, z] = [...golden.spacing].reverse();
    const ours = surfaceDistances(unpackMask(golden.reference), unpackMask(golden.estimate), { spacing: { x, y, z }, tolerance: golden.tolerance });
    for (const key of ['hd', 'hd95', 'assd', 'nsd'] as const) expect(Math.abs(ours[key] - golden[key]), key).toBeLessThan(1e-9);
  });
});

interface DistributionCase { a: number[]; b: number[]; wasserstein: number; ks: number }
it.each(readGolden<DistributionCase>('distributions'))('Wasserstein-1 and KS as scipy: %#', ({ a, b, wasserstein, ks }) => {
  expect(wasserstein1(a, b)).toBeCloseTo(wasserstein, 12);
  expect(kolmogorovSmirnov(a, b)).toBeCloseTo(ks, 12);
});

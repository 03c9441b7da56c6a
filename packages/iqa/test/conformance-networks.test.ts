import { describe, expect, it } from 'vitest';
import { bettiNumbers, distanceTransform, labelComponents, thinLee, thinZhang } from '../src/index.js';
import { holds } from './conformance.js';
import { largestDeviation, readGolden, unpack, unpackMask, type Packed } from './golden.js';

interface Topology {
  count: number;
  labels: Packed;
  betti: [number, number, number];
  euler: number;
}
interface Case {
  name: string;
  mask: Packed;
  topology: Record<'full' | 'face', Topology>;
  distance: { unit: Packed; spacing: number[]; spaced: Packed } | null;
  zhang?: Packed;
  lee: Packed;
}

describe.each(readGolden<Case>('networks'))('against scipy, gudhi and scikit-image: $name', (golden) => {
  const mask = unpackMask(golden.mask);

  it.each(['full', 'face'] as const)('components, Betti numbers and Euler number, %s', (connectivity) => {
    const { count, labels, betti, euler } = golden.topology[connectivity];
    const components = labelComponents(mask, { connectivity });
    expect(components.count).toBe(count);
    holds('components', 'SciPy', largestDeviation(components.labels, unpack(labels)), 0);
    const { b0, b1, b2, euler: ours } = bettiNumbers(mask, { connectivity });
    expect([b0, b1, b2]).toEqual(betti);
    holds('Betti numbers', 'gudhi', largestDeviation([b0, b1, b2], betti), 0);
    holds('Euler number', 'scikit-image', Math.abs(ours - euler), 0);
  });

  it('distance transform', () => {
    if (!golden.distance) {
      expect(distanceTransform(mask).every((d) => d === Infinity)).toBe(true);
      return;
    }
    const [x, y, z] = [...golden.distance.spacing].reverse();
    holds(
      'distance transform',
      'SciPy',
      largestDeviation(distanceTransform(mask), unpack(golden.distance.unit)),
      1e-12,
    );
    holds(
      'distance transform',
      'SciPy',
      largestDeviation(distanceTransform(mask, { spacing: { x, y, z } }), unpack(golden.distance.spaced)),
      1e-12,
    );
  });

  it('Lee thinning, bit for bit', () =>
    holds('Lee thinning', 'scikit-image', largestDeviation(thinLee(mask).data, unpack(golden.lee)), 0));

  if (golden.zhang) {
    const zhang = golden.zhang;
    it('Zhang thinning, bit for bit', () =>
      holds('Zhang thinning', 'scikit-image', largestDeviation(thinZhang(mask).data, unpack(zhang)), 0));
  }
});

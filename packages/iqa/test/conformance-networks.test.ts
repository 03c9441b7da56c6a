import { describe, expect, it } from 'vitest';
import { bettiNumbers, distanceTransform, labelComponents, thinLee, thinZhang } from '../src/index.js';
import { largestDeviation, readGolden, unpack, unpackMask, type Packed } from './golden.js';

interface Topology { count: number; labels: Packed; betti: [number, number, number]; euler: number }
interface Case {
  name: string; mask: Packed; topology: Record<'full' | 'face', Topology>;
  distance: { unit: Packed; spacing: number[]; spaced: Packed } | null; zhang?: Packed; lee: Packed;
}

describe.each(readGolden<Case>('networks'))('against scipy, gudhi and scikit-image: $name', (golden) => {
  const mask = unpackMask(golden.mask);

  it.each(['full', 'face'] as const)('components, Betti numbers and Euler number, %s', (connectivity) => {
    const { count, labels, betti, euler } = golden.topology[connectivity];
    const components = labelComponents(mask, { connectivity });
    expect(components.count).toBe(count);
    expect(largestDeviation(components.labels, unpack(labels))).toBe(0);
    const { b0, b1, b2, euler: ours } = bettiNumbers(mask, { connectivity });
    expect([b0, b1, b2]).toEqual(betti);
    expect(ours).toBe(euler);
  });

  it('distance transform', () => {
    if (!golden.distance) {
      expect(distanceTransform(mask).every((d) => d === Infinity)).toBe(true);
      return;
    }
    const [x, y, z] = [...golden.distance.spacing].reverse();
    expect(largestDeviation(distanceTransform(mask), unpack(golden.distance.unit))).toBeLessThan(1e-12);
    expect(largestDeviation(distanceTransform(mask, { spacing: { x, y, z } }), unpack(golden.distance.spaced))).toBeLessThan(1e-12);
  });

  it('Lee thinning, bit for bit', () => expect(largestDeviation(thinLee(mask).data, unpack(golden.lee))).toBe(0));

  if (golden.zhang) {
    const zhang = golden.zhang;
    it('Zhang thinning, bit for bit', () => expect(largestDeviation(thinZhang(mask).data, unpack(zhang))).toBe(0));
  }
});

import { describe, expect, it } from 'vitest';
import {
  attackCurve,
  chordLengths,
  compareAttacks,
  comparisonColours,
  comparisonImage,
  comparisonLabels,
  connectivityDensity,
  createMask,
  eulerChange,
  extractGraph,
  lacunoCanalicular,
  localThickness,
  measurePores,
  percolation,
  porosity,
  summarizeThickness,
  twoPointCorrelation,
  type Axis,
} from '../src/index.js';
import { createRng } from '@lacuna/core';
import { draw, paint } from './draw.js';
import { holds } from './conformance.js';
import { largestDeviation, readGolden, unpack, unpackMask, type Packed } from './golden.js';

interface Case {
  name: string;
  mask: Packed;
  radius: Packed;
  twoPoint: Packed;
  chords: Record<string, [number[], number[]]>;
  diameters: number[];
  percolation: Record<string, { components: number; share: number }>;
  eulerChange: number;
  lacunae: { diameter: number; shapes: [number, number][]; density: number; share: number };
}

describe.each(readGolden<Case>('pores'))(
  'pore morphometry against PoreSpy, scikit-image and NumPy: $name',
  (golden) => {
    const mask = unpackMask(golden.mask);
    const axes = Object.keys(golden.chords) as Axis[];

    it('local thickness is twice the radius less one px', () => {
      holds(
        'local thickness',
        'PoreSpy',
        largestDeviation(
          localThickness(mask),
          Float64Array.from(unpack(golden.radius), (r) => Math.max(0, 2 * r - 1)),
        ),
        1e-12,
      );
    });

    it('mean thickness', () => {
      const diameters = Float64Array.from(unpack(golden.radius))
        .filter((r) => r > 0)
        .map((r) => 2 * r - 1);
      holds(
        'mean_thickness',
        'PoreSpy',
        Math.abs(summarizeThickness(localThickness(mask))!.mean - diameters.reduce((a, b) => a + b) / diameters.length),
        1e-12,
      );
    });

    it('chords', () => {
      for (const axis of axes) {
        expect([...chordLengths(mask, axis)].sort((a, b) => a - b)).toEqual(golden.chords[axis][0]);
        expect([...chordLengths(mask, axis, { edges: 'include' })].sort((a, b) => a - b)).toEqual(
          golden.chords[axis][1],
        );
      }
    });

    it('two-point correlation within 1e-12', () => {
      const { probability } = twoPointCorrelation(mask);
      const wanted = unpack(golden.twoPoint);
      holds(
        'two-point correlation',
        'PoreSpy',
        largestDeviation(probability.subarray(0, wanted.length), wanted.subarray(0, probability.length)),
        1e-12,
      );
      expect(probability[0]).toBeCloseTo(porosity(mask)!, 12);
    });

    it('equivalent diameters, percolation, change of the Euler number', () => {
      holds(
        'pore diameters',
        'scikit-image',
        largestDeviation(
          measurePores(mask).map((p) => p.equivalentDiameter),
          golden.diameters,
        ),
        1e-12,
      );
      for (const axis of axes) {
        const { components, share } = percolation(mask, axis);
        expect(components).toBe(golden.percolation[axis].components);
        holds('percolation', 'PoreSpy, SciPy', Math.abs(share! - golden.percolation[axis].share), 1e-12);
      }
      holds(
        'connectivity_density: change of the Euler number',
        'NumPy, cell by cell',
        Math.abs(eulerChange(mask) - golden.eulerChange),
        0,
      );
    });

    it('lacunae and canaliculi', () => {
      const { diameter, shapes, density, share } = golden.lacunae;
      const ours = lacunoCanalicular(mask, { lacunaDiameter: diameter });
      expect(ours.lacunae.map((l) => l.size)).toEqual(shapes.map(([size]) => size));
      holds(
        'lacunae: stretch',
        'NumPy',
        largestDeviation(
          ours.lacunae.map((l) => l.stretch),
          shapes.map(([, stretch]) => stretch),
        ),
        1e-12,
      );
      holds('canalicular density', 'PoreSpy, NumPy', Math.abs(ours.canalicularDensity! - density), 1e-12);
      expect(ours.canalicularShare).toBeCloseTo(share, 12);
    });
  },
);

describe('pores', () => {
  const two = draw('..........', '.##....#..', '.##....#..', '.......#..', '..........');
  it('are measured in the unit of the spacing', () => {
    const [square, line] = measurePores(two, { spacing: { x: 0.5, y: 0.5 } });
    expect([square.size, line.pixels, line.size, square.cut]).toEqual([1, 3, 0.75, false]);
    expect(line.inscribedDiameter).toBeCloseTo(0.5, 12);
    expect([...chordLengths(two, 'y', { spacing: { x: 1, y: 2 } })]).toEqual([4, 4, 6]);
    expect(twoPointCorrelation(two, { spacing: { x: 3, y: 3 } }).distances[1]).toBe(3);
  });

  it('of nothing are nothing; of all, the whole', () => {
    const none = createMask(new Uint8Array(20), 5, 4);
    const all = createMask(new Uint8Array(20).fill(1), 5, 4);
    expect([
      measurePores(none),
      chordLengths(none, 'x').length,
      summarizeThickness(localThickness(none)),
      percolation(none, 'x').share,
    ]).toEqual([[], 0, null, null]);
    expect(twoPointCorrelation(all).probability.every((p) => Math.abs(p - 1) < 1e-12)).toBe(true);
    expect(percolation(all, 'y')).toEqual({ percolates: true, components: 1, share: 1 });
    expect([summarizeThickness(localThickness(all)), porosity(all), porosity(all, { within: none })]).toEqual([
      null,
      1,
      null,
    ]);
    expect(() => lacunoCanalicular(all, { lacunaDiameter: 2 })).toThrow(
      'lacunoCanalicular: got a mask without background, wanted a network in tissue; check the threshold',
    );
    expect(() => chordLengths(all, 'z')).toThrow('chordLengths: got axis z of a plane, wanted x or y');
  });

  it('porosity of the cortex leaves out what lies outside it', () => {
    const cortex = draw('..####....', '..####....', '..####....', '..####....', '..####....');
    expect(porosity(two, { within: cortex })).toBe(2 / 20);
  });

  it('thickness is summed up over pixels', () => {
    const summary = summarizeThickness(localThickness(draw('.........', '.#######.', '.........')))!;
    expect([summary.mean, summary.deviation, summary.median, summary.largest]).toEqual([1, 0, 1, 1]);
  });
});

describe('connectivity density', () => {
  it('a block and its mirror image change it by twice as much; a solid block not at all', () => {
    const n = 12;
    const random = createRng(4);
    const block = createMask(
      Array.from({ length: n ** 3 }, () => random.uniform() < 0.4),
      n,
      n,
      n,
    );
    const mirrored = createMask(
      Array.from({ length: 2 * n ** 3 }, (_, i) => {
        const x = i % (2 * n);
        return block.data[Math.floor(i / (2 * n)) * n + (x < n ? x : 2 * n - 1 - x)];
      }),
      2 * n,
      n,
      n,
    );
    for (const connectivity of ['full', 'face'] as const)
      expect(eulerChange(mirrored, { connectivity })).toBe(2 * eulerChange(block, { connectivity }));
    expect(eulerChange(createMask(new Uint8Array(n ** 3).fill(1), n, n, n))).toBe(0);
  });

  it('a bar through a block makes no loop; a grid of bars does', () => {
    const bar = createMask(
      Array.from({ length: 9 ** 3 }, (_, i) => i % 9 === 4 && Math.floor(i / 9) % 9 === 4),
      9,
      9,
      9,
    );
    expect(eulerChange(bar)).toBe(0);
    const cross = createMask(
      Array.from(
        { length: 9 ** 3 },
        (_, i) => [i % 9, Math.floor(i / 9) % 9, Math.floor(i / 81)].filter((v) => v === 4).length >= 2,
      ),
      9,
      9,
      9,
    );
    // Three bars through one point: six ends, each half a point: 1 - 6/2.
    expect(eulerChange(cross)).toBe(-2);
    expect(connectivityDensity(cross, { spacing: { x: 0.5, y: 0.5, z: 0.5 } })).toBeCloseTo(3 / (729 / 8), 12);
  });
});

describe('comparison', () => {
  it('draws found, missed and invented in their colours on the dimmed reference', () => {
    const labels = Uint8Array.from([0, comparisonLabels.found, comparisonLabels.missed, comparisonLabels.invented]);
    const { data } = comparisonImage(
      { labels },
      { width: 2, height: 2, background: { grid: paint(2, 2, () => 2), from: 0, to: 4 } },
    );
    expect([...data]).toEqual([
      64,
      64,
      64,
      ...comparisonColours.found,
      ...comparisonColours.missed,
      ...comparisonColours.invented,
    ]);
    expect([...comparisonImage({ labels }, { width: 2, height: 1, depth: 2 }).data]).toEqual([
      ...comparisonColours.missed,
      ...comparisonColours.invented,
    ]);
    expect(() => comparisonImage({ labels }, { width: 3, height: 2 })).toThrow(
      'comparisonImage: got 4 labels, wanted 3 x 2 x 1',
    );
  });

  it('attack curves of equal networks lie on each other', () => {
    const cross = extractGraph(draw('....#....', '....#....', '#########', '....#....', '....#....'));
    const line = extractGraph(draw('.........', '#########'));
    expect(compareAttacks(cross, cross, 'longest').distance).toBe(0);
    const { distance, reference, estimate } = compareAttacks(cross, line, 'longest');
    expect([reference.robustness < estimate.robustness + 1, distance! > 0]).toEqual([true, true]);
    expect(compareAttacks(cross, extractGraph(draw('...')), 'longest').distance).toBeNull();
    expect(() => attackCurve(cross, 'random')).toThrow(
      'attackCurve: got no random numbers, wanted an Rng for a random order; give createRng(seed)',
    );
  });
});

import { describe, expect, it } from 'vitest';
import { compareNetworks, comparisonLabels, createMask, knownShares, matchedShares } from '../src/index.js';
import { draw, paint } from './draw.js';

const reference = draw(
  '....................',
  '.##################.',
  '....................',
  '....................',
  '.##################.',
  '....................',
  '....................',
  '....................',
  '....................',
);
const estimate = draw(
  '....................',
  '.##################.',
  '....................',
  '....................',
  '....................',
  '....................',
  '....................',
  '.########...........',
  '....................',
);

describe('compareNetworks', () => {
  it('tells found, missed and invented branches apart, with lengths', () => {
    const result = compareNetworks(reference, estimate, { tolerance: 1 });
    expect(result.found).toHaveLength(1);
    expect(result.missed).toHaveLength(1);
    expect(result.invented).toHaveLength(1);
    expect(result.lengths).toEqual({ reference: 34, estimate: 24, found: 17, missed: 17, invented: 7 });
    expect(result.recall).toBe(0.5);
    expect(result.inventedShare).toBeCloseTo(7 / 24, 12);
    expect(result.unit).toBe('px');
    const count = (label: number) => result.labels.filter((v) => v === label).length;
    expect([count(comparisonLabels.found), count(comparisonLabels.missed), count(comparisonLabels.invented)]).toEqual([
      18, 18, 8,
    ]);
  });

  it('speaks physical units', () => {
    const result = compareNetworks(reference, estimate, { tolerance: 0.1, pixelSize: { x: 0.1, y: 0.1, unit: 'um' } });
    expect(result.unit).toBe('um');
    expect(result.lengths.reference).toBeCloseTo(3.4, 12);
    expect(result.found[0].branch.width).toBeCloseTo(0.1, 12);
  });

  it('bins recall by intensity; the dim branch is the weak one', () => {
    const brightness = [0.05, 1, 0.05, 0.05, 0.2];
    const image = paint(20, 9, (x, y) => (x < 1 || x > 18 ? 0.05 : (brightness[y] ?? 0.05)));
    const result = compareNetworks(reference, estimate, { tolerance: 1, intensities: { reference: image }, bins: 2 });
    expect(result.weakRecall).toBe(0);
    expect(result.recallByIntensity.map((b) => b.recall)).toEqual([0, 1]);
    expect(result.missed[0].intensity).toBeCloseTo(0.2, 6);
    expect(result.missed[0].contrast).toBeCloseTo(0.15, 6);
    expect(result.invented[0].intensity).toBeNull();
  });

  it('a network equals itself; an empty estimate has found nothing', () => {
    const same = compareNetworks(reference, reference, { tolerance: 0 });
    expect([same.recall, same.inventedShare, same.missed.length, same.degrees.wasserstein]).toEqual([1, 0, 0, 0]);
    const empty = { ...reference, data: new Uint8Array(reference.data.length) };
    const none = compareNetworks(reference, empty, { tolerance: 2 });
    expect([none.recall, none.inventedShare, none.degrees.ks]).toEqual([0, null, null]);
  });

  it('refuses a tolerance that is not a number >= 0', () => {
    expect(() => compareNetworks(reference, estimate, { tolerance: -1 })).toThrow(
      'compareNetworks: got a tolerance of -1, wanted a number >= 0, in the unit of the pixel size (px without one)',
    );
  });
});

describe('shares of branches that another network has', () => {
  /** A tube nine pixels wide and its centreline; branches along that, along the rim, and outside. */
  const tube = createMask(
    Uint8Array.from({ length: 20 * 15 }, (_, i) => (Math.abs(Math.floor(i / 20) - 7) <= 4 ? 1 : 0)),
    20,
    15,
  );
  const row = (y: number) => Int32Array.from({ length: 20 }, (_, x) => y * 20 + x);
  const centreline = createMask(
    Uint8Array.from({ length: 20 * 15 }, (_, i) => (Math.floor(i / 20) === 7 ? 1 : 0)),
    20,
    15,
  );
  const branches = [{ pixels: row(7) }, { pixels: row(11) }, { pixels: row(13) }];
  const how = { tolerance: 2, spacing: { x: 1, y: 1 } };
  it('count pixels near its centreline; known ones also those inside of it', () => {
    expect(matchedShares(branches, centreline, how)).toEqual([1, 0, 0]);
    expect(knownShares(branches, { mask: tube, skeleton: centreline }, how)).toEqual([1, 1, 0]);
  });
});

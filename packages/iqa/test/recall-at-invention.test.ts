import { describe, expect, it } from 'vitest';
import {
  createMask,
  evaluate,
  extractGraph,
  ownLevel,
  recallAtInvention,
  skeletonize,
  smooth,
  threshold,
  type Intensities,
  type Mask,
} from '../src/index.js';
import { paint } from './draw.js';

/** Bars of equal length, 3 px wide: two of the network at rows 8 and 22, one that is not there at row 15. */
const bars = (first: number, second: number, invented: number, length = 50): Intensities =>
  paint(60, 30, (x, y) => {
    if (x < 5 || x >= 5 + length) return 0;
    if (Math.abs(y - 8) < 2) return first;
    if (Math.abs(y - 22) < 2) return second;
    return Math.abs(y - 15) < 2 ? invented : 0;
  });
const networkOf = (image: Intensities, level = 0.1) => {
  const mask = threshold(image, level);
  return { mask, skeleton: skeletonize(mask) };
};
const reference = networkOf(bars(1, 1, 0));
const options = { tolerance: 2 };

describe('recall at equal invention', () => {
  it('follows the levels: the bright bar, the invention, the dim bar', () => {
    const { curve, at } = recallAtInvention(reference, bars(1, 0.6, 0.8), options)!;
    const known = curve.map(({ level, recall, invented }) => [level, recall, invented]);
    expect(known.slice(0, 4)).toEqual([
      [1, 0, 0],
      [expect.closeTo(0.8, 6), 0.5, 0],
      [expect.closeTo(0.6, 6), 0.5, 0.5],
      [0, 1, expect.closeTo(1 / 3, 12)],
    ]);
    expect([0, 0.05, 0.3, 1 / 3 + 1e-9, 0.5].map(at)).toEqual([0.5, 0.5, 0.5, 1, 1]);
  });

  it('is straight between neighbouring levels', () => {
    const { at, area } = recallAtInvention(reference, bars(1, 0.6, 0.6), options)!;
    expect(at(1 / 6)).toBeCloseTo(0.75, 12);
    expect(at(0.2)).toBeCloseTo(0.8, 12);
    expect(area).toBeCloseTo(0.65, 12);
  });

  it('counts no centreline inside of the network as invented, as that of a cavity, which has none of its own', () => {
    const withCavity = paint(60, 30, (x, y) =>
      Math.hypot(x - 30, y - 22) < 6 || (x > 5 && x < 55 && y === 8) ? 1 : 0,
    );
    const { mask } = networkOf(withCavity);
    const line = paint(60, 30, (x, y) => (x > 5 && x < 55 && y === 8 ? 1 : 0));
    const known = { mask, skeleton: networkOf(line).skeleton };
    const { curve } = recallAtInvention(known, withCavity, options)!;
    expect(curve.at(-1)).toMatchObject({ recall: 1, invented: 0 });
  });

  it('does not depend on brightness: any rising change of the intensities leaves it as it is', () => {
    const image = bars(1, 0.6, 0.8);
    const brighter = { ...image, data: Float64Array.from(image.data, (v) => 3 + Math.sqrt(v)) };
    const [a, b] = [image, brighter].map((estimate) => recallAtInvention(reference, estimate, options)!);
    expect(b.curve.map(({ recall, invented }) => [recall, invented])).toEqual(
      a.curve.map(({ recall, invented }) => [recall, invented]),
    );
  });

  it('the reference itself is found whole with nothing invented; an empty one has no value', () => {
    const { at, area } = recallAtInvention(reference, bars(1, 1, 0), options)!;
    expect([at(0), area]).toEqual([1, expect.closeTo(1, 12)]);
    const none = createMask(new Uint8Array(1800), 60, 30);
    expect(recallAtInvention({ mask: none, skeleton: none }, bars(1, 1, 0), options)).toBeNull();
  });

  it('specks are inventions: a point counts one pixel', () => {
    const image = bars(1, 1, 0);
    for (let x = 2; x < 58; x += 4) image.data[15 * 60 + x] = 1;
    const { curve } = recallAtInvention(reference, image, options)!;
    const { invented } = curve.find(({ recall }) => recall === 1)!;
    const { length } = extractGraph(reference.skeleton);
    expect(invented).toBeCloseTo(14 / (14 + length), 12);
  });

  it('refuses a negative tolerance and a single level', () => {
    expect(() => recallAtInvention(reference, bars(1, 1, 0), { tolerance: -1 })).toThrow(
      'recallAtInvention: got a tolerance of -1, wanted a number >= 0',
    );
    expect(() => recallAtInvention(reference, bars(1, 1, 0), { tolerance: 1, levels: 1 })).toThrow(
      'levels: got 1, wanted a whole number of at least 2',
    );
  });
});

describe('recall at equal invention of volumes', () => {
  /** Lines of 11 voxels along x (2 µm) and along z (4 µm) that do not meet, of two intensities. */
  const lines = (alongX: number, alongZ: number): Intensities => {
    const data = new Float32Array(17 * 17 * 17);
    for (let k = 3; k < 14; k++) {
      data[(4 * 17 + 4) * 17 + k] = alongX;
      data[(k * 17 + 12) * 17 + 12] = alongZ;
    }
    return { data, width: 17, height: 17, depth: 17, channels: 1 };
  };
  const both = networkOf(lines(1, 1));

  it('weighs voxels by their length along each axis', () => {
    const spacing = { x: 0.2, y: 0.2, z: 0.4 };
    const { curve } = recallAtInvention(both, lines(0.5, 1), { tolerance: 0.2, spacing })!;
    expect(curve.find(({ recall }) => recall > 0)!.recall).toBeCloseTo(4 / 6, 12);
    const alongZ = networkOf(lines(0, 1));
    const invented = recallAtInvention(alongZ, lines(0.5, 0.5), { tolerance: 0.2, spacing })!.curve[1].invented;
    expect(invented).toBeCloseTo(2 / 6, 12);
    const cubes = recallAtInvention(both, lines(0.5, 1), { tolerance: 0.2 })!;
    expect(cubes.curve.find(({ recall }) => recall > 0)!.recall).toBeCloseTo(1 / 2, 12);
  });

  it('is a metric, with the protocol of the others', () => {
    const { values } = evaluate(lines(1, 1), lines(0.5, 1), {
      dataRange: 1,
      threshold: 0.1,
      smoothing: 0,
      pixelSize: { x: 0.2, y: 0.2, z: 0.4, unit: 'um' },
      metrics: ['recall_at_invention_05', 'recall_at_invention_10', 'recall_at_invention_20', 'recall_area'],
    });
    expect(Object.values(values)).toEqual([1, 1, 1, expect.closeTo(1, 12)]);
  });
});

describe("a method's own level", () => {
  const pair = (estimate: Intensities) => ({ reference, estimate });

  it('parts the network from what is not there, wherever the method put it', () => {
    for (const scale of [1, 0.3]) {
      const image = bars(scale, 0.9 * scale, 0.5 * scale);
      const { level, clDice } = ownLevel([pair(image)]);
      expect(clDice).toBe(1);
      expect(level).toBeGreaterThanOrEqual(0.5 * scale - 1e-6);
      expect(level).toBeLessThan(0.9 * scale);
    }
  });

  it('is one level for all pairs, with the largest mean; its curve falls in level', () => {
    const soft = [bars(1, 0.7, 0.4), bars(0.8, 0.9, 0.3)].map((image) => pair(smooth(image, 1)));
    const { level, clDice, curve } = ownLevel(soft);
    expect(clDice).toBe(Math.max(...curve.map((point) => point.clDice)));
    expect(curve.map((point) => point.level)).toEqual([...curve.map((point) => point.level)].sort((a, b) => b - a));
    expect(curve.find((point) => point.clDice === clDice)!.level).toBe(level);
    expect(clDice).toBeGreaterThan(0.95);
  });

  it('needs a network to look for', () => {
    const none: Mask = createMask(new Uint8Array(1800), 60, 30);
    expect(() => ownLevel([])).toThrow('ownLevel: got no pairs, wanted validation pairs with a network');
    expect(() => ownLevel([{ reference: { mask: none, skeleton: none }, estimate: bars(1, 1, 0) }])).toThrow(
      'ownLevel: got 1 pairs without a network in any reference',
    );
  });
});

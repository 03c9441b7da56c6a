import { describe, expect, it } from 'vitest';
import { frechetDistance, kernelDistance, niqe, niqeFeatures } from '../src/index.js';
import { paint } from './draw.js';
import { holds } from './conformance.js';
import { largestDeviation, readGolden, unpack, unpackGrid, type Packed } from './golden.js';

interface NiqeCase {
  name: string;
  dataRange: number;
  image: Packed;
  features: Packed;
  niqe: number;
}
describe.each(readGolden<NiqeCase>('niqe'))(
  'NIQE against plain NumPy with the published model: $name',
  ({ dataRange, image, features, niqe: wanted }) => {
    it('features within 1e-9, value within 1e-6', () => {
      const grid = unpackGrid(image);
      holds(
        'niqe: features',
        'NumPy',
        largestDeviation(
          niqeFeatures(grid, { dataRange }).flatMap((row) => [...row]),
          unpack(features),
        ),
        1e-9,
      );
      holds('niqe', 'NumPy, published model', Math.abs(niqe(grid, { dataRange })! - wanted), 1e-6);
    });
  },
);

it.each(readGolden<{ name: string; sha256: string; niqe: number }>('basicsr'))(
  'NIQE by BasicSR: $name',
  ({ name, sha256, niqe: wanted }) => {
    const { image, dataRange } = readGolden<NiqeCase>('niqe').find((c) => c.name === name)!;
    expect(image.sha256).toBe(sha256);
    holds('niqe', 'BasicSR, float32', Math.abs(niqe(unpackGrid(image), { dataRange })! - wanted), 1e-3);
  },
);

describe('niqe', () => {
  it('a flat image has no features; one block is too few', () => {
    expect(
      niqe(
        paint(192, 96, () => 0.4),
        { dataRange: 1 },
      ),
    ).toBeNull();
    expect(
      niqe(
        paint(100, 100, (x, y) => Math.sin(x * y)),
        { dataRange: 2 },
      ),
    ).toBeNull();
    expect(() =>
      niqe(
        paint(95, 200, () => 0),
        { dataRange: 1 },
      ),
    ).toThrow('niqe: got 95 x 200, wanted a plane of at least 96 x 96');
  });
});

interface SetCase {
  a: Packed;
  b: Packed;
  frechet?: number;
  kernel: number;
  frechetScaled?: number;
  kernelScaled: number;
}
const rows = (packed: Packed): Float64Array[] => {
  const data = unpack(packed) as Float64Array;
  const [n, d] = packed.shape;
  return Array.from({ length: n }, (_, i) => data.slice(i * d, (i + 1) * d));
};

describe.each(readGolden<SetCase>('sets'))('distances of sets against NumPy and SciPy: %#', (golden) => {
  const a = rows(golden.a);
  const b = rows(golden.b);
  it('within 1e-9 of the value', () => {
    const near = (got: number, wanted: number) =>
      holds('Fréchet and kernel distance', 'NumPy, SciPy', Math.abs(got / wanted - 1), 1e-9);
    near(kernelDistance(a, b, { scale: 'none' }), golden.kernel);
    near(kernelDistance(a, b, { scale: 'reference' }), golden.kernelScaled);
    if (golden.frechet !== undefined) near(frechetDistance(a, b, { scale: 'none' }), golden.frechet);
    if (golden.frechetScaled !== undefined) near(frechetDistance(a, b, { scale: 'reference' }), golden.frechetScaled);
  });
});

describe('distances of sets', () => {
  const set = Array.from({ length: 12 }, (_, i) => [Math.sin(i), Math.cos(3 * i), i / 12]);
  it('a set is at no distance from itself', () => {
    expect(frechetDistance(set, set, { scale: 'reference' })).toBeCloseTo(0, 12);
    expect(kernelDistance(set, set, { scale: 'reference' })).toBeLessThanOrEqual(0);
  });

  it('refuses what has no moments', () => {
    expect(() => frechetDistance(set.slice(1, 2), set, { scale: 'none' })).toThrow(
      'frechetDistance: got 1 and 12 rows of features, wanted at least two of each; ' +
        'measure more images, or cut them into blocks',
    );
    expect(() =>
      kernelDistance(
        set,
        [
          [1, 2],
          [3, 4],
        ],
        { scale: 'none' },
      ),
    ).toThrow('kernelDistance: got a row of 2 features, wanted 3, as the first row');
    expect(() =>
      kernelDistance(
        set,
        [
          [1, 2, NaN],
          [3, 4, 5],
        ],
        { scale: 'none' },
      ),
    ).toThrow('kernelDistance: got NaN as feature 2, wanted finite values');
  });
});

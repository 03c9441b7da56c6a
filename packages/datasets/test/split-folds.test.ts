import { describe, expect, it } from 'vitest';
import { createImage, type Image } from '@lacuna/core';
import { splitImages, splitPlaces, splitSpec, type Place } from '../src/index.js';

const image = (width: number, height: number, name = 'image'): Image =>
  createImage({ data: new Float32Array(width * height), width, height, dataRange: [0, 1], name });
const folds = (rest: object = {}) => splitSpec.parse({ kind: 'folds', of: 3, fold: 0, ...rest });
const inOrder = (count: number) => Array.from({ length: count }, (_, i) => i);
const named = (places: readonly Place[], role: string) =>
  places.filter((each) => each.role === role).map(({ box }) => box.image);

describe('folds', () => {
  const specimens = ['a', 'b', 'c', 'd', 'e', 'f', 'g'].map((name) => image(32, 32, name));
  const roles = (fold: number) => {
    const places = splitPlaces(specimens, folds({ fold }), { multiple: 4, order: inOrder });
    return { test: named(places, 'test'), validation: named(places, 'validation'), count: places.length };
  };

  it('test every specimen once, validate on each once and use all', () => {
    const all = [0, 1, 2].map(roles);
    expect(all.flatMap(({ test }) => test).sort()).toEqual(specimens.map(({ name }) => name));
    expect(all.flatMap(({ validation }) => validation).sort()).toEqual(specimens.map(({ name }) => name));
    expect(all[0]).toEqual({ test: ['a', 'd', 'g'], validation: ['b', 'e'], count: 7 });
  });

  it('shuffle specimens by a seed of their own', () => {
    const order = (seed: number) => named(splitPlaces(specimens, folds({ seed }), { multiple: 4 }), 'test');
    expect(order(1)).toEqual(order(1));
    expect([1, 2, 3, 4].map(order)).not.toEqual([0, 0, 0, 0].map(order));
  });

  it('across x keep the guard between all parts, whatever the fold', () => {
    const boxes = (fold: number) =>
      splitPlaces([image(403, 64)], folds({ across: 'x', guard: 10, fold }), { multiple: 4 })
        .map(({ box }) => box)
        .sort((a, b) => a.x - b.x);
    const first = boxes(0);
    expect(boxes(2)).toEqual(first);
    expect(first).toHaveLength(3);
    for (const [i, { x, width }] of first.entries()) {
      expect([x % 4, width % 4]).toEqual([0, 0]);
      const next = first[i + 1];
      if (next) expect(next.x - (x + width)).toBeGreaterThanOrEqual(10);
    }
  });

  it('across z take consecutive slices of a stack', () => {
    const slices = Array.from({ length: 14 }, (_, z) => image(32, 32, `stack[${z}]`));
    const split = splitImages(slices, folds({ across: 'z', guard: 1, fold: 1 }), { multiple: 4 });
    expect(split.test.map(({ box }) => box.image)).toEqual(['stack[5]', 'stack[6]', 'stack[7]', 'stack[8]']);
  });

  it('are refused where there are fewer specimens, and where the fold is none of them', () => {
    expect(() => splitPlaces(specimens.slice(0, 2), folds(), { multiple: 4 })).toThrow(
      'split by folds: got 2 specimens for 3 folds, wanted at least one specimen for each fold',
    );
    expect(() => splitPlaces(specimens, folds({ fold: 3 }), { multiple: 4 })).toThrow('got fold 3 of 3');
  });
});

describe('tiles of test regions', () => {
  it('cover the region without overlap, at multiples of the factor, and leave training whole', () => {
    const spec = splitSpec.parse({ kind: 'blocks', axis: 'x', guard: 8, tile: 40 });
    const whole = splitPlaces([image(400, 100)], { ...spec, tile: undefined }, { multiple: 4 });
    const cut = splitPlaces([image(400, 100)], spec, { multiple: 4 });
    const area = (places: readonly Place[]) => places.reduce((sum, { box }) => sum + box.width * box.height, 0);
    const test = cut.filter(({ role }) => role === 'test');
    expect(test.map(({ box }) => `${box.width} x ${box.height}`)).toEqual([
      ...['40 x 36', '36 x 36', '40 x 36', '36 x 36', '40 x 28', '36 x 28'],
    ]);
    expect(area(test)).toBe(area(whole.filter(({ role }) => role === 'test')));
    expect(new Set(test.map(({ box }) => `${box.x},${box.y}`)).size).toBe(test.length);
    for (const { box } of test) expect([box.x % 4, box.y % 4, box.width % 4, box.height % 4]).toEqual([0, 0, 0, 0]);
    expect(cut.filter(({ role }) => role !== 'test')).toEqual(whole.filter(({ role }) => role !== 'test'));
  });

  it.each([
    [1028, 64, 4],
    [520, 64, 8],
    [1000, 50, 4],
    [48, 16, 3],
  ])(
    'are never larger than asked for nor too small for a region: %i px, tiles of %i, factor %i',
    (length, tile, factor) => {
      const spec = { ...folds({ across: 'x', guard: 0 }), tile };
      const test = splitPlaces([image(3 * length, length)], spec, { multiple: factor }).filter(
        ({ role }) => role === 'test',
      );
      expect(test.reduce((sum, { box }) => sum + box.width * box.height, 0)).toBe(length * length);
      for (const { box } of test)
        for (const side of [box.width, box.height]) {
          expect(side).toBeLessThanOrEqual(tile);
          expect(side).toBeGreaterThanOrEqual(4 * factor);
        }
    },
  );

  it('below four LR pixels are refused', () => {
    const spec = { ...folds({ across: 'x', guard: 0 }), tile: 16 };
    expect(() => splitPlaces([image(300, 300)], spec, { multiple: 8 })).toThrow(
      'split.tile: got 16 HR pixels at a factor of 8, wanted at least 32: 4 LR pixels; set split.tile to 32 or more',
    );
  });
});

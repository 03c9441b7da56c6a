import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { createImage, type Image } from '@lacuna/core';
import { attributeBranch } from '../../src/explain/attribution/attribution.js';
import { boxAround, coarsePlace, stretchOf } from '../../src/explain/attribution/stretch.js';
import { locateModel } from '../../src/upscale/locate-model.js';
import { openModel } from '../../src/upscale/open-model.js';
import type { MeasuredBranch } from '../../src/network/measured.js';
import { newFolder, writeModel } from '../upscale/fixtures.js';

const volume = createImage({ width: 40, height: 30, depth: 4, dataRange: [0, 1] });
const at = (x: number, y: number, z = 0): number => (z * 30 + y) * 40 + x;

describe('a stretch of a branch', () => {
  it('is its middle, of at most 48 pixels', () => {
    const pixels = Int32Array.from({ length: 100 }, (_, i) => i);
    const stretch = stretchOf({ pixels }, volume, true);
    expect([stretch[0], stretch.length]).toEqual([26, 48]);
  });
  it('stays in the plane of its middle where the model sees planes', () => {
    const pixels = Int32Array.of(at(5, 5, 0), at(6, 5, 1), at(7, 5, 1), at(8, 5, 2));
    expect(stretchOf({ pixels }, volume, false)).toEqual([at(6, 5, 1), at(7, 5, 1)]);
    expect(stretchOf({ pixels }, volume, true)).toHaveLength(4);
  });
  it('depends on a box of coarse pixels, within the image and in whole multiples', () => {
    const factors = { x: 2, y: 2, z: 1 };
    const lr = createImage({ width: 20, height: 15, depth: 4, dataRange: [0, 1] });
    const options = { fine: volume, factors, reach: { x: 3, y: 3, z: 1 }, isVolume: true };
    expect(coarsePlace(at(21, 9, 2), volume, factors)).toEqual({ x: 10, y: 4, z: 2 });
    const one = boxAround([at(21, 9, 2)], lr, { ...options, multiple: { x: 1, y: 1, z: 1 } });
    expect(one).toEqual({ x: 7, y: 1, z: 1, width: 7, height: 7, depth: 3 });
    const four = boxAround([at(21, 9, 2)], lr, { ...options, multiple: { x: 4, y: 4, z: 1 } });
    expect([four.x % 4, four.y % 4, four.width % 4, four.height % 4]).toEqual([0, 0, 0, 0]);
    const whole = { ...options, reach: null, isVolume: false, multiple: { x: 4, y: 4, z: 1 } };
    expect(boxAround([at(21, 9, 2)], lr, whole)).toEqual({ x: 0, y: 0, z: 2, width: 20, height: 12, depth: 1 });
  });
});

/** A line along x at a row of the coarse image. */
function line(depth: number): Image {
  const data = Float32Array.from({ length: 24 * 20 * depth }, (_, i) => (Math.floor(i / 24) % 20 === 9 ? 0.8 : 0.1));
  return createImage({ data, width: 24, height: 20, depth, dataRange: [0, 1] });
}

describe('attribution', () => {
  it.each([
    ['planes', 2, 1],
    ['volumes', [1, 2, 2], 6],
  ] as const)(
    'of a model of %s sums to the change of the target, and lies along the branch',
    async (_, factor, depth) => {
      const path = join(newFolder(), 'best.safetensors');
      writeModel(path, { factor });
      const found = await locateModel(path, { by: null, method: null, trackingUri: null });
      const model = await openModel(found, { range: null });
      const lr = line(depth);
      const fine = createImage({ width: 48, height: 40, depth, dataRange: [0, 1] });
      const z = Math.floor(depth / 2);
      const pixels = Int32Array.from({ length: 20 }, (__, k) => (z * 40 + 19) * 48 + 14 + k);
      const branch = { pixels } as MeasuredBranch;
      const { map, from, to, shareAlong, diffusionIndex } = await attributeBranch(model, branch, { lr, fine });
      const sum = map.data.reduce((total, value) => total + value, 0);
      // The line is blurred at first: its brightness comes with the path.
      expect(to - from).toBeGreaterThan(0.1);
      expect(sum).toBeCloseTo(to - from, 2);
      expect(shareAlong).toBeGreaterThan(0.5);
      expect(shareAlong).toBeLessThanOrEqual(1);
      expect(diffusionIndex).toBeGreaterThan(0);
      expect(diffusionIndex).toBeLessThan(60);
    },
  );
});

import { describe, expect, it } from 'vitest';
import { createImage, createRng, type Image } from '@lacuna/core';
import { degradationSpec } from '@lacuna/datasets';
import { createMask } from '@lacuna/iqa';
import { backgroundOf, blankField, imagine, networkDensity, shuffled } from '../../src/explain/from-nothing.js';

const size = (width: number, height: number, depth: number) => ({ width, height, depth });

describe('density of a network', () => {
  it('of planes is a length for an area, in mm', () => {
    // 30 µm in 100 x 50 px of 0.5 µm, 50 x 25 µm.
    const micrometres = { spacing: { x: 0.5, y: 0.5, z: 1 }, unit: 'um' } as const;
    expect(networkDensity({ length: 30 }, size(100, 50, 1), micrometres)).toEqual({ value: 24, unit: 'mm/mm²' });
    const nanometres = { spacing: { x: 500, y: 500, z: 1 }, unit: 'nm' } as const;
    expect(networkDensity({ length: 30_000 }, size(100, 50, 1), nanometres).value).toBeCloseTo(24, 10);
  });
  it('of volumes is a length for a volume', () => {
    // 30 µm in 50 x 25 x 8 µm, 10,000 µm³.
    const voxels = { spacing: { x: 0.5, y: 0.5, z: 2 }, unit: 'um' } as const;
    const { value, unit } = networkDensity({ length: 30 }, size(100, 50, 4), voxels);
    expect([Math.round(value), unit]).toEqual([3000, 'mm/mm³']);
  });
  it('stays in px where nobody says how large they are', () => {
    const pixels = { spacing: { x: 1, y: 1, z: 1 }, unit: 'px' } as const;
    expect(networkDensity({ length: 50 }, size(100, 50, 1), pixels)).toEqual({ value: 0.01, unit: 'px/px²' });
  });
});

describe('inputs without a network', () => {
  const lr = createImage({
    data: Float32Array.from({ length: 64 * 64 }, (_, i) => (i % 9 === 0 ? 0.8 : 0.1)),
    width: 64,
    height: 64,
    dataRange: [0, 1],
    pixelSize: { x: 1, y: 1, unit: 'um' },
  });
  it('a blank field has the noise of the degradation on an even background', () => {
    const degradation = degradationSpec.parse({ kind: 'confocal', factor: 2, photons: 50, readNoise: 0 });
    const { data, ...field } = blankField(lr, { degradation, brightness: 0.2 }, createRng(1));
    const mean = data.reduce((sum, value) => sum + value, 0) / data.length;
    const variance = data.reduce((sum, value) => sum + (value - mean) ** 2, 0) / data.length;
    expect([field.width, field.height, field.pixelSize]).toEqual([64, 64, lr.pixelSize]);
    expect(mean).toBeCloseTo(0.2, 2);
    expect(variance).toBeCloseTo(0.2 / 50, 3);
  });
  it('shuffled phases keep the place and the size of a pixel', () => {
    const other = shuffled(lr, createRng(1));
    expect(other.pixelSize).toEqual(lr.pixelSize);
    expect(other.data).not.toEqual(lr.data);
  });
  it('the background is the median of what is around the network', () => {
    const mask = createMask(
      Uint8Array.from(lr.data, (value) => (value > 0.5 ? 1 : 0)),
      64,
      64,
      1,
    );
    expect(backgroundOf(lr, mask)).toBeCloseTo(0.1, 6);
    expect(backgroundOf(lr, createMask(new Uint8Array(64 * 64).fill(1), 64, 64, 1))).toBe(0);
  });
  it('what a model draws on them is measured, beside what interpolation would', async () => {
    // A model that draws one line across whatever comes.
    const restore = (input: Image) => {
      const image = createImage({
        width: 128,
        height: 128,
        dataRange: [0, 1],
        pixelSize: { x: 0.5, y: 0.5, unit: 'um' },
      });
      image.data.fill(1, 64 * 128, 65 * 128);
      expect(input.width).toBe(64);
      return Promise.resolve({ image, map: image });
    };
    const dark = createImage({ width: 64, height: 64, dataRange: [0, 1] });
    const found = await imagine(() => dark, {
      restorer: { restore, readsHead: false },
      reading: { level: 0.5, smoothing: 0 },
      spacing: { x: 0.5, y: 0.5, z: 0.5 },
      unit: 'um',
      factor: 2,
      rng: createRng(0),
      draws: 2,
    });
    // 127 steps of 0.5 µm in 64 x 64 µm.
    expect(found.density.value).toBeCloseTo((63.5 / 64 / 64) * 1000, 6);
    expect(found.interpolated).toEqual({ value: 0, unit: 'mm/mm²' });
    expect(found.graph.branches).toHaveLength(1);
  });
});

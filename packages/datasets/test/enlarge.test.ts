import { describe, expect, it } from 'vitest';
import { createImage, createRng } from '@lacuna/core';
import { enlarge, imresize } from '../src/index.js';

const rng = createRng(1);
const volume = createImage({
  data: Float32Array.from({ length: 5 * 4 * 3 }, () => rng.uniform()),
  width: 5,
  height: 4,
  depth: 3,
  dataRange: [0, 1],
  pixelSize: { x: 1, y: 1, z: 2, unit: 'um' },
});
/** A value that is linear along each axis. */
const ramp = createImage({
  data: Float32Array.from(
    { length: 8 * 8 * 8 },
    (_, i) => (i % 8) + 10 * (Math.floor(i / 8) % 8) + 100 * Math.floor(i / 64),
  ),
  width: 8,
  height: 8,
  depth: 8,
  dataRange: [0, 1000],
});

describe('enlarge', () => {
  it('by a number leaves the planes of a volume as many', () => {
    const out = enlarge(volume, 2, 'nearest');
    expect([out.width, out.height, out.depth]).toEqual([10, 8, 3]);
    expect(out.pixelSize).toEqual({ x: 0.5, y: 0.5, z: 2, unit: 'um' });
  });

  it('along z repeats planes by the nearest method', () => {
    const out = enlarge(volume, { x: 1, y: 1, z: 2 }, 'nearest');
    expect(out.depth).toBe(6);
    expect(out.data.subarray(20, 40)).toEqual(volume.data.subarray(0, 20));
    expect(out.pixelSize?.z).toBe(1);
  });

  it.each(['bilinear', 'bicubic'] as const)('%s keeps what is linear, along every axis', (method) => {
    const factors = { x: 2, y: 4, z: 2 };
    const out = enlarge(ramp, factors, method);
    for (const [x, y, z] of [
      [7, 16, 8],
      [8, 15, 7],
    ]) {
      const at = (index: number, factor: number) => (index + 0.5) / factor - 0.5;
      const wanted = at(x, 2) + 10 * at(y, 4) + 100 * at(z, 2);
      expect(out.data[(z * out.height + y) * out.width + x]).toBeCloseTo(wanted, 3);
    }
  });

  it('is the same along each axis', () => {
    const alongZ = imresize(ramp, { x: 1, y: 1, z: 3 });
    const alongX = imresize(ramp, { x: 3, y: 1 });
    // The ramp is 100 times as steep along z.
    for (let i = 0; i < 24; i++) expect(alongZ.data[i * 64] / 100).toBeCloseTo(alongX.data[i], 4);
  });
});

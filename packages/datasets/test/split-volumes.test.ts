import { describe, expect, it } from 'vitest';
import { createImage, type Image } from '@lacuna/core';
import { splitImages, splitSpec, splitUnpaired } from '../src/index.js';

const volume = (width: number, height: number, depth: number, name = 'volume'): Image =>
  createImage({
    data: Float32Array.from({ length: width * height * depth }, (_, i) => i),
    width,
    height,
    depth,
    dataRange: [0, 1e6],
    name,
  });
const blocks = (rest: object = {}) => splitSpec.parse({ kind: 'blocks', ...rest });

describe('splitImages of volumes', () => {
  it.each([
    ['x', 'width'],
    ['y', 'height'],
    ['z', 'depth'],
  ] as const)('cuts across %s, with the guard between the parts', (axis, side) => {
    const multiple = { x: 4, y: 4, z: 2 };
    const { training, validation, test } = splitImages([volume(130, 120, 70)], blocks({ axis, guard: 6 }), {
      multiple,
    });
    const parts = [...training, ...validation, ...test].map(({ box }) => box);
    expect(parts).toHaveLength(3);
    for (const box of parts) {
      expect([box.x % 4, box.y % 4, box.z % 2, box.width % 4, box.height % 4, box.depth % 2]).toEqual([
        0, 0, 0, 0, 0, 0,
      ]);
    }
    expect(parts[1][axis] - (parts[0][axis] + parts[0][side])).toBeGreaterThanOrEqual(6);
    expect(parts[2][axis] - (parts[1][axis] + parts[1][side])).toBeGreaterThanOrEqual(6);
  });

  it('cuts the voxels that its box names', () => {
    const [{ hr, box }] = splitImages([volume(40, 32, 30)], blocks({ axis: 'z', guard: 2 }), { multiple: 2 }).test;
    expect(hr.depth).toBe(box.depth);
    expect(hr.data[0]).toBe((box.z * 32 + box.y) * 40 + box.x);
  });

  it('refuses a volume that is too thin, and names the part', () => {
    const thin = () =>
      splitImages([volume(40, 32, 6)], blocks({ axis: 'z', guard: 2 }), { multiple: { x: 2, y: 2, z: 2 } });
    expect(thin).toThrow(
      'split of volume: got a training part of 40 x 32 x 1 px, wanted at least 8 x 8 x 2 px; use larger ' +
        'images, a smaller guard or split.kind: specimen; lacuna init FOLDER chooses what fits',
    );
  });

  it('by specimen takes whole volumes', () => {
    const volumes = ['a', 'b', 'c', 'd', 'e'].map((name) => volume(16, 16, 5, name));
    const { training, validation, test } = splitImages(volumes, splitSpec.parse({ kind: 'specimen' }), { multiple: 4 });
    expect([training.length, validation.length, test.length]).toEqual([3, 1, 1]);
    expect(training[0].box).toMatchObject({ z: 0, depth: 5 });
  });

  it('halves a single volume for unpaired training', () => {
    const { training } = splitImages([volume(200, 32, 5)], blocks({ guard: 8 }), { multiple: 4 });
    const { lr, hr } = splitUnpaired(training, { guard: 8, multiple: 4 });
    expect([lr[0].hr.depth, hr[0].hr.depth]).toEqual([5, 5]);
    expect(hr[0].box.x).toBeGreaterThanOrEqual(lr[0].box.x + lr[0].box.width + 8);
  });
});

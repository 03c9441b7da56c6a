import { createRng } from '@lacuna/core';
import { describe, expect, it } from 'vitest';
import { createMask, distanceToMask, distanceTransform, type Mask } from '../src/index.js';
import { byDefinition } from './plain/distance.js';

function painted(
  width: number,
  height: number,
  depth: number,
  inside: (x: number, y: number, z: number) => boolean,
): Mask {
  return createMask(
    Array.from({ length: width * height * depth }, (_, i) =>
      inside(i % width, Math.floor(i / width) % height, Math.floor(i / (width * height))),
    ),
    width,
    height,
    depth,
  );
}

describe('distance transform', () => {
  const random = createRng(7);
  const chance = (share: number) => () => random.uniform() < share;
  const cases: [string, Mask][] = [
    ['a thin network', painted(37, 29, 1, (x, y) => Math.abs(x - y - 3 * Math.sin(y / 4)) < 2)],
    ['noise', painted(33, 18, 1, chance(0.5))],
    ['one background pixel far away', painted(90, 41, 1, (x, y) => !(x === 3 && y === 37))],
    ['a thick disc', painted(75, 70, 1, (x, y) => Math.hypot(x - 36, y - 33) < 32)],
    ['one row', painted(64, 1, 1, (x) => x !== 40)],
    ['one column', painted(1, 64, 1, (_, y) => y !== 5)],
    ['a volume of noise', painted(19, 14, 9, chance(0.8))],
    ['a volume with one background voxel', painted(7, 6, 60, (x, y, z) => !(x === 2 && y === 4 && z === 1))],
    ['planes without background', painted(18, 5, 12, (x, _, z) => z > 2 || x > 3)],
  ];
  for (const [name, mask] of cases) {
    for (const spacing of [
      { x: 1, y: 1 },
      { x: 0.1, y: 0.25, z: 0.3 },
      { x: 2, y: 0.07, z: 0.01 },
    ]) {
      it(`of ${name} is the nearest pixel's, pixels ${Object.values(spacing).join(' x ')}`, () => {
        for (const [got, wanted] of [
          [distanceTransform(mask, { spacing }), byDefinition(mask, 0, spacing)],
          [distanceToMask(mask, { spacing }), byDefinition(mask, 1, spacing)],
        ]) {
          expect(got.length).toBe(wanted.length);
          let worst = 0;
          wanted.forEach((value, i) => {
            worst = Math.max(worst, value === got[i] ? 0 : Math.abs(value - got[i]));
          });
          expect(worst).toBeLessThan(1e-10);
        }
      });
    }
  }
});

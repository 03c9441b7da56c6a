import { createRng } from '@lacuna/core';
import { describe, expect, it } from 'vitest';
import { createMask, distanceToMask, distanceTransform, type Mask, type Spacing } from '../src/index.js';

/** By definition: every pixel against every target. */
function byDefinition(
  { data, width, height }: Mask,
  target: 0 | 1,
  { x: sx, y: sy, z: sz = 1 }: Spacing,
): Float64Array {
  const count = data.length;
  const at = new Float64Array(3 * count);
  const targets: number[] = [];
  for (let i = 0; i < count; i++) {
    at.set([(i % width) * sx, (Math.floor(i / width) % height) * sy, Math.floor(i / (width * height)) * sz], 3 * i);
    if (data[i] === target) targets.push(3 * i);
  }
  const out = new Float64Array(count);
  for (let i = 0, p = 0; i < count; i++, p += 3) {
    let best = Infinity;
    for (const t of targets)
      best = Math.min(best, (at[p] - at[t]) ** 2 + (at[p + 1] - at[t + 1]) ** 2 + (at[p + 2] - at[t + 2]) ** 2);
    out[i] = Math.sqrt(best);
  }
  return out;
}

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

import { createRng } from '@lacuna/core';
import { describe, expect, it } from 'vitest';
import { sampleBatch, type PatchField, type PatchSourceOptions } from '../src/index.js';

const factor = 4;
const SIDE = 16;
const FINE = SIDE * factor;
/** Rows of the line's middle on the HR grid: it is five wide, and runs along x. */
const MIDDLE = 30;

/** A bright line along x through every plane `at` says, from `first` to `last` on the HR grid. */
function fieldsOf({ first = 0, last = FINE, depth = 1 }): PatchField[] {
  const noise = createRng(1).fork('noise');
  const plane = depth > 1 ? 2 : 0;
  const lr = new Float32Array(SIDE * SIDE * depth);
  const mask = new Float32Array(FINE * FINE * depth);
  const skeleton = new Float32Array(mask.length);
  for (let z = 0, i = 0; z < depth; z++)
    for (let y = 0; y < FINE; y++)
      for (let x = 0; x < FINE; x++, i++) {
        const isIn = z === plane && x >= first && x < last;
        mask[i] = isIn && Math.abs(y - MIDDLE) <= 2 ? 1 : 0;
        skeleton[i] = isIn && y === MIDDLE ? 1 : 0;
      }
  for (let z = 0, i = 0; z < depth; z++)
    for (let y = 0; y < SIDE; y++)
      for (let x = 0; x < SIDE; x++, i++) {
        const isLine = z === plane && Math.floor(MIDDLE / factor) === y && x >= first / factor && x < last / factor;
        lr[i] = (isLine ? 0.9 : 0.1) + 0.01 * noise.uniform();
      }
  const field = (name: string, data: Float32Array, grid: 'lr' | 'hr'): PatchField => ({
    name,
    data,
    grid,
    channels: 1,
    kind: 'scalar',
  });
  return [
    field('lr', lr, 'lr'),
    field('lrWhole', lr, 'lr'),
    field('mask', mask, 'hr'),
    field('skeleton', skeleton, 'hr'),
  ];
}

function options(
  { first, last, depth = 1 }: { first?: number; last?: number; depth?: number },
  more: Partial<PatchSourceOptions> = {},
): PatchSourceOptions {
  const size = { lrWidth: SIDE, lrHeight: SIDE, lrDepth: depth };
  const fields = fieldsOf({
    depth,
    ...(first === undefined ? {} : { first }),
    ...(last === undefined ? {} : { last }),
  });
  return {
    groups: [{ name: 'pairs', regions: [{ ...size, fields }] }],
    patch: { x: SIDE, y: SIDE, z: depth },
    batch: 8,
    factor,
    augment: 'none',
    seed: 3,
    breaks: { share: 1, count: 1, length: [3, 3], steps: 10 },
    ...more,
  };
}

/** Dark pixels of the line in each patch of a batch, from left to right. */
function gapsOf({ lr, lrWhole }: Record<string, Float32Array>, batch: number): number[][] {
  const count = lr.length / batch;
  return Array.from({ length: batch }, (_, n) => {
    const dark: number[] = [];
    for (let i = n * count; i < (n + 1) * count; i++)
      if (lrWhole[i] > 0.8 && lr[i] < 0.3) dark.push((i - n * count) % SIDE);
    return dark;
  });
}

describe('branches broken on purpose', () => {
  it('are dark over the length of the gap, like the background, and go on behind it', () => {
    const batch = sampleBatch(options({}), 1);
    for (const gap of gapsOf(batch, 8)) {
      // Three pixels, of which the first and the last may be half in the gap.
      expect(gap.length).toBeGreaterThanOrEqual(2);
      expect(gap.length).toBeLessThanOrEqual(4);
      expect(gap.at(-1)! - gap[0]).toBe(gap.length - 1);
      expect(gap[0]).toBeGreaterThan(0);
      expect(gap.at(-1)).toBeLessThan(SIDE - 1);
    }
    const dark = batch['lr'].filter((value, i) => batch['lrWhole'][i] > 0.8 && value < 0.3);
    expect(dark.every((value) => value >= 0.1 && value < 0.3)).toBe(true);
    // Nothing but the line and what lies a pixel beside it is touched.
    batch['lr'].forEach((value, i) => {
      const row = Math.floor(i / SIDE) % SIDE;
      if (Math.abs(row - Math.floor(MIDDLE / factor)) > 2) expect(value).toBe(batch['lrWhole'][i]);
    });
  });

  it('leave all but the LR patch as it is, and places and turns as they are without', () => {
    const more = { augment: 'flips-and-rotations', patch: 12 } as const;
    const broken = sampleBatch(options({}, more), 2);
    const plain = sampleBatch({ ...options({}, more), breaks: undefined } as PatchSourceOptions, 2);
    for (const name of ['lrWhole', 'mask', 'skeleton']) expect(broken[name]).toEqual(plain[name]);
    expect(plain['lr']).toEqual(plain['lrWhole']);
    expect(broken['lr']).not.toEqual(plain['lr']);
    expect(sampleBatch(options({}, more), 2)).toEqual(broken);
  });

  it('are some of the patches, and gaps grow over training', () => {
    const some = options({}, { batch: 200, breaks: { share: 0.3, count: 1, length: [1, 4], steps: 101 } });
    const lengths = [1, 51, 101].map((step) => {
      const gaps = gapsOf(sampleBatch(some, step), 200).map(({ length }) => length);
      const broken = gaps.filter((length) => length > 0);
      return broken.reduce((sum, length) => sum + length, 0) / broken.length;
    });
    const changed = sampleBatch(some, 101);
    const count = gapsOf(changed, 200).filter(({ length }) => length > 0).length;
    expect(count).toBeGreaterThan(40);
    expect(count).toBeLessThan(80);
    expect(lengths[1]).toBeGreaterThan(lengths[0] + 0.7);
    expect(lengths[2]).toBeGreaterThan(lengths[1] + 0.7);
  });

  it('keep free ends: a branch that is too short for a gap and an end on both sides stays whole', () => {
    const batch = sampleBatch(options({ first: 20, last: 36 }), 1);
    expect(batch['lr']).toEqual(batch['lrWhole']);
  });

  it('are broken in volumes, too', () => {
    const gaps = gapsOf(sampleBatch(options({ depth: 5 }), 1), 8);
    expect(gaps.every(({ length }) => length >= 2 && length <= 4)).toBe(true);
  });

  it('are refused where the centreline is not among the fields', () => {
    const { groups, ...rest } = options({});
    const [{ regions }] = groups;
    const without = regions.map((region) => ({
      ...region,
      fields: region.fields.filter(({ name }) => name !== 'skeleton'),
    }));
    expect(() => sampleBatch({ ...rest, groups: [{ name: 'pairs', regions: without }] }, 1)).toThrow(
      'breaks: got patches of pairs without the field skeleton, wanted pairs whose centreline is known',
    );
  });
});

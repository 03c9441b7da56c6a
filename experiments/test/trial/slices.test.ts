import { describe, expect, it } from 'vitest';
import { createImage, createRng, type Image } from '@lacuna/core';
import type { Pixels } from '@lacuna/models';
import type { Pair } from '../../src/trial/pair.js';
import { enlargeWith, pairsFor } from '../../src/trial/slices.js';

const rng = createRng(1);
const noise = (side: number, depth: number): Image =>
  createImage({
    data: Float32Array.from({ length: side * side * depth }, () => rng.uniform()),
    width: side,
    height: side,
    depth,
    dataRange: [0, 1],
    name: 'volume',
  });
const hr = noise(8, 3);
const lr = noise(4, 3);
const pair: Pair = {
  lr,
  hr,
  forward: (image) => image,
  truth: null,
  region: { role: 'training', hr, box: { image: 'volume', x: 8, y: 0, z: 6, width: 8, height: 8, depth: 3 } },
};

/** Each pixel twice along x and y, and the number of the call added. */
function doubling(): (lr: Pixels) => Promise<Pixels> {
  let calls = 0;
  return ({ data, width, height, channels }) => {
    const add = calls++;
    const out = Float32Array.from(
      { length: 4 * data.length },
      (_, i) => data[Math.floor(i / (4 * width)) * width + Math.floor((i % (2 * width)) / 2)] + add,
    );
    return Promise.resolve({ data: out, width: 2 * width, height: 2 * height, channels });
  };
}

describe('a model of planes on volumes', () => {
  it('is trained on each plane, at its own place', () => {
    const planes = pairsFor(pair, 2);
    expect(planes.map(({ region }) => [region.box.z, region.box.depth])).toEqual([
      [6, 1],
      [7, 1],
      [8, 1],
    ]);
    expect(planes[2].hr.data).toEqual(hr.data.subarray(128));
    expect(planes[2].lr.data).toEqual(lr.data.subarray(32));
  });

  it('enlarges plane by plane, and the planes make a volume again', async () => {
    const out = await enlargeWith(lr, 2, doubling());
    expect([out.width, out.height, out.depth]).toEqual([8, 8, 3]);
    expect(out.data[64 * 2]).toBeCloseTo(lr.data[32] + 2, 6);
  });

  it('of volumes sees them whole', async () => {
    expect(pairsFor(pair, 3)).toEqual([pair]);
    const seen: Pixels[] = [];
    await enlargeWith(lr, 3, (pixels) => {
      seen.push(pixels);
      return Promise.resolve(pixels);
    });
    expect(seen).toHaveLength(1);
    expect(seen[0].depth).toBe(3);
  });
});

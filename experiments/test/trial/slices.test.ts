import { describe, expect, it } from 'vitest';
import { createImage, createRng, type Image } from '@lacuna/core';
import type { Pixels } from '@lacuna/models';
import type { Pair } from '../../src/trial/data/pair.js';
import { enlargeWith, pairsFor } from '../../src/trial/view/slices.js';
import { requireNeighbours } from '../../src/trial/view/view-checks.js';
import { forwardInView, modelFactor, viewOf, type View } from '../../src/trial/view/view.js';

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

const planes: View = { dimensions: 2, slices: { axis: 'z', neighbours: 0, between: null } };
const volumes: View = { dimensions: 3, slices: null };

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
    const seen = pairsFor(pair, planes);
    expect(seen.map(({ region }) => [region.box.z, region.box.depth])).toEqual([
      [6, 1],
      [7, 1],
      [8, 1],
    ]);
    expect(seen[2].hr.data).toEqual(hr.data.subarray(128));
    expect(seen[2].lr.data).toEqual(lr.data.subarray(32));
  });

  it('enlarges plane by plane, and the planes make a volume again', async () => {
    const out = await enlargeWith(lr, planes, doubling());
    expect([out.width, out.height, out.depth]).toEqual([8, 8, 3]);
    expect(out.data[64 * 2]).toBeCloseTo(lr.data[32] + 2, 6);
  });

  it('of volumes sees them whole', async () => {
    expect(pairsFor(pair, volumes)).toEqual([pair]);
    const seen: Pixels[] = [];
    await enlargeWith(lr, volumes, (pixels) => {
      seen.push(pixels);
      return Promise.resolve(pixels);
    });
    expect(seen).toHaveLength(1);
    expect(seen[0].depth).toBe(3);
  });
});

/** A voxel of a volume of one channel. */
const voxel = ({ data, width, height }: Pick<Image, 'data' | 'width' | 'height'>, x: number, y: number, z: number) =>
  data[(z * height + y) * width + x];

describe('planes with their neighbours', () => {
  const view: View = { dimensions: 2, slices: { axis: 'z', neighbours: 2, between: null } };

  it('come in their order, mirrored beyond the ends of the volume', () => {
    const [first, , last] = pairsFor(pair, view);
    const planesAt = (plane: Image) => Array.from({ length: 5 }, (_, k) => plane.data[k]);
    expect(first.lr).toMatchObject({ width: 4, height: 4, depth: 1, channels: 5 });
    expect(planesAt(first.lr)).toEqual([2, 1, 0, 1, 2].map((z) => lr.data[16 * z]));
    expect(planesAt(last.lr)).toEqual([0, 1, 2, 1, 0].map((z) => lr.data[16 * z]));
    expect(last.hr.data).toEqual(hr.data.subarray(128));
  });

  it('are enlarged as training saw them', async () => {
    const seen: Pixels[] = [];
    await enlargeWith(lr, view, (plane) => {
      seen.push(plane);
      return Promise.resolve({ ...plane, data: new Float32Array(64), width: 8, height: 8, channels: 1 });
    });
    expect(seen.map(({ data }) => data)).toEqual(pairsFor(pair, view).map((plane) => plane.lr.data));
  });

  it('need as many planes on one side', () => {
    expect(() => requireNeighbours('thin.tif', { x: 9, y: 9, z: 2 }, view)).toThrow(
      'thin.tif: got 2 LR planes across z, wanted more than slicewise.neighbours 2: beyond the ends planes are ' +
        'mirrored; set slicewise.neighbours to 1 or less, or use larger volumes',
    );
    requireNeighbours('thick.tif', { x: 9, y: 9, z: 3 }, view);
  });
});

describe('planes across another axis', () => {
  // x 4, y 5, z 6, and a fine volume of which z alone is twice as long.
  const sizes = { x: 4, y: 5, z: 6 };
  const volume = (z: number): Image =>
    createImage({
      data: Float32Array.from({ length: 20 * z }, (_, i) => i),
      width: 4,
      height: 5,
      depth: z,
      dataRange: [0, 1],
      pixelSize: { x: 1, y: 2, z: 12 / z, unit: 'um' },
    });
  const coarse = volume(6);
  const box = { image: 'volume', x: 10, y: 20, z: 30, width: 4, height: 5, depth: 12 };
  const oblique: Pair = { ...pair, lr: coarse, hr: volume(12), region: { ...pair.region, box } };

  it.each([
    ['y', 'x', 5],
    ['x', 'y', 4],
  ] as const)('%s hold z down their columns and %s along their rows', async (axis, along, count) => {
    const view: View = { dimensions: 2, slices: { axis, neighbours: 0, between: null } };
    const seen = pairsFor(oblique, view);
    expect(seen).toHaveLength(count);
    expect(seen[2].lr).toMatchObject({ width: sizes[along], height: 6 });
    expect(seen[2].hr).toMatchObject({ width: sizes[along], height: 12, depth: 1 });
    expect(seen[2].hr.pixelSize).toMatchObject({ x: oblique.hr.pixelSize![along], y: 1 });
    expect(seen[2].region.box).toMatchObject({ z: box[axis] + 2, x: box[along], y: 30, depth: 1 });
    const [x, y] = axis === 'y' ? [1, 2] : [2, 1];
    expect(voxel(seen[2].lr, 1, 3, 0)).toBe(voxel(coarse, x, y, 3));
    // Each plane twice as high, and all of them a volume again.
    const out = await enlargeWith(coarse, view, ({ data, width, height, channels }) =>
      Promise.resolve({
        data: Float32Array.from(
          { length: 2 * data.length },
          (_, i) => data[Math.floor(i / width / 2) * width + (i % width)],
        ),
        width,
        height: 2 * height,
        channels,
      }),
    );
    expect([out.width, out.height, out.depth]).toEqual([4, 5, 12]);
    expect(voxel(out, 3, 2, 9)).toBe(voxel(coarse, 3, 2, 4));
  });

  it('have the degradation and the factor along their own axes', () => {
    const spec = { slicewise: { axis: 'y' }, degradation: { factor: { x: 1, y: 1, z: 4 } } } as const;
    const view = viewOf(spec as never, 3);
    expect(modelFactor(spec as never, view)).toEqual([4, 1]);
    const kernel = (offset: number) => ({ kernel: [1], offset });
    const forward = forwardInView({ x: kernel(1), y: kernel(2), z: kernel(3) }, view);
    expect(forward).toEqual({ x: kernel(1), y: kernel(3), z: kernel(2) });
  });
});

describe('planes of which the volume has more than the scan', () => {
  const line = (values: readonly number[]) =>
    createImage({ data: Float32Array.from(values), width: 1, height: 1, depth: values.length, dataRange: [0, 1] });

  it.each([
    [2, [0, 1, 2, 3, 4, 5], [0.5, 2.5, 4.5]],
    [3, [0, 1, 2, 3, 4, 5], [1, 4]],
  ])('are trained at the centres of coarse planes (factor %i)', (factor, fine, centres) => {
    const view: View = { dimensions: 2, slices: { axis: 'z', neighbours: 0, between: { method: 'linear', factor } } };
    const box = { ...pair.region.box, depth: 6 };
    const seen = pairsFor({ ...pair, lr: line(centres), hr: line(fine), region: { ...pair.region, box } }, view);
    expect(seen.map((plane) => plane.hr.data[0])).toEqual(centres);
  });

  it('are interpolated between those that the model makes', async () => {
    const same = (plane: Pixels) => Promise.resolve(plane);
    const through = (method: 'linear' | 'cubic') =>
      enlargeWith(
        line([0, 1, 2, 3, 4]),
        {
          dimensions: 2,
          slices: { axis: 'z', neighbours: 0, between: { method, factor: 2 } },
        },
        same,
      );
    const linear = await through('linear');
    expect(linear.depth).toBe(10);
    expect([...linear.data]).toEqual([0, 0.25, 0.75, 1.25, 1.75, 2.25, 2.75, 3.25, 3.75, 4]);
    // Keys' cubic has straight lines too, away from the ends.
    expect((await through('cubic')).data[4]).toBeCloseTo(1.75, 6);
  });
});

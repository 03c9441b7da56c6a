import { createImage, createRng } from '@lacuna/core';
import { degrade, forwardOperator, loadSource, registeredDataSpec, registeredDegradationSpec } from '@lacuna/datasets';
import { describe, expect, it } from 'vitest';
import { augmentBatch } from '../../src/extensions/augmentation.js';
import { checkShapes } from '../../src/sweep/checks/check-shapes.js';
import { trialSpec } from '../../src/sweep/spec/spec.js';
import { folder, messageOf, registering } from './inline.js';

describe('data of an extension', () => {
  const hr = createImage({
    data: Float32Array.from({ length: 64 }, (_, i) => i / 64),
    width: 8,
    height: 8,
    dataRange: [0, 1],
    name: 'ramp',
  });
  const degraded = (kind: string) => degrade(hr, registeredDegradationSpec().parse({ kind, factor: 2 }), createRng(1));

  it('is degraded by its kernels and its rows, and its operator is known to losses', () => {
    registering(({ degradation, samplings: { box } }) => {
      const kernels = () => ({ x: box(0, 2), y: box(0, 2), z: null });
      degradation('mean', { options: {}, kernels });
      degradation('inverted', {
        options: {},
        kernels,
        row: (row) => row.forEach((value, i) => (row[i] = 1 - value)),
      });
    });
    // (0 + 1 + 8 + 9) / 4 / 64
    expect(degraded('mean').data[0]).toBeCloseTo(4.5 / 64, 6);
    expect(degraded('inverted').data[0]).toBeCloseTo(1 - 4.5 / 64, 6);
    const spec = registeredDegradationSpec().parse({ kind: 'inverted', factor: 2 });
    expect(forwardOperator(spec, hr).apply(hr).data[0]).toBeCloseTo(4.5 / 64, 6);
    expect(() => registeredDegradationSpec().parse({ kind: 'mean', factor: 2, photons: 3 })).toThrow(/photons/);
  });

  it('is refused for kernels of another form or stride, and for rows that are not finite or given back', () => {
    registering(({ degradation, samplings: { box } }) => {
      const kernels = (stride: number) => () => ({ x: box(0, stride), y: box(0, stride), z: null });
      degradation('wide', { options: {}, kernels: kernels(3) });
      degradation('shapeless', { options: {}, kernels: () => ({ x: [1, 2] }) as never });
      degradation('endless', { options: {}, kernels: kernels(2), row: (row) => void row.fill(NaN) });
      degradation('given-back', { options: {}, kernels: kernels(2), row: (row) => row.slice() as never });
    });
    expect(() => degraded('wide')).toThrow(/inline\.mjs: kernels of wide: got a stride of 3 along x, wanted the fact/);
    expect(() => degraded('shapeless')).toThrow(/inline\.mjs: kernels of shapeless: got x\.?\w* of another form/);
    expect(() => degraded('endless')).toThrow(/inline\.mjs: row of endless: got NaN in a row/);
    expect(() => degraded('given-back')).toThrow(/inline\.mjs: row of given-back: got object given back/);
  });

  it('is a structure whose tubes hang together where they share a point, with its true network', async () => {
    registering(({ structure, z }) => {
      const radius = z.number().default(0.4).describe('of tubes, um');
      structure('cross', {
        options: { radius },
        pixelSize: '0.1um',
        grow({ width, height }, { radius }: { radius: number }) {
          const middle = { x: width / 2, y: height / 2, radius };
          const to = (x: number, y: number) => ({ points: [middle, { x, y, radius }] });
          return [to(0, height / 2), to(width, height / 2), to(width / 2, 0), to(width / 2, height)];
        },
      });
      structure('bent', { options: {}, pixelSize: '0.1um', grow: () => [{ points: [{ x: 1, y: NaN, radius: 1 }] }] });
      structure('empty', { options: {}, pixelSize: '0.1um', grow: () => [] });
    });
    const load = (source: string) =>
      loadSource(registeredDataSpec().parse({ source, width: 32, height: 32, structure: { photons: null } }), {
        baseDir: folder,
      });
    const { images, truth } = await load('cross');
    const { nodes, branches } = truth![0].network;
    expect(branches).toHaveLength(4);
    expect(nodes.map(({ degree }) => degree).sort()).toEqual([1, 1, 1, 1, 4]);
    const [centre, corner] = [16 * 32 + 16, 0].map((i) => images[0].data[i]);
    expect(centre).toBeGreaterThan(0.9);
    expect(corner).toBeCloseTo(0.04, 2);
    expect(await messageOf(load('bent'))).toMatch(/inline\.mjs: grow of bent: got tubes whose 0\.points/);
    expect(await messageOf(load('empty'))).toMatch(/inline\.mjs: grow of empty: got no tube, wanted a network/);
  });

  it('is augmented by seed, step and place alone, and refused where it is not finite', () => {
    registering(({ augmentation }) => {
      augmentation('shifted', {
        options: {},
        apply({ lr }, _, rng) {
          const by = rng.uniform();
          lr.data.forEach((value, i) => (lr.data[i] = value + by));
        },
      });
      augmentation('infinite', { options: {}, apply: ({ hr }) => void hr.data.fill(Infinity) });
    });
    const shapes = { lr: [2, 1, 2, 1], hr: [2, 2, 4, 1] };
    const made = (name: string, step: number) =>
      augmentBatch({ lr: new Float32Array(4), hr: new Float32Array(16) }, shapes, {
        asked: { [name]: {} },
        seed: 1,
        step,
      });
    const { lr, hr: untouched } = made('shifted', 5);
    expect(lr[0]).toBe(lr[1]);
    expect(lr[0]).not.toBe(lr[2]);
    expect(made('shifted', 5)['lr']).toEqual(lr);
    expect(made('shifted', 6)['lr']).not.toEqual(lr);
    expect(untouched.every((value) => value === 0)).toBe(true);
    expect(() => made('infinite', 1)).toThrow(/inline\.mjs: apply of infinite: got hr with a value that is not finite/);
    const training = { augmentations: { infinite: {} }, patch: 8 };
    const config = trialSpec().parse({
      data: { source: 'dentin' },
      degradation: { kind: 'confocal', factor: 2 },
      model: { name: 'fsrcnn' },
      regime: { kind: 'paired' },
      training,
    });
    expect(() => checkShapes([{ config, group: 'g' } as never])).toThrow(/inline\.mjs: apply of infinite/);
  });
});

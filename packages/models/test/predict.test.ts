import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createRng } from '@lacuna/core';
import { describe, expect, it } from 'vitest';
import {
  Graph,
  buildGenerator,
  createTensorFlowEngine,
  describeModel,
  factorOf,
  initialVariables,
  loadModel,
  modelCost,
  modelSpec,
  sizeMultiple,
  sizeMultiples,
  tileStarts,
  writeTensorFile,
  type PerAxis,
} from '../src/index.js';

const engine = createTensorFlowEngine({ threads: 1 });

/** A model file with weights large enough that every pixel in reach shows. */
function modelFile(spec: unknown, factor: PerAxis): string {
  const model = modelSpec.parse(spec);
  const g = new Graph();
  const sizes = sizeMultiples(model, factorOf(factor)).map((multiple) => 4 * multiple);
  buildGenerator(g, 'generator', g.input('lr', [1, ...sizes, 1]), model, { factor, channels: 1, training: false });
  const start = initialVariables(g, createRng(2));
  const rng = createRng(3);
  const path = join(mkdtempSync(join(tmpdir(), 'lacuna-predict-')), 'best.safetensors');
  const tensors = Object.fromEntries(
    [...g.variables.values()].map(({ name, shape }) => [
      name,
      { shape, values: start[name].map((value) => value + 0.1 * rng.normal()) },
    ]),
  );
  writeTensorFile(path, { tensors, metadata: describeModel({ model, factor, channels: 1 }) });
  return path;
}

function plane(width: number, height: number) {
  const rng = createRng(4);
  return { width, height, channels: 1, data: Float32Array.from({ length: width * height }, () => rng.uniform()) };
}

describe('tiles equal the whole image', () => {
  it.each([
    ['fsrcnn, transposed', { name: 'fsrcnn', d: 4, s: 2, m: 1 }, 4, 18],
    ['fsrcnn, shuffle', { name: 'fsrcnn', d: 4, s: 2, m: 1, upsampler: 'shuffle', skip: 'bicubic' }, 3, 18],
    ['srcnn', { name: 'srcnn' }, 2, 24],
    ['edsr', { name: 'edsr', blocks: 1, filters: 4 }, 4, 20],
    // 13 x 11 is no multiple of 2: mirrored up, and tiles begin at multiples of 2.
    ['unet', { name: 'unet', depth: 2, filters: 2, kernel: 3 }, 2, 32],
  ] as const)('%s', async (_, spec, factor, tile) => {
    const path = modelFile(spec, factor);
    const lr = plane(2 * tile + 5, tile + 7);
    const whole = await loadModel(path, { engine, tile: 200 });
    const tiled = await loadModel(path, { engine, tile });
    expect(2 * Math.ceil(modelCost(modelSpec.parse(spec), { factor, channels: 1 }).receptiveField! / 2)).toBeLessThan(
      tile,
    );
    const wanted = await whole.predict(lr);
    const got = await tiled.predict(lr);
    expect([got.width, got.height]).toEqual([lr.width * factor, lr.height * factor]);
    let worst = 0;
    wanted.data.forEach((value, i) => {
      worst = Math.max(worst, Math.abs(value - got.data[i]));
    });
    // The same sums in another order of blocks: a few float32 roundings.
    expect(worst).toBeLessThan(1e-4);
    whole.dispose();
    tiled.dispose();
  });
});

describe('tiles of volumes equal the whole', () => {
  it.each([
    [
      'fsrcnn, shuffle, in the plane',
      { name: 'fsrcnn', d: 4, s: 2, m: 1, upsampler: 'shuffle', skip: 'bicubic' },
      [1, 2, 2],
    ],
    ['edsr, every axis', { name: 'edsr', blocks: 1, filters: 2 }, [2, 2, 2]],
    // Lengths that are no multiples of 2 are mirrored up, and tiles begin at multiples of 2.
    ['unet, along z', { name: 'unet', depth: 1, filters: 2, kernel: 3 }, [3, 1, 1]],
  ] as const)('%s', async (_, spec, factor) => {
    const path = modelFile(spec, factor);
    const tile = [22, 24, 26];
    const rng = createRng(5);
    const lr = { depth: 27, height: 33, width: 31, channels: 1, data: new Float32Array(27 * 33 * 31) };
    lr.data.forEach((_value, i) => (lr.data[i] = rng.uniform()));
    const whole = await loadModel(path, { engine, tile: 64 });
    const tiled = await loadModel(path, { engine, tile });
    const { receptiveFields } = modelCost(modelSpec.parse(spec), { factor, channels: 1 });
    receptiveFields!.forEach((length, axis) => expect(2 * Math.ceil(length / 2)).toBeLessThan(tile[axis]));
    const wanted = await whole.predict(lr);
    const got = await tiled.predict(lr);
    expect([got.depth, got.height, got.width]).toEqual([27 * factor[0], 33 * factor[1], 31 * factor[2]]);
    const worst = wanted.data.reduce((most, value, i) => Math.max(most, Math.abs(value - got.data[i])), 0);
    expect(worst).toBeLessThan(1e-4);
    whole.dispose();
    tiled.dispose();
  });

  it('a volume is refused by a model of planes', async () => {
    const model = await loadModel(modelFile({ name: 'edsr', blocks: 1, filters: 2 }, 2), { engine });
    const lr = { depth: 2, height: 8, width: 8, channels: 1, data: new Float32Array(128) };
    await expect(model.predict(lr)).rejects.toThrow(
      'predict: got a volume of 2 planes for a model of planes, wanted one plane at a time',
    );
    model.dispose();
  });
});

describe('tileStarts', () => {
  it.each([
    [10, 16, 3, 1],
    [100, 16, 3, 1],
    [101, 16, 3, 4],
    [50, 16, 40, 4],
    [33, 32, 0, 2],
    [17, 16, 100, 16],
  ])(
    'length %i, tile %i, halo %i, multiple %i: every pixel once, starts at multiples',
    (length, tile, halo, multiple) => {
      const tiles = tileStarts(length, tile, halo, multiple);
      let at = 0;
      for (const { start, keepFrom, keepTo } of tiles) {
        expect(keepFrom).toBe(at);
        expect(keepTo).toBeGreaterThan(keepFrom);
        expect(start % multiple).toBe(0);
        expect(start).toBeLessThanOrEqual(keepFrom);
        expect(keepTo).toBeLessThanOrEqual(start + tile);
        at = keepTo;
      }
      expect(at).toBe(length);
    },
  );
});

it('a 4x4 stride pyramid at x3 asks for LR sizes whose HR sizes it can halve', () => {
  for (const [spec, halvings] of [
    [{ name: 'pix2pix-unet', levels: 3, filters: 2 }, 8],
    [{ name: 'resnet-generator', blocks: 1, filters: 2 }, 4],
    [{ name: 'unet', filters: 2 }, 4],
  ] as const) {
    const model = modelSpec.parse(spec);
    const side = sizeMultiple(model, 3);
    const g = new Graph();
    expect((3 * side) % halvings).toBe(0);
    expect(
      buildGenerator(g, 'generator', g.input('lr', [1, side * 2, side * 2, 1]), model, {
        factor: 3,
        channels: 1,
        training: false,
      }).sr.shape,
    ).toEqual([1, side * 6, side * 6, 1]);
  }
});

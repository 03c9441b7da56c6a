import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import { createImage, type Image } from '@lacuna/core';
import { readImage, writeTiff } from '@lacuna/datasets';
import { loadModel, openEngine, readTensorFile, type PerAxis, type Slicing } from '@lacuna/models';
import { exportModel, planVolume, readOnnxMetadata, readOnnxSignature, upscaleVolume } from '@lacuna/onnx';
import { openModel } from '../../src/upscale/open-model.js';
import { defaultOptions, type UpscaleOptions } from '../../src/upscale/options.js';
import { openTogether } from '../../src/upscale/together.js';
import { UpscaleProgress } from '../../src/upscale/progress.js';
import { upscale } from '../../src/upscale/upscale.js';
import { enlargeWith } from '../../src/trial/view/slices.js';
import { newFolder, picture, writeModel } from './fixtures.js';

let folder: string;
const at = (name: string): string => join(folder, name);
const run = (model: string, options: Partial<UpscaleOptions> = {}) =>
  upscale(
    at(model),
    at('in.tif'),
    at('out.tif'),
    { ...defaultOptions, device: 'cpu', levels: 'model', ...options },
    {
      print: () => undefined,
      progress: (total) => new UpscaleProgress(total, null),
    },
  );
const stack = (more: object = {}) => picture({ width: 44, height: 40, depth: 30, dataRange: [0, 1], ...more });
const write = (image = stack()) => writeTiff(at('in.tif'), image, { type: 'float32' });

beforeEach(() => {
  folder = newFolder();
});

/** A stack through an ONNX file in tiles that are smaller than it along every axis. */
async function inTiles(onnx: Uint8Array, lr: Image): Promise<Float32Array> {
  const opened = await openModel({ label: 'model.onnx', bytes: onnx, trial: null }, { range: null });
  const { model } = await openTogether([opened], { ...defaultOptions, device: 'cpu' });
  const { width, height, depth } = lr;
  const [z, y, x] = model.factor;
  const out = new Float32Array(lr.data.length * z * y * x);
  const plan = planVolume([depth, height, width], model, [16, 24, 24]);
  expect(Math.min(...[plan.slabs, plan.rows, plan.columns].map(({ tiles }) => tiles.length))).toBeGreaterThan(1);
  const start = (slab: number, row: number) => (slab * height + row) * width;
  await upscaleVolume(
    model,
    {
      size: [depth, height, width],
      readRows: (slab, row, count) => Promise.resolve(lr.data.slice(start(slab, row), start(slab, row + count))),
    },
    (at, [sr]) => out.set(sr, (at.z * height * y + at.y) * width * x),
    plan,
  );
  await model.dispose();
  return out;
}

const furthest = (a: Float32Array, b: Float32Array): number =>
  a.reduce((most, value, i) => Math.max(most, Math.abs(value - b[i])), 0);

const cuts: readonly [string, PerAxis, Slicing, readonly number[]][] = [
  ['with two neighbours', 2, { axis: 'z', neighbours: 2, between: null }, [30, 80, 88]],
  ['across y, z twice as long', [2, 1], { axis: 'y', neighbours: 1, between: null }, [60, 40, 44]],
  ['across x, by themselves', [3, 1], { axis: 'x', neighbours: 0, between: null }, [90, 40, 44]],
  ['with more between them', 2, { axis: 'z', neighbours: 1, between: { method: 'cubic', factor: 3 } }, [90, 80, 88]],
];

describe('a stack through a model of planes', () => {
  it.each(cuts)(
    '%s comes out as in the trial that trained it, from checkpoint and ONNX',
    async (_, factor, slicing, sizes) => {
      const known = { slicing, factor, normalisation: { low: 0, high: 1 }, dataRange: [0, 1] };
      const path = writeModel(at('best.safetensors'), known);
      const lr = stack();
      write(lr);
      const loaded = await loadModel(path, { engine: await openEngine() });
      const expected = await enlargeWith(lr, { dimensions: 2, slices: slicing }, loaded.predict);
      loaded.dispose();
      expect([expected.depth, expected.height, expected.width]).toEqual(sizes);
      const onnx = exportModel(readTensorFile(path));
      writeFileSync(at('model.onnx'), onnx);
      for (const model of ['best.safetensors', 'model.onnx']) {
        await run(model, { force: true });
        const sr = await readImage(at('out.tif'));
        expect([sr.depth, sr.height, sr.width]).toEqual(sizes);
        expect(furthest(sr.data, expected.data), model).toBeLessThan(1e-4);
      }
      expect(furthest(await inTiles(onnx, lr), expected.data)).toBeLessThan(1e-4);
      const [input] = readOnnxSignature(onnx).inputs;
      expect(input.dims).toEqual(['batch', 2 * slicing.neighbours + 1, 'height', 'width']);
      expect(readOnnxMetadata(onnx)).toMatchObject({ channels: 1, slices: { slicing } });
    },
  );

  it('gives the network of its head for every plane, those between interpolated', async () => {
    const slicing = { axis: 'y', neighbours: 1, between: { method: 'linear', factor: 2 } } as const;
    const known = { slicing, networkHead: true, normalisation: { low: 0, high: 1 }, dataRange: [0, 1] };
    const path = writeModel(at('best.safetensors'), known);
    const lr = stack({ depth: 12 });
    write(lr);
    const loaded = await loadModel(path, { engine: await openEngine() });
    const expected = await enlargeWith(lr, { dimensions: 2, slices: slicing }, loaded.predict);
    loaded.dispose();
    const sorted = expected.network!.slice().sort();
    writeModel(path, { ...known, more: { headLevel: String(sorted[Math.floor(sorted.length / 2)]) } });
    await run('best.safetensors', { network: { folder: null, level: null } });
    // Written with 16 bits: 1 is 65,535.
    const network = await readImage(at('out-probability.tif'));
    expect([network.depth, network.height, network.width]).toEqual([24, 80, 88]);
    const probability = network.data.map((value) => value / 65535);
    expect(furthest(probability, expected.network!)).toBeLessThan(1e-4);
    const mask = await readImage(at('out-mask.tif'));
    expect(new Set(mask.data).size).toBe(2);
  });

  it('takes each channel of a stack by itself', async () => {
    const slicing = { axis: 'z', neighbours: 1, between: null } as const;
    writeModel(at('best.safetensors'), { slicing, normalisation: { low: 0, high: 1 }, dataRange: [0, 1] });
    const both = stack({ channels: 2, depth: 9 });
    write(both);
    await run('best.safetensors');
    const together = await readImage(at('out.tif'));
    for (const c of [0, 1]) {
      write(createImage({ ...both, channels: 1, data: both.data.filter((_, i) => i % 2 === c) }));
      await run('best.safetensors', { force: true });
      const alone = await readImage(at('out.tif'));
      expect(together.data.filter((_, i) => i % 2 === c)).toEqual(alone.data);
    }
  });

  it('is refused for a plane and for too few of them', async () => {
    const slicing = { axis: 'z', neighbours: 3, between: null } as const;
    writeModel(at('best.safetensors'), { slicing, normalisation: { low: 0, high: 1 }, dataRange: [0, 1] });
    write(stack({ depth: 1 }));
    await expect(run('best.safetensors')).rejects.toThrow('wanted a stack');
    write(stack({ depth: 2 }));
    await expect(run('best.safetensors')).rejects.toThrow(/wanted at least \d+ x \d+ x 3 \(x, y, z\)/);
  });
});

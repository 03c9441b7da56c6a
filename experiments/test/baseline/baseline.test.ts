import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import { createImage, type Image } from '@lacuna/core';
import type { Factor } from '@lacuna/datasets';
import { modelCost, modelSpec, readTensorFile } from '@lacuna/models';
import { decodeModel, encodeModel, exportModel, type OnnxModel } from '@lacuna/onnx';
import { asGrey, openBaseline } from '../../src/baseline/baseline.js';
import { onnxRegime } from '../../src/baseline/spec.js';
import { newFolder, writeModel } from '../upscale/fixtures.js';

let folder: string;
const at = (name: string): string => join(folder, name);
const open = (spec: object, factor: Factor = 2, dimensions: 2 | 3 | null = 2) =>
  openBaseline(onnxRegime.parse({ kind: 'onnx', path: 'net.onnx', ...spec }), {
    factor,
    dimensions,
    baseDir: folder,
    threads: 1,
  });
const exported = (options: Parameters<typeof writeModel>[1] = {}) =>
  exportModel(readTensorFile(writeModel(at('model.safetensors'), options)));
/** As another maker would have written it: nothing said besides the graph. */
const without = (bytes: Uint8Array, change: (model: OnnxModel) => OnnxModel = (model) => model) =>
  encodeModel(change({ ...decodeModel(bytes), metadata: [] }));
const lr = (width = 30, height = 20): Image =>
  createImage({
    width,
    height,
    dataRange: [0, 1],
    data: Float32Array.from({ length: width * height }, (_, i) => 0.5 + 0.4 * Math.sin(i / 3) * Math.cos(i / 50)),
  });
const furthest = (a: Float32Array, b: Float32Array): number =>
  a.reduce((most, value, i) => Math.max(most, Math.abs(value - b[i])), 0);

beforeEach(() => {
  folder = newFolder();
});

describe('an ONNX file as a method', () => {
  it('of ours needs nothing said, and counts as its family does', async () => {
    writeFileSync(at('net.onnx'), exported());
    const baseline = await open({});
    const own = modelCost(
      modelSpec.parse({ name: 'fsrcnn', d: 8, s: 4, m: 1, upsampler: 'shuffle', skip: 'bicubic' }),
      { factor: 2, channels: 1 },
    );
    expect(baseline.cost).toMatchObject({ parameters: own.parameters, receptiveField: own.receptiveField });
    const sr = await baseline.enlarge(lr());
    expect(sr).toMatchObject({ width: 60, height: 40 });
    expect(furthest((await baseline.enlarge(lr())).data, sr.data)).toBe(0);
    await baseline.dispose();
  });

  it('of another maker is the same network once its range is said, tiled or whole', async () => {
    const bytes = exported();
    writeFileSync(at('own.onnx'), bytes);
    writeFileSync(at('net.onnx'), without(bytes));
    const own = await open({ path: 'own.onnx' });
    const foreign = await open({ range: [0, 1], layout: 'nchw', channels: 1, factor: 2, tile: 32 });
    const image = lr(90, 80);
    const whole = await own.enlarge(image);
    expect(furthest((await foreign.enlarge(image)).data, whole.data)).toBeLessThan(1e-6);
    const bytesOf255 = await open({ range: [0, 255] });
    expect(furthest((await bytesOf255.enlarge(image)).data, whole.data)).toBeGreaterThan(1e-4);
    for (const baseline of [own, foreign, bytesOf255]) await baseline.dispose();
  });

  it('of volumes enlarges them, along each axis as it does, tiled or whole', async () => {
    const bytes = exported({ factor: [3, 2, 2] });
    writeFileSync(at('own.onnx'), bytes);
    writeFileSync(at('net.onnx'), without(bytes));
    const factor = { x: 2, y: 2, z: 3 };
    const own = await open({ path: 'own.onnx' }, factor, 3);
    const foreign = await open({ range: [0, 1] }, factor, 3);
    expect(foreign.cost).toEqual(own.cost);
    const depth = 40;
    const volume = createImage({
      ...lr(120, 7 * depth),
      height: 7,
      depth,
    });
    const made = await foreign.enlarge(volume);
    expect(made).toMatchObject({ width: 240, height: 14, depth: 120 });
    expect(furthest(made.data, (await own.enlarge(volume)).data)).toBeLessThan(1e-6);
    // 120 columns of 40 planes are two tiles; halves of the volume that overlap by more than the reach are one each.
    const half = createImage({
      width: 75,
      height: 7,
      depth,
      dataRange: [0, 1],
      data: Float32Array.from({ length: 75 * 7 * depth }, (_, i) => volume.data[Math.floor(i / 75) * 120 + (i % 75)]),
    });
    const part = await own.enlarge(half);
    const rows = 14 * 120;
    const apart = Array.from({ length: rows }, (_, i) =>
      furthest(part.data.subarray(i * 150, i * 150 + 100), made.data.subarray(i * 240, i * 240 + 100)),
    );
    expect(Math.max(...apart)).toBeLessThan(1e-6);
    for (const baseline of [own, foreign]) await baseline.dispose();
  });

  it('of volumes is refused for planes, and one of planes for volumes', async () => {
    writeFileSync(at('net.onnx'), exported({ factor: [2, 2, 2] }));
    await expect(open({})).rejects.toThrow(
      'net.onnx: got a network that takes volumes, wanted one that enlarges planes; set dimensions: 3',
    );
    await expect(open({}, { x: 2, y: 2, z: 1 }, 3)).rejects.toThrow(
      'net.onnx: got a network that enlarges 2 x 2 x 2 times, wanted factor 2 x 2 x 1, as degradation.factor says',
    );
    writeFileSync(at('net.onnx'), exported());
    await expect(open({}, 2, 3)).rejects.toThrow('net.onnx: got a network of planes, for volumes (dimensions: 3)');
  });

  it('of three channels takes a grey image as three equal ones and gives their mean', async () => {
    writeFileSync(at('net.onnx'), exported({ channels: 3 }));
    const baseline = await open({});
    const sr = await baseline.enlarge(lr());
    expect(sr.data).toHaveLength(60 * 40);
    await baseline.dispose();
    const grey = asGrey({
      factor: 1,
      channels: 3,
      multiple: 1,
      halo: 0,
      outputs: 1,
      bytesPerPixel: 1,
      run: (tile) => Promise.resolve([tile.map((value, i) => value * (i % 3))]),
      reset: () => Promise.resolve(),
      dispose: () => Promise.resolve(),
    });
    expect([...(await grey.run(Float32Array.from([1, 2]), 1, 2))[0]]).toEqual([1, 2]);
  });

  it.each<[string, (bytes: Uint8Array) => Uint8Array, object, string]>([
    [
      'that lacks its range',
      (bytes) => without(bytes),
      {},
      'MODEL net.onnx: got a network that does not declare the range of its numbers, ' +
        'wanted what it takes for black and white; say it in the spec: regime.range',
    ],
    [
      'that is not SR',
      (bytes) =>
        without(bytes, (model) => ({
          ...model,
          graph: { ...model.graph, node: [{ opType: 'Relu', input: ['lr'], output: ['sr'] }], initializer: [] },
        })),
      { range: [0, 1] },
      'MODEL net.onnx: got a network that is not SR of one image',
    ],
    [
      'of two inputs',
      (bytes) =>
        without(bytes, (model) => ({
          ...model,
          graph: { ...model.graph, input: [...model.graph.input, { ...model.graph.input[0], name: 'noise' }] },
        })),
      { range: [0, 1] },
      'a network of 2 inputs and 1 outputs, wanted SR of one image',
    ],
    ['that is cut', (bytes) => bytes.subarray(0, 900), { range: [0, 1] }, 'MODEL net.onnx: got a part of'],
    [
      'of another factor than was said',
      (bytes) => without(bytes),
      { range: [0, 1], factor: 4 },
      'net.onnx: got a network that enlarges 2 times, wanted factor 4, as regime.factor says',
    ],
    [
      'of other channels than were said',
      (bytes) => without(bytes),
      { range: [0, 1], channels: 3 },
      'MODEL net.onnx: got a network of 1 channel, wanted 3, as was said',
    ],
  ])('%s is refused in one sentence', async (_, change, spec, words) => {
    writeFileSync(at('net.onnx'), change(exported()));
    await expect(open(spec)).rejects.toThrow(words);
  });

  it('must be there and enlarge as the degradation does', async () => {
    await expect(open({ path: 'none.onnx' })).rejects.toThrow(
      /regime\.path none\.onnx: got no such file, wanted an ONNX file; relative paths are taken from /,
    );
    writeFileSync(at('net.onnx'), exported());
    await expect(open({}, 4)).rejects.toThrow(
      'net.onnx: got a network that enlarges 2 times, wanted factor 4, as degradation.factor says',
    );
  });
});

import { createRng } from '@lacuna/core';
import { Graph, createProgram, openEngine, sizeOf } from '@lacuna/models';
import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import {
  chooseVolumeTile,
  exportOnnx,
  openVolumeSession,
  planVolume,
  upscaleVolume,
  volumeBytesFor,
  volumeEnsemble,
  type Axes,
  type VolumeModel,
  type VolumeSource,
} from '../../src/index.js';
import { prepare, volumes } from '../catalogue.js';

/** A volume of noise, [z][y][x][c]. */
function noise(size: Axes, channels = 1): VolumeSource & { data: Float32Array } {
  const rng = createRng(7);
  const [, height, width] = size;
  const data = Float32Array.from({ length: sizeOf(size) * channels }, () => rng.uniform());
  return {
    size,
    data,
    readRows: (z, y, rows) =>
      Promise.resolve(data.slice((z * height + y) * width * channels, (z * height + y + rows) * width * channels)),
  };
}

/** All outputs of a volume; every row must come once. */
async function enlarge(model: VolumeModel, source: VolumeSource, tile: Axes): Promise<Float32Array[]> {
  const [depth, height, width] = source.size.map((length, axis) => length * model.factor[axis]);
  const row = width * model.channels;
  const out = Array.from({ length: model.outputs }, () => new Float32Array(depth * height * row));
  const seen = new Uint8Array(depth * height);
  await upscaleVolume(
    model,
    source,
    (place, outputs) => {
      for (let y = place.y; y < place.y + place.height; y++) seen[place.z * height + y]++;
      outputs.forEach((values, k) => out[k].set(values, (place.z * height + place.y) * row));
    },
    planVolume(source.size, model, tile),
  );
  expect(seen.every((times) => times === 1)).toBe(true);
  return out;
}

/** A mean over (2 radius + 1) voxels along each axis, zeros beyond; each voxel becomes a block whose values differ. */
function localVolumeModel(radius: Axes, factor: Axes, multiple: Axes = [1, 1, 1], shift = 0): VolumeModel {
  return {
    factor,
    multiple,
    halo: radius,
    channels: 1,
    outputs: 1,
    bytesPerPixel: 100,
    run(tile, size) {
      const [depth, height, width] = size;
      const [, rows, columns] = size.map((length, axis) => length * factor[axis]);
      const out = new Float32Array(sizeOf(size) * sizeOf(factor));
      const at = (z: number, y: number, x: number) =>
        z >= 0 && z < depth && y >= 0 && y < height && x >= 0 && x < width ? tile[(z * height + y) * width + x] : 0;
      for (let k = 0; k < out.length; k++) {
        const x = k % columns;
        const y = Math.floor(k / columns) % rows;
        const z = Math.floor(k / columns / rows);
        const centre = [z, y, x].map((place, axis) => Math.floor(place / factor[axis]));
        let sum = 0;
        for (let i = -radius[0]; i <= radius[0]; i++)
          for (let j = -radius[1]; j <= radius[1]; j++)
            for (let l = -radius[2]; l <= radius[2]; l++) sum += at(centre[0] + i, centre[1] + j, centre[2] + l);
        out[k] = sum / 27 + 0.1 * (z % factor[0]) + 0.01 * (y % factor[1]) + 0.001 * (x % factor[2]) + shift;
      }
      return Promise.resolve([out]);
    },
    reset: () => Promise.resolve(),
    dispose: () => Promise.resolve(),
  };
}

const whole: Axes = [1e6, 1e6, 1e6];
const furthest = (a: Float32Array, b: Float32Array): number =>
  a.reduce((most, value, i) => Math.max(most, Math.abs(value - b[i])), 0);

describe('tiles of a volume', () => {
  it('equal the whole for any lengths, halos and factors by axis', async () => {
    const axes = (min: number, max: number) =>
      fc.tuple(fc.integer({ min, max }), fc.integer({ min, max }), fc.integer({ min, max }));
    await fc.assert(
      fc.asyncProperty(axes(4, 13), axes(0, 2), axes(1, 3), axes(3, 9), async (size, radius, factor, tile) => {
        const model = localVolumeModel(radius, factor);
        const source = noise(size);
        const [tiled] = await enlarge(model, source, tile);
        const [once] = await enlarge(model, source, whole);
        expect(furthest(tiled, once)).toBeLessThan(1e-6);
      }),
      { numRuns: 40, seed: 3 },
    );
  });

  it('give mean and spread of several models', async () => {
    const models = [0, 2].map((shift) => localVolumeModel([1, 0, 1], [1, 2, 2], [1, 2, 1], shift));
    const both = volumeEnsemble([models[0], localVolumeModel([0, 1, 0], [1, 2, 2], [1, 3, 1], 2)]);
    expect(both).toMatchObject({ halo: [1, 1, 1], multiple: [1, 6, 1], outputs: 2 });
    const source = noise([5, 6, 7]);
    const [mean, spread] = await enlarge(volumeEnsemble(models), source, [4, 4, 4]);
    const [first] = await enlarge(models[0], source, whole);
    expect(
      furthest(
        mean,
        first.map((value) => value + 1),
      ),
    ).toBeLessThan(1e-5);
    expect(
      furthest(
        spread,
        first.map(() => Math.SQRT2),
      ),
    ).toBeLessThan(1e-5);
    const other = localVolumeModel([1, 1, 1], [2, 2, 2]);
    expect(() => volumeEnsemble([models[0], other])).toThrow('models of one factor');
  });
});

describe('exported networks in tiles', () => {
  const entry = volumes.find(({ title }) => title.startsWith('fsrcnn'))!;
  let model: VolumeModel;
  let prepared: ReturnType<typeof prepare>;
  beforeAll(async () => {
    prepared = prepare(entry);
    const { volume, channels, name } = prepared.metadata;
    model = await openVolumeSession(
      exportOnnx(prepared),
      {
        name,
        channels,
        layout: 'nchw',
        range: [0, 1],
        factor: volume!.factor as Axes,
        multiple: volume!.multiple as Axes,
        halo: volume!.receptiveField!.map((field) => Math.ceil(field / 2)) as unknown as Axes,
        bytesPerPixel: 1000,
      },
      { device: 'cpu', threads: 1 },
    );
  });

  it('come out as the graph does of the whole volume, in three axes', async () => {
    const { channels } = prepared.metadata;
    const size: Axes = [40, 28, 32];
    const source = noise(size, channels);
    const g = new Graph();
    const sr = prepared.generator(g, g.input('lr', [1, ...size, channels]));
    const engine = await openEngine();
    const executable = await engine.compile(createProgram(g, { predict: { fetches: { sr } } }));
    await executable.write(prepared.weights as Record<string, Float32Array>);
    const { sr: ours } = await executable.run('predict', { lr: source.data });
    executable.dispose();
    const tile: Axes = [24, 24, 24];
    const plan = planVolume(size, model, tile);
    expect(plan.slabs.tiles.length).toBeGreaterThan(1);
    expect(plan.rows.tiles.length).toBeGreaterThan(1);
    expect(plan.columns.tiles.length).toBeGreaterThan(1);
    const [tiled] = await enlarge(model, source, tile);
    const range = Math.max(
      1,
      ours.reduce((most, value) => Math.max(most, Math.abs(value)), 0),
    );
    expect(furthest(ours, tiled) / range).toBeLessThan(1e-4);
    await model.dispose();
  });
});

describe('chooseVolumeTile', () => {
  const model = {
    bytesPerPixel: 4000,
    channels: 1,
    factor: [1, 4, 4],
    outputs: 1,
    halo: [4, 8, 8],
    multiple: [1, 1, 1],
  } as const;
  const size: Axes = [128, 512, 512];

  it('stays within the bound, and keeps more with more memory', () => {
    const kept = [512, 1024, 4096].map((megabytes) => {
      const tile = chooseVolumeTile(size, model, { bytes: megabytes * 2 ** 20 });
      expect(volumeBytesFor(tile, size, model)).toBeLessThanOrEqual(megabytes * 2 ** 20);
      return tile.reduce((share, side, axis) => share * (1 - (2 * model.halo[axis]) / Math.min(side, size[axis])), 1);
    });
    expect(kept[1]).toBeGreaterThan(kept[0]);
    expect(kept[2]).toBeGreaterThan(kept[1]);
  });

  it('says what would fit', () => {
    expect(() => chooseVolumeTile(size, model, { bytes: 2 ** 20 })).toThrow(
      /got 1 MB for tiles, wanted at least \d+ MB for tiles of 17 x 17 x 9 \(x, y, z\); allow more with --memory/,
    );
  });

  it('gives models that look at the whole volume the whole depth', () => {
    expect(chooseVolumeTile(size, { ...model, halo: null }, { bytes: 2 ** 32 })[0]).toBe(128);
    expect(() => chooseVolumeTile(size, { ...model, halo: null }, { bytes: 2 ** 22 })).toThrow('16 x 16 x 128');
  });
});

import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createImage, type Image } from '@lacuna/core';
import { createZarrStream, readFrames, readImage, writeZarr } from '../src/index.js';
import { planLevels } from '../src/formats/zarr/levels.js';
import { zarrPython } from './zarr-python.js';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'lacuna-zarr-levels-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const pixelSize = { x: 0.1, y: 0.1, z: 0.2, unit: 'um' } as const;
const size = { width: 58, height: 45, depth: 6 } as const;

function noise(channels: number, top: number, seed = 0): Image {
  const { width, height, depth } = size;
  return createImage({
    data: Float32Array.from(
      { length: width * height * depth * channels },
      (_, i) => (Math.imul(i + 1 + seed, 2654435761) >>> 8) & top,
    ),
    ...size,
    channels,
    dataRange: [0, top],
    pixelSize,
  });
}

interface Multiscale {
  readonly datasets: readonly { readonly path: string; readonly coordinateTransformations: readonly object[] }[];
}

/** What a store says of its levels; with `only`, it is told that one level is all. */
function multiscaleOf(path: string, only?: number): Multiscale {
  const v3 = existsSync(join(path, 'zarr.json'));
  const file = join(path, v3 ? 'zarr.json' : '.zattrs');
  const json = JSON.parse(readFileSync(file, 'utf8')) as { attributes: { ome: { multiscales: Multiscale[] } } };
  const told = v3 ? json.attributes.ome : (json as unknown as { multiscales: Multiscale[] });
  const [all] = told.multiscales;
  if (only !== undefined) {
    told.multiscales = [{ ...all, datasets: [all.datasets[only]] }];
    writeFileSync(file, JSON.stringify(json));
  }
  return all;
}

/** A level as our own reader sees it. */
async function levelOf(path: string, k: number): Promise<Image[]> {
  const file = join(path, existsSync(join(path, 'zarr.json')) ? 'zarr.json' : '.zattrs');
  const text = readFileSync(file);
  multiscaleOf(path, k);
  try {
    return await readFrames(path);
  } finally {
    writeFileSync(file, text);
  }
}

/** Means of blocks of 2 voxels along the axes that are halved, written down plainly. */
function blockMeans(fine: Image, to: Image, round: boolean): Float32Array {
  const by = [fine.depth, fine.height, fine.width].map((length, axis) =>
    Math.floor(length / [to.depth, to.height, to.width][axis]) >= 2 ? 2 : 1,
  );
  const out = new Float32Array(to.data.length);
  for (let i = 0; i < out.length; i++) {
    const c = i % to.channels;
    const x = Math.floor(i / to.channels) % to.width;
    const y = Math.floor(i / to.channels / to.width) % to.height;
    const z = Math.floor(i / to.channels / to.width / to.height);
    let sum = 0;
    for (let dz = 0; dz < by[0]; dz++)
      for (let dy = 0; dy < by[1]; dy++)
        for (let dx = 0; dx < by[2]; dx++) {
          const plane = (z * by[0] + dz) * fine.height + y * by[1] + dy;
          sum += fine.data[(plane * fine.width + x * by[2] + dx) * fine.channels + c];
        }
    const mean = sum / (by[0] * by[1] * by[2]);
    out[i] = round ? Math.round(mean) : mean;
  }
  return out;
}

describe('levels of an OME-Zarr', () => {
  it('halve x and y, and z once its voxels are no coarser', () => {
    const lengths = (levels: ReturnType<typeof planLevels>) =>
      levels.map(({ width, height, depth }) => [width, height, depth]);
    expect(lengths(planLevels({ width: 90, height: 71, depth: 6 }, { ...pixelSize, z: 0.25 }, 16))).toEqual([
      [90, 71, 6],
      [45, 35, 6],
      [22, 17, 6],
      [11, 8, 3],
    ]);
    const cube = { width: 1000, height: 1000, depth: 1000 };
    expect(lengths(planLevels(cube, { x: 1, y: 1, z: 1, unit: 'nm' }, 256))).toEqual([
      [1000, 1000, 1000],
      [500, 500, 500],
      [250, 250, 250],
    ]);
    // Nobody says how far the planes lie apart: their number is kept.
    expect(lengths(planLevels({ ...cube, width: 300 }, null, 256)).at(-1)).toEqual([75, 250, 1000]);
    // What cannot be halved ends it.
    expect(planLevels({ width: 1, height: 1, depth: 999 }, pixelSize, 256)).toHaveLength(1);
    expect(planLevels({ width: 256, height: 256, depth: 1 }, null, 256)).toHaveLength(1);
  });

  it.each([
    ['0.5', 'uint16', 65535, 32],
    ['0.4', 'uint8', 255, 21],
    ['0.5', 'float32', 65535, 256],
  ] as const)('%s, %s: each is the block mean of the one before', async (version, type, top, chunk) => {
    const path = join(folder, `means-${version}-${type}.zarr`);
    const original = noise(2, top);
    await writeZarr(path, original, { type, version, chunk, smallest: 16 });
    expect((await readImage(path)).data).toEqual(original.data);
    let [before] = await levelOf(path, 0);
    const { datasets } = multiscaleOf(path);
    expect(datasets.map((level) => level.path)).toEqual(['0', '1', '2']);
    for (let k = 1; k < 3; k++) {
      const [level] = await levelOf(path, k);
      expect(level.data, `level ${k}`).toEqual(blockMeans(before, level, type !== 'float32'));
      before = level;
    }
    expect(before).toMatchObject({ width: 14, height: 11, depth: 3, channels: 2 });
    expect(before.pixelSize).toEqual({ x: 0.4, y: 0.4, z: 0.4, unit: 'um' });
  });

  it('of several time points each have their own, and what nobody wrote is no file', async () => {
    const path = join(folder, 'film.zarr');
    const options = { ...size, frames: 3, channels: 2, type: 'uint16', pixelSize, chunk: 32, smallest: 30 } as const;
    const stream = createZarrStream(path, options);
    const plane = size.width * size.height * 2;
    // The middle time point stays empty.
    for (const t of [0, 2])
      for (let z = 0; z < size.depth; z++)
        await stream.writeRegion({ t, z }, noise(2, 65535, t).data.subarray(z * plane, (z + 1) * plane));
    await stream.finish();
    const fine = await readFrames(path);
    expect(fine).toHaveLength(3);
    const coarse = await levelOf(path, 1);
    for (const t of [0, 1, 2]) expect(coarse[t].data).toEqual(blockMeans(fine[t], coarse[t], true));
    expect(readdirSync(join(path, '1', 'c')).sort()).toEqual(['0', '2']);
  });

  it('leaves nothing behind where a level cannot be made', async () => {
    const path = join(folder, 'cut.zarr');
    const stream = createZarrStream(path, { ...size, type: 'uint8', pixelSize, smallest: 32 });
    for (let z = 0; z < size.depth; z++)
      await stream.writeRegion({ z }, new Float32Array(size.width * size.height).fill(7));
    const [temporary] = readdirSync(folder).filter((name) => name.startsWith('cut.zarr'));
    writeFileSync(join(folder, temporary, '0', 'c', '0', '2', '0', '0'), 'no chunk');
    await expect(stream.finish()).rejects.toThrow(/cut\.zarr/);
    await stream.abandon();
    expect(readdirSync(folder).filter((name) => name.startsWith('cut.zarr'))).toEqual([]);
  });
});

describe.skipIf(!zarrPython)(
  `zarr-python${zarrPython ? '' : ' (skipped: LACUNA_PYTHON names no Python with zarr 3)'}`,
  () => {
    it('reads every level as the block means of the first, where the transformations put it', async () => {
      const paths = (['0.4', '0.5'] as const).map((version) => join(folder, `python-${version}.zarr`));
      for (const [k, version] of (['0.4', '0.5'] as const).entries())
        await writeZarr(paths[k], noise(1, 65535), { type: 'float32', version, chunk: 32, smallest: 16 });
      const script = `
import json, sys
import numpy as np, zarr
out = []
for path in sys.argv[1:]:
    group = zarr.open_group(path, mode='r')
    multiscale = (group.attrs['ome'] if 'ome' in group.attrs else group.attrs)['multiscales'][0]
    first = group['0'][:].astype(float)
    levels = []
    for dataset in multiscale['datasets']:
        values = group[dataset['path']][:]
        steps = {step['type']: np.array(step[step['type']]) for step in dataset['coordinateTransformations']}
        scale, shift = steps['scale'], steps.get('translation', np.zeros(4))
        span = np.rint(scale / np.array([1, 0.2, 0.1, 0.1])).astype(int)
        blocks = first[:, :values.shape[1] * span[1], :values.shape[2] * span[2], :values.shape[3] * span[3]]
        blocks = blocks.reshape(1, values.shape[1], span[1], values.shape[2], span[2], values.shape[3], span[3])
        # The centre of the first block of voxels, whose own centres lie at multiples of their size.
        centre = (span - 1) / 2 * np.array([1, 0.2, 0.1, 0.1])
        levels.append({'shape': list(values.shape), 'span': span.tolist(),
            'far': float(abs(blocks.mean((2, 4, 6)) - values).max()), 'off': float(abs(centre - shift).max())})
    out.append(levels)
print(json.dumps(out))`;
      const read = JSON.parse(execFileSync(zarrPython!, ['-c', script, ...paths], { encoding: 'utf8' })) as {
        shape: number[];
        span: number[];
        far: number;
        off: number;
      }[][];
      for (const levels of read) {
        expect(levels.map(({ shape, span }) => [shape, span])).toEqual([
          [
            [1, 6, 45, 58],
            [1, 1, 1, 1],
          ],
          [
            [1, 6, 22, 29],
            [1, 1, 2, 2],
          ],
          [
            [1, 3, 11, 14],
            [1, 2, 4, 4],
          ],
        ]);
        // Two roundings to float32 of values up to 65535.
        expect(Math.max(...levels.map(({ far }) => far))).toBeLessThan(0.01);
        expect(Math.max(...levels.map(({ off }) => off))).toBeLessThan(1e-12);
      }
    });
  },
);

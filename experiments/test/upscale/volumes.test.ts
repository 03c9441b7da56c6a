import { join } from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import { createZarrStream, enlarge, openImage, readFrames, readImage, writeTiff } from '@lacuna/datasets';
import { loadModel, openEngine } from '@lacuna/models';
import { defaultOptions, type UpscaleOptions } from '../../src/upscale/options.js';
import { UpscaleProgress } from '../../src/upscale/progress.js';
import { upscale } from '../../src/upscale/upscale.js';
import { newFolder, picture, writeModel } from './fixtures.js';

/** Factor 2 in the plane, 1 along z. */
const factor = [1, 2, 2];
const voxels = { x: 0.2, y: 0.2, z: 0.4, unit: 'um' } as const;
const model = { name: 'fsrcnn', d: 8, s: 4, m: 1, upsampler: 'shuffle', skip: 'bilinear' } as const;

let folder: string;
let lines: string[];
const at = (name: string): string => join(folder, name);
const run = (input: string, output: string, options: Partial<UpscaleOptions> = {}) => {
  const progress = (total: number) => {
    const silent = new UpscaleProgress(total, null);
    silent.print = (line) => lines.push(line);
    return silent;
  };
  const all = { ...defaultOptions, device: 'cpu', ...options } as const;
  return upscale(at('best.safetensors'), at(input), at(output), all, { print: (line) => lines.push(line), progress });
};
const furthest = (a: Float32Array, b: Float32Array): number =>
  a.reduce((most, value, i) => Math.max(most, Math.abs(value - b[i])), 0);
const bytesOf = { depth: 24, width: 40, height: 30, dataRange: [0, 255] as const };
const stack = (more: object = {}) => picture({ ...bytesOf, pixelSize: voxels, ...more });

beforeEach(() => {
  folder = newFolder();
  lines = [];
  writeModel(at('best.safetensors'), { model, factor, pixelSize: { x: 0.1, y: 0.1, z: 0.4, unit: 'um' } });
});

describe('a stack through a model of volumes', () => {
  it('comes out as the whole volume does in training, with voxels by axis', async () => {
    const input = stack({ width: 64, height: 64, depth: 70 });
    writeTiff(at('in.ome.tif'), input, { type: 'float32', metadata: 'ome' });
    await run('in.ome.tif', 'out.ome.tif', { levels: 'model' });
    const sr = await readImage(at('out.ome.tif'));
    expect(sr).toMatchObject({ width: 128, height: 128, depth: 70 });
    expect(sr.pixelSize).toMatchObject({ z: 0.4, unit: 'um' });
    expect(sr.pixelSize!.x).toBeCloseTo(0.1, 6);
    const loaded = await loadModel(at('best.safetensors'), { engine: await openEngine(), tile: [70, 64, 64] });
    const whole = await loaded.predict({ ...input, data: input.data.map((value) => value / 255) });
    loaded.dispose();
    expect(
      furthest(
        whole.data,
        sr.data.map((value) => value / 255),
      ),
    ).toBeLessThan(1e-4);
    expect(lines.join('\n')).toContain('x2, 1 channel');
    expect(lines.join('\n')).not.toContain('trained on');
  });

  it('grows along z as the factor says', async () => {
    writeModel(at('best.safetensors'), { model, factor: [3, 1, 1], pixelSize: { x: 0.2, y: 0.2, z: 0.2, unit: 'um' } });
    writeTiff(at('in.ome.tif'), stack({ pixelSize: { x: 0.2, y: 0.2, z: 0.6, unit: 'um' } }), {
      type: 'uint8',
      metadata: 'ome',
    });
    await run('in.ome.tif', 'out.ome.tif');
    const sr = await openImage(at('out.ome.tif'));
    await sr.close();
    expect(sr).toMatchObject({ width: 40, height: 30, depth: 72, dtype: 'uint8' });
    expect(sr.pixelSize!.z).toBeCloseTo(0.2, 6);
    expect(lines.join('\n')).not.toContain('trained on');
  });

  it('goes time point by time point and channel by channel', async () => {
    const [one, two] = [stack(), stack({ width: 40 })];
    two.data.reverse();
    const stream = createZarrStream(at('in.zarr'), {
      ...bytesOf,
      frames: 2,
      channels: 2,
      type: 'uint8',
      pixelSize: voxels,
    });
    for (let t = 0; t < 2; t++) {
      for (let z = 0; z < 24; z++) {
        const both = new Float32Array(2 * 1200);
        for (let i = 0; i < 1200; i++) {
          both[2 * i] = (t === 0 ? one : two).data[z * 1200 + i];
          both[2 * i + 1] = (t === 0 ? two : one).data[z * 1200 + i];
        }
        await stream.writeRegion({ t, z }, both);
      }
    }
    await stream.finish();
    writeTiff(at('one.tif'), one, { type: 'uint8' });
    await run('in.zarr', 'out.zarr');
    await run('one.tif', 'one-out.tif');
    const alone = await readImage(at('one-out.tif'));
    const [first, second] = await readFrames(at('out.zarr'));
    expect(first).toMatchObject({ width: 80, height: 60, depth: 24, channels: 2 });
    expect(
      furthest(
        first.data.filter((_, i) => i % 2 === 0),
        alone.data,
      ),
    ).toBe(0);
    expect(
      furthest(
        second.data.filter((_, i) => i % 2 === 1),
        alone.data,
      ),
    ).toBe(0);
  });

  it('is held to the fine volume as a volume', async () => {
    const input = stack();
    writeTiff(at('in.ome.tif'), input, { type: 'uint8', metadata: 'ome' });
    writeTiff(at('hr.ome.tif'), enlarge(input, 2, 'bicubic'), { type: 'float32', metadata: 'ome' });
    const [{ comparison }] = await run('in.ome.tif', 'out.ome.tif', { compare: at('hr.ome.tif') });
    expect(comparison!.bicubic['psnr']).toBeGreaterThan(40);
    expect(comparison!.sr['psnr']).toBeGreaterThan(0);
    expect(comparison!.sr['psnr']).toBeLessThan(comparison!.bicubic['psnr']!);
  });
});

describe('what a model of volumes cannot take is said before it starts', () => {
  it('planes, and stacks thinner than its reach', async () => {
    writeTiff(at('plane.tif'), stack({ depth: 1, pixelSize: null }), { type: 'uint8' });
    await expect(run('plane.tif', 'out.tif')).rejects.toThrow(
      /wanted a stack: .* takes volumes; give the stack as one/,
    );
    writeTiff(at('thin.tif'), stack({ depth: 3 }), { type: 'uint8' });
    await expect(run('thin.tif', 'out.tif')).rejects.toThrow(/wanted at least \d+ x \d+ x \d+ \(x, y, z\)/);
  });

  it('too little memory, with what would fit', async () => {
    writeTiff(at('in.tif'), stack(), { type: 'uint8' });
    await expect(run('in.tif', 'out.tif', { memory: 2 ** 20 })).rejects.toThrow(
      /memory: got 0 MB for tiles, wanted at least \d+ MB for tiles of \d+ x \d+ x \d+ \(x, y, z\)/,
    );
  });

  it('orientations, and models of planes beside it', async () => {
    writeTiff(at('in.tif'), stack(), { type: 'uint8' });
    await expect(run('in.tif', 'out.tif', { selfEnsemble: true })).rejects.toThrow('--self-ensemble: got');
    writeModel(at('planar.safetensors'), { factor: 2 });
    await expect(run('in.tif', 'out.tif', { uncertainty: [at('planar.safetensors')] })).rejects.toThrow(
      /volumes and .* of planes, wanted models that see the same/,
    );
  });

  it('another distance of planes than it was trained on', async () => {
    writeTiff(at('in.ome.tif'), stack({ pixelSize: { ...voxels, z: 0.8 } }), { type: 'uint8', metadata: 'ome' });
    await run('in.ome.tif', 'out.ome.tif');
    expect(lines.join('\n')).toContain('planes lie 4 times as far apart as pixels; the model was trained on 2 times');
  });
});

import { createHash } from 'node:crypto';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { createImage, cropImage, type Image } from '@lacuna/core';
import { dataSpec, fetchEntry, loadSource, registryEntry } from '../src/index.js';
import { joinCrops, type Crop } from '../src/sources/rock-pair.js';

const pixelSize = { x: 6, y: 6, z: 6, unit: 'um' } as const;
const how = { scale: 1, pixelSize, name: 'rock-pair' };

/** The thirty crops of a volume in which every voxel has a value of its own. */
function cropped(): { volume: Image; crops: Crop[] } {
  const [width, height, depth] = [210, 60, 30];
  const data = Float32Array.from({ length: width * height * depth }, (_, i) => i);
  const volume = createImage({ data, width, height, depth, dataRange: [0, data.length], name: 'rock' });
  const crops = Array.from({ length: 30 }, (_, i) => ({
    number: i + 1,
    image: cropImage(volume, { x: 15 * (i % 13), y: 15 * Math.floor(i / 13), z: 0, width: 30, height: 30, depth: 30 }),
  }));
  return { volume, crops };
}

describe('crops of rock-pair', () => {
  it('are the volume again that they were cut from', () => {
    const { volume, crops } = cropped();
    const joined = joinCrops(crops, how);
    const wanted = cropImage(volume, { x: 0, y: 0, z: 0, width: 210, height: 45, depth: 30 });
    expect(joined.data).toEqual(wanted.data);
    expect(joined).toMatchObject({ width: 210, height: 45, depth: 30, pixelSize, name: 'rock-pair' });
  });

  it('are refused where overlaps differ, crops lack or have another size', () => {
    const { crops } = cropped();
    const [first, second, ...rest] = crops;
    const data = second.image.data.slice();
    data[0] += 1;
    const changed = { ...second, image: { ...second.image, data } };
    expect(() => joinCrops([first, changed, ...rest], how)).toThrow(
      'rock-pair, crop 2: got 1 voxels other than in the crops beside it, ' +
        'wanted crops of one volume, whose overlaps agree exactly',
    );
    expect(() => joinCrops(rest, how)).toThrow('rock-pair: got 28 crops that leave gaps, wanted all of them');
    expect(() => joinCrops(crops, { ...how, scale: 3 })).toThrow(
      'rock-pair, crop 1: got 30 x 30 x 30, wanted 90 x 90 x 90',
    );
  });

  it('are asked for where upstream has them', async () => {
    const asked: string[] = [];
    const server = createServer((request, response) => {
      asked.push(request.url ?? '');
      response.writeHead(404).end();
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const host = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    const cache = mkdtempSync(join(tmpdir(), 'lacuna-rock-'));
    try {
      for (const name of ['LR/1.tif', 'HR/30.tif'])
        await expect(fetchEntry('rock-pair', { mirror: '', cache, host }, [name])).rejects.toThrow('HTTP status 404');
    } finally {
      server.close();
      rmSync(cache, { recursive: true, force: true });
    }
    const root = '/sci-sjj/EDSRmodelling/2e8190731bc2e26e6e8ce701756b4376aab180ca/3D_EDSR/Mini_data';
    expect(asked).toEqual([`${root}/TRAIN/LR/1.tif`, `${root}/TEST/HR/30.tif`]);
  });
});

const mirror = process.env['LACUNA_DATA'] ?? '';
const isThere = mirror !== '' && existsSync(join(mirror, 'rock-pair'));
describe.skipIf(!isThere)(`rock-pair${isThere ? '' : ' (skipped: LACUNA_DATA has no folder rock-pair)'}`, () => {
  const load = (spec: object) => loadSource(dataSpec.parse({ source: 'rock-pair', ...spec }), { baseDir: '.', mirror });

  it('is one volume measured twice, pores bright', async () => {
    const { images, lr, residual, description } = await load({ align: false });
    expect(images[0]).toMatchObject({ width: 630, height: 135, depth: 90, dataRange: [0, 255] });
    expect(lr![0]).toMatchObject({ width: 210, height: 45, depth: 30, pixelSize });
    expect([images[0].pixelSize?.z, registryEntry('rock-pair').defaults.invert]).toEqual([2, true]);
    const digest = createHash('sha256').update(Uint8Array.from(lr![0].data)).digest('hex');
    expect(digest).toBe('eef92357e634a37ef097eba9012a5ce0e3619bf6e2cd43ff776649313cc8406f');
    // As it lies, the coarse scan is off by most of a voxel of its own.
    expect(residual).toBeGreaterThan(1.5);
    expect(description).toContain('not registered: residual 1.78 HR voxels');
  });

  it('is registered: pixel sizes not quite 3 apart, an offset along x that slides by two HR voxels', async () => {
    const { images, lr, residual, description } = await load({});
    const [image] = images;
    const [scan] = lr!;
    expect([image.width, image.height, image.depth]).toEqual([3 * scan.width, 3 * scan.height, 3 * scan.depth]);
    expect([scan.width, scan.height, scan.depth]).toEqual([208, 44, 29]);
    expect(residual).toBeLessThan(0.2);
    // From two independent fits of slabs along x (NumPy): -1.73 HR voxels at x 16, +0.99 at x 208.
    expect(description).toMatch(
      /shift x -0\.1[89]\d, y -0\.3[23]\d, z -0\.4[12]\d LR voxels; scale x 1\.004[34], y 1\.005[12], z 1\.004[89]/,
    );
    expect(description).toMatch(
      /gain 0\.99\d, offset .* noise 3\.\d\d; blur between the two: sigma x 3\.5\d, y 3\.4\d, z 3\.2\d/,
    );
  });
});

import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createImage } from '@lacuna/core';
import { zipSync } from 'fflate';
import { beforeAll, describe, expect, it } from 'vitest';
import { openZarrStore } from '../src/formats/zarr/open.js';
import { writeZarr } from '../src/formats/zarr/write.js';
import { zipStore } from '../src/formats/zarr/zip-store.js';
import { zipFolder } from './zip-folder.js';

const path = join(mkdtempSync(join(tmpdir(), 'lacuna-zip-')), 'scan.ome.zarr');
const [width, height, depth] = [9, 7, 2];
const data = Float32Array.from({ length: width * height * depth }, (_, i) => i);
const marks = (...folders: string[]) =>
  zipSync(Object.fromEntries(folders.map((folder) => [`${folder}zarr.json`, new Uint8Array(2)])));

describe('an OME-Zarr in a zip', () => {
  beforeAll(() =>
    writeZarr(path, createImage({ data, width, height, depth, dataRange: [0, 65_535] }), { type: 'uint16', chunk: 4 }),
  );

  it.each([
    ['stored, in a folder of the zip', { level: 0 }, 'scan.ome.zarr'],
    ['deflated, at its root', { level: 6, isRooted: true }, 'given.zarr'],
  ] as const)('%s is read as its folder', async (_, how, name) => {
    const image = openZarrStore(await zipStore('given.zarr.zip', zipFolder(path, how)));
    expect(image).toMatchObject({ name, width, height, depth, dtype: 'uint16' });
    expect(await image.readRegion({ z: 1 })).toEqual(data.subarray(width * height));
  });

  it('is refused in one line where it is not there, not alone, or damaged', async () => {
    const refused = (bytes: Uint8Array) => expect(zipStore('given.zip', bytes)).rejects;
    await refused(zipSync({ 'a.tif': new Uint8Array(4) })).toThrow(
      /^given\.zip: got a zip that holds no OME-Zarr, wanted one image: an OME-Zarr, .*; take an image out of it/,
    );
    await refused(marks('a.zarr/', 'b.zarr/')).toThrow(
      /^given\.zip: got a zip of 2: a\.zarr, b\.zarr, wanted one image: .*; give one of them by itself$/,
    );
    // The arrays of a store, and what macOS puts beside it, are no stores of their own.
    expect((await zipStore('given.zip', marks('a.zarr/', 'a.zarr/0/', '__MACOSX/'))).name).toBe('a.zarr');
    await refused(zipFolder(path).subarray(0, 500)).toThrow(/^given\.zip: got a damaged or truncated zip/);
  });

  it('is refused where it says that it unpacks to more than memory holds', async () => {
    const bomb = zipFolder(path, { isRooted: true });
    const view = new DataView(bomb.buffer, bomb.byteOffset);
    const directory = bomb.findLastIndex((_, i) => i + 4 <= bomb.length && view.getUint32(i, true) === 0x02014b50);
    // The size of its last file, uncompressed.
    view.setUint32(directory + 24, 0x90000000, true);
    await expect(zipStore('bomb.zip', bomb)).rejects.toThrow(
      /^bomb\.zip: got a zip that unpacks to more than 2 GB, .*; unpack it, and give the folder/,
    );
  });
});

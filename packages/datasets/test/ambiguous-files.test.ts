import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import sharp from 'sharp';
import { afterAll, describe, expect, it } from 'vitest';
import { createImage } from '@lacuna/core';
import { openImage, readImage, writePng } from '../src/index.js';
import { tiffBytes, type TestTiff } from './tiff-file.js';

const folder = mkdtempSync(join(tmpdir(), 'lacuna-ambiguous-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Pages of 4 x 3 pixels of 16 bits; all values of page i are 100 i. */
const pages = (count: number) => Array.from({ length: count }, (_, i) => new Uint16Array(12).fill(100 * i));
const put = (name: string, file: Partial<TestTiff>): string => {
  writeFileSync(join(folder, name), tiffBytes({ width: 4, height: 3, bits: 16, pages: pages(1), ...file }));
  return join(folder, name);
};
interface Pixels {
  readonly z?: number;
  readonly attributes?: string;
  readonly inside?: string;
  readonly order?: string;
  readonly type?: string;
  readonly width?: number;
}
const ome = ({ z = 1, attributes = '', inside = '', order = 'XYZCT', type = 'uint16', width = 4 }: Pixels): string =>
  `<OME><Image ID="Image:0"><Pixels DimensionOrder="${order}" Type="${type}" SizeX="${width}" SizeY="3" SizeZ="${z}" ` +
  `SizeC="1" SizeT="1" ${attributes}>${inside}</Pixels></Image></OME>`;
const notesOf = async (path: string): Promise<readonly string[]> => {
  const image = await openImage(path);
  await image.close();
  return image.notes;
};

describe("tifffile's names of axes go before its guess of colours", () => {
  /** Samples 0, 1, 2, ... of each pixel, which tifffile calls RGB(A) where three or four slices are saved. */
  const samples = (count: number) => ({
    samples: count,
    photometric: 2,
    pages: [new Uint16Array(12 * count).map((_, i) => i % count)],
  });
  const described = (axes: string, shape: readonly number[]) => ({ description: JSON.stringify({ shape, axes }) });

  it('slices and time points that lie in the samples of a pixel are slices and time points', async () => {
    const slices = await openImage(put('zyx.tif', { ...samples(4), ...described('ZYX', [4, 3, 4]) }));
    expect(slices).toMatchObject({ depth: 4, frames: 1, channels: 1, axes: 'zyx', notes: [] });
    for (let z = 0; z < 4; z++)
      expect([...(await slices.readRegion({ z, x: 1, width: 2, height: 1 }))], `slice ${z}`).toEqual([z, z]);
    const film = await openImage(put('tyx.tif', { ...samples(3), ...described('TYX', [3, 3, 4]) }));
    expect(film).toMatchObject({ depth: 1, frames: 3, channels: 1, axes: 'tyx', notes: [] });
    expect([...(await film.readRegion({ t: 2, width: 1, height: 1 }))]).toEqual([2]);
    const strange = await openImage(put('qyx.tif', { ...samples(3), ...described('QYX', [3, 3, 4]) }));
    expect(strange).toMatchObject({ depth: 3, channels: 1, notes: ['axis named Q taken as z'] });
  });

  it('the fourth of four channels is no alpha; of RGBA it is', async () => {
    const channels = await openImage(put('cyx.tif', { ...samples(4), ...described('CYX', [4, 3, 4]) }));
    expect(channels).toMatchObject({ channels: 4, notes: [] });
    expect([...(await channels.readRegion({ width: 1, height: 1 }))]).toEqual([0, 1, 2, 3]);
    const colours = await openImage(put('yxs.tif', { ...samples(4), ...described('YXS', [3, 4, 4]) }));
    expect(colours).toMatchObject({ channels: 3, notes: ['alpha is left out'] });
  });

  it('slices in the samples of several pages keep both axes', async () => {
    const file = {
      ...samples(3),
      pages: [0, 10].map((base) => new Uint16Array(36).map((_, i) => base + (i % 3))),
      ...described('TZYX', [2, 3, 3, 4]),
    };
    const image = await openImage(put('tzyx.tif', file));
    expect(image).toMatchObject({ frames: 2, depth: 3, channels: 1, axes: 'tzyx' });
    expect([...(await image.readRegion({ t: 1, z: 2, width: 1, height: 1 }))]).toEqual([12]);
  });

  it.each([
    ['XYZ', [4, 3, 4]],
    ['ZXY', [4, 3, 4]],
  ])('pages that do not lie as Y by X are refused: %s', async (axes, shape) => {
    const path = put('turned.tif', { pages: pages(4), ...described(axes, shape) });
    await expect(openImage(path)).rejects.toThrow(`got axes ${axes} of an array of 4 x 3 x 4, whose pages are `);
  });
});

describe('OME-XML that does not fit its pages', () => {
  it.each([
    ['another size', { z: 2, width: 8 }, 'got pages of 4 x 3 where OME-XML announces 8 x 3'],
    [
      'two pages for one plane',
      { z: 2, inside: '<TiffData IFD="0"/><TiffData IFD="1"/>' },
      'got OME-XML whose TiffData give a page to 1 of 2 planes',
    ],
  ])('is refused: %s', async (_, pixels, message) => {
    await expect(openImage(put('misfit.ome.tif', { pages: pages(2), description: ome(pixels) }))).rejects.toThrow(
      message,
    );
  });

  it('an order of axes that nobody knows matters where there are two of them', async () => {
    const one = put('order.ome.tif', { pages: pages(2), description: ome({ z: 2, order: 'ZYX' }) });
    expect(await openImage(one)).toMatchObject({ depth: 2, notes: [] });
    const two = ome({ z: 2, order: 'XYZTQ' }).replace('SizeC="1"', 'SizeC="2"');
    await expect(openImage(put('orders.ome.tif', { pages: pages(4), description: two }))).rejects.toThrow(
      'got the order of axes "XYZTQ" in OME-XML',
    );
  });

  it('another type of values is said', async () => {
    const path = put('type.ome.tif', { description: ome({ type: 'int16' }) });
    expect(await notesOf(path)).toEqual(['the description says int16, the pages hold uint16: read as these']);
    expect(await notesOf(put('same.ome.tif', { description: ome({}) }))).toEqual([]);
  });

  it('a description that lies in another file is said; several pages are not guessed', async () => {
    const description = '<OME UUID="urn:uuid:1"><BinaryOnly MetadataFile="set.companion.ome" UUID="urn:uuid:2"/></OME>';
    expect(await notesOf(put('binary-only.ome.tif', { description }))).toEqual([
      'axes and pixel size are described in another file, which is not read: set.companion.ome',
    ]);
    await expect(openImage(put('binary-onlys.ome.tif', { pages: pages(2), description }))).rejects.toThrow(
      'got 2 pages that are described in another file (set.companion.ome)',
    );
  });
});

describe('pixel sizes that are half said', () => {
  it.each([
    ['a comma', 'PhysicalSizeX="0,1"', null, ['pixel size along x unknown: what the file says is no number']],
    ['y alone', 'PhysicalSizeY="0.1"', null, ['pixel size left out: the file does not say it along x']],
    [
      'x alone',
      'PhysicalSizeX="0.1"',
      { x: 0.1, y: 0.1, unit: 'um' },
      ['pixel size along y taken as that along x: the file does not say it'],
    ],
  ])('in OME-XML: %s', async (_, attributes, pixelSize, notes) => {
    expect(await openImage(put('half.ome.tif', { description: ome({ attributes }) }))).toMatchObject({
      pixelSize,
      notes,
    });
  });

  it.each([
    ['inches of 0.1 µm', 254_000, 2, 0.1],
    ['centimetres of 0.1 µm', 100_000, 3, 0.1],
    ['millimetres of tifffile', 2000, 4, 0.5],
    ['micrometres of tifffile', 10, 5, 0.1],
  ])('resolutions are read in their own unit: %s', async (_, resolution, resolutionUnit, x) => {
    const image = await openImage(put('resolution.tif', { resolution, resolutionUnit }));
    expect(image).toMatchObject({ pixelSize: { x, y: x, unit: 'um' }, notes: [] });
  });

  it('resolutions of screens and printers are none; what may be one is left out, which is said', async () => {
    for (const [resolution, resolutionUnit] of [
      [72, 2],
      [300, 2],
      [118.11, 3],
      [28.346, 3],
    ])
      expect(await openImage(put('screen.tif', { resolution, resolutionUnit })), String(resolution)).toMatchObject({
        pixelSize: null,
        notes: [],
      });
    const scan = await openImage(put('ct.tif', { resolution: 500, resolutionUnit: 3 }));
    expect(scan.pixelSize).toBeNull();
    expect(scan.notes).toEqual([
      'pixel size left out: 500 pixels a cm, which would be 20 µm a pixel; where it is one, give it yourself',
    ]);
  });

  /** An OME-Zarr of one uncompressed chunk. */
  const zarr = (name: string, multiscale: Record<string, unknown>): string => {
    const path = join(folder, name);
    mkdirSync(join(path, '0/c/0'), { recursive: true });
    const array = {
      zarr_format: 3,
      node_type: 'array',
      shape: [3, 4],
      data_type: 'uint8',
      chunk_grid: { name: 'regular', configuration: { chunk_shape: [3, 4] } },
      chunk_key_encoding: { name: 'default' },
      fill_value: 0,
      codecs: [{ name: 'bytes' }],
    };
    const axes = ['y', 'x'].map((axis) => ({ name: axis, type: 'space', unit: 'micrometer' }));
    const attributes = { ome: { version: '0.5', multiscales: [{ axes, datasets: [{ path: '0' }], ...multiscale }] } };
    writeFileSync(join(path, 'zarr.json'), JSON.stringify({ zarr_format: 3, node_type: 'group', attributes }));
    writeFileSync(join(path, '0/zarr.json'), JSON.stringify(array));
    writeFileSync(join(path, '0/c/0/0'), new Uint8Array(12));
    return path;
  };
  const scaled = (path: string, scale: readonly number[]) => ({
    path,
    coordinateTransformations: [{ type: 'scale', scale }],
  });

  it('in OME-Zarr: no unit, a scale that lies elsewhere, a scale of other axes', async () => {
    const bare = ['y', 'x'].map((name) => ({ name, type: 'space' }));
    const open = async (name: string, multiscale: Record<string, unknown>) => {
      const { pixelSize, notes } = await openImage(zarr(name, multiscale));
      return [pixelSize, notes[0]];
    };
    expect(await open('unit.ome.zarr', { axes: bare, datasets: [scaled('0', [0.2, 0.1])] })).toEqual([
      null,
      'pixel size along x unknown: the file says 0.1 without a unit',
    ]);
    const elsewhere = { path: '0', coordinateTransformations: [{ type: 'scale', path: 'scales' }] };
    const unread = 'pixel size along x unknown: what the file says is no number';
    expect(await open('elsewhere.ome.zarr', { datasets: [elsewhere] })).toEqual([null, unread]);
    expect(await open('short.ome.zarr', { datasets: [scaled('0', [0.1])] })).toEqual([null, unread]);
    expect(await open('whole.ome.zarr', { datasets: [scaled('0', [0.1, 0.1])] })).toEqual([
      { x: 0.1, y: 0.1, unit: 'um' },
      undefined,
    ]);
  });

  it('in OME-Zarr whose first level is not the finest: refused', async () => {
    const path = zarr('levels.ome.zarr', { datasets: [scaled('0', [0.2, 0.2]), scaled('1', [0.1, 0.1])] });
    await expect(openImage(path)).rejects.toThrow('got level 1 finer than the first, 0');
  });
});

describe('pictures of other programs', () => {
  it('a colour profile changes no values', async () => {
    const [plain, tagged] = ['plain.png', 'tagged.png'].map((name) => join(folder, name));
    const data = Float32Array.from({ length: 36 }, (_, i) => (i * 53) % 256);
    await writePng(plain, createImage({ data, width: 4, height: 3, channels: 3, dataRange: [0, 255] }), { bits: 8 });
    const wide = await sharp(new Uint8Array(36), { raw: { width: 4, height: 3, channels: 3 } })
      .withIccProfile('p3')
      .png()
      .toBuffer();
    const at = wide.indexOf('iCCP') - 4;
    const profile = wide.subarray(at, at + 12 + wide.readUInt32BE(at));
    const bytes = readFileSync(plain);
    const HEADER = 33;
    writeFileSync(tagged, Buffer.concat([bytes.subarray(0, HEADER), profile, bytes.subarray(HEADER)]));
    expect((await sharp(tagged).metadata()).icc).toBeDefined();
    expect([...(await readImage(tagged)).data]).toEqual([...data]);
  });

  it('inks are refused', async () => {
    const path = join(folder, 'inks.jpg');
    await sharp(new Uint8Array(36), { raw: { width: 4, height: 3, channels: 3 } })
      .toColourspace('cmyk')
      .toFile(path);
    await expect(openImage(path)).rejects.toThrow('inks.jpg: got inks (CMYK), wanted intensities: grey or RGB');
  });
});

it('doubles beyond 32-bit floats are refused as such', async () => {
  const path = put('huge.tif', { bits: 64, format: 3, pages: [new Float64Array(12).fill(1e300)] });
  await expect(readImage(path)).rejects.toThrow('got the value 1e+300, which is beyond 32-bit floats');
});

it.runIf(process.platform !== 'win32')('a pipe or a device is no image, and is not waited for', async () => {
  const pipe = join(folder, 'pipe.tif');
  expect(spawnSync('mkfifo', [pipe]).status).toBe(0);
  await expect(openImage(pipe)).rejects.toThrow('pipe.tif: got a pipe, wanted a file');
  await expect(openImage('/dev/zero')).rejects.toThrow('/dev/zero: got a device or a socket, wanted a file');
});

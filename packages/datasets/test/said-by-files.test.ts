import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { nanometresOf } from '@lacuna/core';
import { createTiffStream, createZarrStream, listImages, openImage, readFrames, readImage } from '../src/index.js';
import { tiffBytes, type TestTiff } from './tiff-file.js';

const folder = mkdtempSync(join(tmpdir(), 'lacuna-said-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Pages of 4 x 3 pixels of 16 bits; all values of page i are 100 i. */
const pages = (count: number) => Array.from({ length: count }, (_, i) => new Uint16Array(12).fill(100 * i));
const put = (name: string, file: Partial<TestTiff>): string => {
  writeFileSync(join(folder, name), tiffBytes({ width: 4, height: 3, bits: 16, pages: pages(1), ...file }));
  return join(folder, name);
};
/** Values of every plane, by time point and z, one a plane and channel. */
const levelsOf = async (path: string): Promise<number[][]> => {
  const image = await openImage(path);
  const found: number[][] = [];
  for (let t = 0; t < image.frames; t++)
    for (let z = 0; z < image.depth; z++) found.push([...(await image.readRegion({ t, z, width: 1, height: 1 }))]);
  await image.close();
  return found;
};
const ome = (sizes: { z?: number; c?: number; t?: number }, inside = '<TiffData/>', attributes = ''): string =>
  '<OME xmlns="http://www.openmicroscopy.org/Schemas/OME/2016-06">' +
  `<Image ID="Image:0"><Pixels DimensionOrder="XYZCT" Type="uint16" SizeX="4" SizeY="3" ` +
  `SizeZ="${sizes.z ?? 1}" SizeC="${sizes.c ?? 1}" SizeT="${sizes.t ?? 1}" ` +
  `${attributes}>` +
  `${inside}</Pixels></Image></OME>`;
const physical = (x: string, unitX: string, z: string, unitZ: string): string =>
  `PhysicalSizeX="${x}" PhysicalSizeXUnit="${unitX}" PhysicalSizeY="${x}" PhysicalSizeYUnit="${unitX}" ` +
  `PhysicalSizeZ="${z}" PhysicalSizeZUnit="${unitZ}"`;

describe('which page is which', () => {
  it('TiffData of OME-XML says it, not the order of the pages', async () => {
    const inside = [0, 1, 2, 3].map((i) => `<TiffData IFD="${i}" FirstZ="${3 - i}" PlaneCount="1"/>`).join('');
    const path = put('reversed.ome.tif', { pages: pages(4), description: ome({ z: 4 }, inside) });
    expect(await levelsOf(path)).toEqual([[300], [200], [100], [0]]);
  });

  it('of several images the first is read, and the others are named', async () => {
    const one = ome({ z: 2 }, '<TiffData IFD="0" PlaneCount="2"/>');
    const image = /<Image.*<\/Image>/.exec(one)![0];
    const two = one.replace('</OME>', `${image.replace('IFD="0"', 'IFD="2"')}</OME>`);
    const path = put('two.ome.tif', { pages: pages(4), description: two });
    expect(await levelsOf(path)).toEqual([[0], [100]]);
    expect((await openImage(path)).notes).toEqual(['image 1 of 2 is read (image 0); not read: image 1']);
  });

  it.each([
    ['OME-XML', ome({ c: 2, t: 5 }), 6, 'got 6 pages where OME-XML announces 5 time points of 1 slices of 2 channels'],
    ['OME-XML of fewer', ome({ z: 2 }), 6, 'got 6 pages where OME-XML announces 2'],
    ['ImageJ', 'ImageJ=1.54f\nimages=10\nchannels=2\nframes=5\n', 6, 'got 6 pages where ImageJ announces 10 images'],
    ['ImageJ of fewer', 'ImageJ=1.54f\nimages=2\nslices=2\n', 6, 'got 6 pages where ImageJ announces 2 images'],
    ['tifffile', '{"shape": [5, 3, 4], "axes": "TYX"}', 6, 'got 6 pages where the description announces an array of'],
  ])('counts of %s that are not those of the pages are refused', async (_, description, count, message) => {
    const path = put('counts.tif', { pages: pages(count), description });
    await expect(openImage(path)).rejects.toThrow(message);
    await expect(openImage(path)).rejects.toThrow('wanted a page for every plane that is announced, and no others');
  });

  it.each([
    ['CYX', [2], { channels: 2, depth: 1, frames: 1, axes: 'cyx' }, [[0, 100]]],
    ['TYX', [2], { channels: 1, depth: 1, frames: 2, axes: 'tyx' }, [[0], [100]]],
    [
      'TZCYX',
      [2, 1, 2],
      { channels: 2, depth: 1, frames: 2, axes: 'tcyx' },
      [
        [0, 100],
        [200, 300],
      ],
    ],
    [
      'CZYX',
      [2, 2],
      { channels: 2, depth: 2, frames: 1, axes: 'czyx' },
      [
        [0, 200],
        [100, 300],
      ],
    ],
  ])("tifffile's JSON names the axes %s", async (axes, sizes, shape, levels) => {
    const count = sizes.reduce((a, b) => a * b, 1);
    const description = JSON.stringify({ shape: [...sizes, 3, 4], axes });
    const path = put('axes.tif', { pages: pages(count), description });
    expect(await openImage(path)).toMatchObject({ ...shape, notes: [] });
    expect(await levelsOf(path)).toEqual(levels);
  });

  it('pages of which nothing is said are slices, which is said', async () => {
    const plain = await openImage(put('plain.tif', { pages: pages(3) }));
    expect(plain).toMatchObject({ depth: 3, frames: 1 });
    expect(plain.notes).toEqual(['3 pages taken as slices along z: the file does not say what they are']);
    const shaped = await openImage(
      put('shaped.tif', { pages: pages(3), description: JSON.stringify({ shape: [3, 3, 4] }) }),
    );
    expect(shaped.notes).toEqual(['axes without names taken as z: 3 slices']);
  });

  it('time stays time: frames of ImageJ, with and without slices', async () => {
    const film = put('film.tif', { pages: pages(4), description: 'ImageJ=1.54f\nimages=4\nframes=4\n' });
    expect(await openImage(film)).toMatchObject({ frames: 4, depth: 1, axes: 'tyx' });
    await expect(readImage(film)).rejects.toThrow('got 4 time points, wanted one');
    expect((await readFrames(film)).map(({ name, depth, data }) => [name, depth, data[0]])).toEqual([
      ['film.tif[0]', 1, 0],
      ['film.tif[1]', 1, 100],
      ['film.tif[2]', 1, 200],
      ['film.tif[3]', 1, 300],
    ]);
    const text = 'ImageJ=1.54f\nimages=8\nslices=4\nframes=2\nhyperstack=true\n';
    const both = put('both.tif', { pages: pages(8), description: text });
    expect(await openImage(both)).toMatchObject({ frames: 2, depth: 4 });
    expect((await readImage(both, { time: 1 })).data[12]).toBe(500);
    await expect(openImage(both, { time: 2 })).rejects.toThrow('got time point 2, wanted 0 to 1');
  });
});

describe('pixel sizes', () => {
  it.each([
    ['a unit for each axis', physical('100', 'nm', '0.3', '&#181;m'), { x: 100, y: 100, z: 300, unit: 'nm' }],
    ['entities', physical('0.1', '&#xb5;m', '0.3', '&#xB5;m'), { x: 0.1, y: 0.1, z: 0.3, unit: 'um' }],
    ['ångströms', physical('1000', 'Å', '3000', 'Å'), { x: 0.1, y: 0.1, z: 0.3, unit: 'um' }],
    ['no unit, which is µm', 'PhysicalSizeX="0.1" PhysicalSizeY="0.2"', { x: 0.1, y: 0.2, unit: 'um' }],
    ['centimetres', physical('0.00001', 'cm', '3', 'pm'), { x: 0.1, y: 0.1, z: 0.000003, unit: 'um' }],
  ])('of OME-XML with %s', async (_, attributes, wanted) => {
    const path = put('sizes.ome.tif', { pages: pages(2), description: ome({ z: 2 }, '<TiffData/>', attributes) });
    expect(await openImage(path)).toMatchObject({ pixelSize: wanted, notes: [] });
  });

  it('a unit that is stated and is no length is said', async () => {
    const attributes = physical('2', 'pixel', '1', 'reference frame');
    const path = put('frame.ome.tif', { pages: pages(2), description: ome({ z: 2 }, '<TiffData/>', attributes) });
    const { pixelSize, notes } = await openImage(path);
    expect(pixelSize).toBeNull();
    expect(notes).toEqual([
      'pixel size along x unknown: 2 pixel, which is no unit of length',
      'pixel size along y unknown: 2 pixel, which is no unit of length',
      'pixel size along z unknown: 1 reference frame, which is no unit of length',
    ]);
  });

  it("ImageJ's unit in Latin-1, its own unit along z, and a spacing that is left out because it is 1", async () => {
    const latin = Buffer.from('ImageJ=1.45s\nimages=4\nslices=4\nunit=\u00b5m\nspacing=0.3\nloop=false\n', 'latin1');
    const one = await openImage(
      put('latin.tif', { pages: pages(4), description: new Uint8Array(latin), resolution: 10 }),
    );
    expect(one).toMatchObject({ pixelSize: { x: 0.1, y: 0.1, z: 0.3, unit: 'um' }, notes: [] });
    const text = 'ImageJ=1.54f\nimages=4\nslices=4\nunit=um\nzunit=nm\nspacing=300\n';
    const two = await openImage(put('zunit.tif', { pages: pages(4), description: text, resolution: 10 }));
    expect(two.pixelSize).toEqual({ x: 0.1, y: 0.1, z: 0.3, unit: 'um' });
    const silent = 'ImageJ=1.54f\nimages=4\nslices=4\nunit=um\n';
    const three = await openImage(put('step.tif', { pages: pages(4), description: silent, resolution: 10 }));
    expect(three.pixelSize).toEqual({ x: 0.1, y: 0.1, z: 1, unit: 'um' });
    expect(three.notes).toEqual(['spacing of planes taken as 1 um: ImageJ leaves out what is 1']);
  });

  it("all of OME's units of length are known", () => {
    const units = 'Ym Zm Em Pm Tm Gm Mm km hm dam m dm cm mm µm nm pm fm am zm ym Å thou li in ft yd mi ua ly pc pt';
    expect(units.split(' ').filter((unit) => nanometresOf(unit) === undefined)).toEqual([]);
    expect(['Å', 'µm', 'Mm', 'mm', 'in', 'angstrom', 'micrometer'].map(nanometresOf)).toEqual([
      0.1, 1e3, 1e15, 1e6, 2.54e7, 0.1, 1e3,
    ]);
    expect([nanometresOf('pixel'), nanometresOf('reference frame')]).toEqual([undefined, undefined]);
  });
});

describe('what the numbers mean', () => {
  it('large whole numbers and doubles keep their values or are refused', async () => {
    const fine = put('fine.tif', { bits: 32, pages: [new Uint32Array(12).fill(2 ** 24)] });
    expect((await readImage(fine)).data[0]).toBe(2 ** 24);
    for (const [name, file] of Object.entries({
      'u32.tif': { bits: 32, pages: [new Uint32Array(12).fill(100_000_003)] },
      'i32.tif': { bits: 32, format: 2, pages: [new Int32Array(12).fill(-100_000_003)] },
      'u64.tif': { bits: 64, pages: [new BigUint64Array(12).fill(2n ** 60n + 1n)] },
      'f64.tif': { bits: 64, format: 3, pages: [new Float64Array(12).fill(100_000_003)] },
    }))
      await expect(readImage(put(name, file)), name).rejects.toThrow('which 32-bit floats do not hold exactly');
    const small = put('i64.tif', { bits: 64, format: 2, pages: [new BigInt64Array(12).fill(-7n)] });
    expect([...(await readImage(small)).data]).toEqual(new Array(12).fill(-7));
    const double = put('double.tif', { bits: 64, format: 3, pages: [new Float64Array(12).map((_, i) => i / 7)] });
    expect((await openImage(double)).notes).toEqual(['64-bit floats are read as 32-bit ones: seven digits']);
  });

  it('a palette is looked up: grey levels, and colours; of ImageJ it is for looking alone', async () => {
    const indices = Uint8Array.from({ length: 12 }, (_, i) => i);
    const grey = Array.from({ length: 256 }, (_, i) => (255 - i) * 257);
    const colourMap = [...grey, ...grey, ...grey];
    const file = { bits: 8, pages: [indices], photometric: 3, colourMap };
    const looked = await openImage(put('grey.tif', file));
    expect(looked).toMatchObject({ channels: 1, dtype: 'uint8', dataRange: [0, 255] });
    expect([...(await looked.readRegion())]).toEqual([...indices].map((i) => 255 - i));
    const zeros = new Array<number>(256).fill(0);
    const red = await readImage(put('red.tif', { ...file, colourMap: [...grey, ...zeros, ...zeros] }));
    expect([red.channels, ...red.data.subarray(0, 3)]).toEqual([3, 255, 0, 0]);
    const imagej = await openImage(put('lut.tif', { ...file, description: 'ImageJ=1.54f\nimages=1\n' }));
    expect([...(await imagej.readRegion())]).toEqual([...indices]);
    expect(imagej.notes).toEqual(["ImageJ's look-up table is left out: values are the intensities"]);
  });

  it('a scale whose zero is white is turned about; floats of that kind are refused', async () => {
    const white = put('white.tif', { bits: 8, pages: [Uint8Array.from({ length: 12 }, (_, i) => i)], photometric: 0 });
    expect([...(await readImage(white)).data.subarray(0, 3)]).toEqual([255, 254, 253]);
    expect((await openImage(white)).notes[0]).toMatch(/^zero is white in this file: values are turned about/);
    const floats = put('white-float.tif', { bits: 32, format: 3, pages: [new Float32Array(12)], photometric: 0 });
    await expect(openImage(floats)).rejects.toThrow('got float32 on a scale whose zero is white');
    await expect(openImage(put('cmyk.tif', { photometric: 5 }))).rejects.toThrow('got inks (CMYK)');
  });

  it("ImageJ's signed 16 bits are signed; orientation and alpha are left out, which is said", async () => {
    const description = 'ImageJ=1.54f\nimages=1\ncf=0\nc0=-32768\nc1=1\n';
    const signed = await openImage(put('signed.tif', { description, pages: [new Uint16Array(12).fill(32769)] }));
    expect(signed).toMatchObject({ dtype: 'int16', dataRange: [-32768, 32767] });
    expect((await signed.readRegion())[0]).toBe(1);
    const alpha = await openImage(put('alpha.tif', { samples: 2, pages: [new Uint16Array(24)], orientation: 6 }));
    expect(alpha).toMatchObject({ channels: 1 });
    expect(alpha.notes).toEqual(['alpha is left out', 'orientation 6 is not applied: rows and columns are as stored']);
  });
});

describe('written files', () => {
  it.each(['time.tif', 'time.ome.tif', 'time.ome.zarr'])('keep time points in %s', async (name) => {
    const path = join(folder, `written-${name}`);
    const options = { width: 4, height: 3, depth: 2, frames: 3, type: 'uint16' } as const;
    const stream = name.endsWith('.zarr') ? createZarrStream(path, options) : createTiffStream(path, options);
    for (let t = 0; t < 3; t++)
      for (let z = 0; z < 2; z++) await stream.writeRegion({ t, z }, new Float32Array(12).fill(10 * t + z));
    await stream.finish();
    expect(await openImage(path)).toMatchObject({ frames: 3, depth: 2, channels: 1, notes: [] });
    expect(await levelsOf(path)).toEqual([[0], [1], [10], [11], [20], [21]]);
    if (name.endsWith('.zarr')) expect(listImages(path)).toEqual([path]);
  });
});

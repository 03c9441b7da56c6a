import { mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createImage, type PixelSize } from '@lacuna/core';
import { encodeTiff, listImages, readImage, sniffKind, writePng, writeTiff } from '../src/index.js';
import { randomImage } from './random-image.js';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'lacuna-formats-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe('writeTiff and readImage', () => {
  it.each([
    ['uint8', { width: 17, height: 13 }, 255],
    ['uint16', { width: 17, height: 13, depth: 5 }, 65535],
    ['float32', { width: 8, height: 9, depth: 2 }, 1],
    ['uint8', { width: 6, height: 5, channels: 3 }, 255],
  ] as const)('keep every %s value of %j', async (type, size, top) => {
    const image = randomImage(size, top);
    const path = join(folder, `round-${type}-${size.width}.tif`);
    for (const compression of ['deflate', 'none'] as const) {
      writeTiff(path, image, { type, compression });
      const kept = await readImage(path);
      expect(kept).toMatchObject(size);
      expect(Buffer.from(kept.data.buffer).equals(Buffer.from(image.data.buffer))).toBe(true);
    }
    const back = await readImage(path);
    if (type !== 'float32') expect(back.dataRange).toEqual([0, top]);
    expect(back.pixelSize).toBeNull();
  });

  it.each<PixelSize>([
    { x: 0.1, y: 0.1, unit: 'um' },
    { x: 0.1, y: 0.2, z: 0.3, unit: 'um' },
    { x: 65, y: 65, unit: 'nm' },
    { x: 0.0195, y: 0.0195, z: 0.0195, unit: 'mm' },
    { x: 6, y: 3, z: 7, unit: 'um' },
  ])('keep the pixel size %j', async (pixelSize) => {
    const path = join(folder, 'pixel-size.tif');
    const image = randomImage({ width: 4, height: 4, depth: pixelSize.z === undefined ? 1 : 2 }, 255, pixelSize);
    writeTiff(path, image, { type: 'uint8', metadata: 'ome' });
    expect((await readImage(path)).pixelSize).toEqual(pixelSize);
    writeTiff(path, image, { type: 'uint8' });
    const back = (await readImage(path)).pixelSize!;
    expect(back.unit).toBe(pixelSize.unit);
    // The resolution is a fraction of six digits.
    for (const axis of ['x', 'y', 'z'] as const)
      if (pixelSize[axis] !== undefined) expect(back[axis]! / pixelSize[axis] - 1).toBeCloseTo(0, 4);
    // Whole numbers are exact: pixels a µm, or µm a pixel.
    if (pixelSize.x === 6) expect(back).toEqual(pixelSize);
  });

  it('say units and names of an OME-TIFF without references to characters, which Bio-Formats does not take', () => {
    const path = join(folder, 'bio-formats.ome.tif');
    const image = {
      ...randomImage({ width: 4, height: 4 }, 255, { x: 2, y: 2, unit: 'um' }),
      name: 'Zähne & <a>\u0000',
    };
    writeTiff(path, image, { type: 'uint8', metadata: 'ome' });
    const text = readFileSync(path).toString('utf8');
    expect(text).toContain('PhysicalSizeX="2" PhysicalSizeXUnit="µm"');
    expect(text).toContain('Name="Zähne &amp; &lt;a> "');
    expect(text).not.toContain('&#');
  });

  it('round and keep integers within their type', async () => {
    const path = join(folder, 'range.tif');
    writeTiff(
      path,
      createImage({ data: Float32Array.from([-3, 0.4, 0.6, 300]), width: 4, height: 1, dataRange: [-3, 300] }),
      { type: 'uint8' },
    );
    expect([...(await readImage(path)).data]).toEqual([0, 0, 1, 255]);
  });

  it('leave nothing under the name when the disk refuses', () => {
    const closed = join(folder, 'closed');
    writeFileSync(closed, 'a file where a folder should be');
    expect(() =>
      writeTiff(join(closed, 'x.tif'), randomImage({ width: 4, height: 4 }, 255), { type: 'uint8' }),
    ).toThrow(
      /x\.tif: got a path that leads through a file \(ENOTDIR\), wanted an image written whole; choose another folder/,
    );
    const full = join(folder, 'full');
    mkdirSync(join(full, 'x.tif'), { recursive: true });
    expect(() => writeTiff(join(full, 'x.tif'), randomImage({ width: 4, height: 4 }, 255), { type: 'uint8' })).toThrow(
      'wanted an image written whole',
    );
    expect(readdirSync(full)).toEqual(['x.tif']);
  });
});

describe('writePng', () => {
  it.each([8, 16] as const)('keeps %i bits, grey and colour', async (bits) => {
    for (const channels of [1, 3]) {
      const image = randomImage({ width: 7, height: 5, channels }, 2 ** bits - 1);
      const path = join(folder, 'written.png');
      await writePng(path, image, { bits });
      expect((await readImage(path)).data).toEqual(image.data);
    }
  });

  it('refuses volumes, and leaves nothing where the disk refuses', async () => {
    await expect(
      writePng(join(folder, 'v.png'), randomImage({ width: 4, height: 4, depth: 2 }, 255), { bits: 8 }),
    ).rejects.toThrow('writePng image: got 2 planes of 1 channels, wanted one plane of 1 or 3 channels; write a TIFF');
    writeFileSync(join(folder, 'occupied'), '');
    await expect(
      writePng(join(folder, 'occupied', 'x.png'), randomImage({ width: 4, height: 4 }, 255), { bits: 8 }),
    ).rejects.toMatchObject({ tag: 'FailureError', exitCode: 1 });
  });
});

describe('readImage of other formats', () => {
  it.each([8, 16] as const)('reads PNG of %i bits with its range', async (bits) => {
    const path = join(folder, `png${bits}.png`);
    const top = 2 ** bits - 1;
    const values = bits === 8 ? Uint8Array.from([0, 1, 254, 255]) : Uint16Array.from([0, 1, 40000, 65535]);
    await sharp(values, { raw: { width: 2, height: 2, channels: 1 } })
      .toColourspace(bits === 8 ? 'b-w' : 'grey16')
      .png()
      .toFile(path);
    const image = await readImage(path);
    expect([...image.data]).toEqual([...values]);
    expect(image).toMatchObject({ width: 2, height: 2, channels: 1, dataRange: [0, top] });
  });

  it('reads JPEG with its channels', async () => {
    const path = join(folder, 'a.jpg');
    await sharp({ create: { width: 16, height: 8, channels: 3, background: { r: 200, g: 10, b: 10 } } })
      .jpeg({ quality: 100, chromaSubsampling: '4:4:4' })
      .toFile(path);
    const image = await readImage(path);
    expect(image).toMatchObject({ width: 16, height: 8, channels: 3, dataRange: [0, 255] });
    expect(Math.abs(image.data[0] - 200)).toBeLessThan(4);
  });
});

describe('readImage, bad input', () => {
  const put = (name: string, bytes: Uint8Array | string) => {
    writeFileSync(join(folder, name), bytes);
    return join(folder, name);
  };

  it('tells kinds by their first bytes', () => {
    expect(sniffKind(encodeTiff(randomImage({ width: 2, height: 2 }, 255), { type: 'uint8' }))).toBe('tiff');
    expect(sniffKind(Uint8Array.from([0x4d, 0x4d, 0, 43]))).toBe('tiff');
    expect(sniffKind(Buffer.from('hello'))).toBeUndefined();
    expect(sniffKind(new Uint8Array(0))).toBeUndefined();
  });

  it.each<[string, () => string, RegExp]>([
    [
      'a missing file',
      () => join(folder, 'none.tif'),
      /none\.tif: got no such file, wanted an image file that can be read/,
    ],
    [
      'text named .tif',
      () => put('text.tif', 'this is text'),
      /text\.tif: got bytes that are no TIFF, whatever the name says, wanted TIFF, OME-Zarr, PNG or JPEG/,
    ],
    ['an empty file', () => put('empty.tif', ''), /empty\.tif: got bytes that are no TIFF/],
    [
      'a TIFF named .png',
      () => put('tiff.png', encodeTiff(randomImage({ width: 2, height: 2 }, 255), { type: 'uint8' })),
      /tiff\.png: got a TIFF file named \.png, wanted a file that is what its name says; rename it to \.tif/,
    ],
    [
      'a Zeiss file',
      () => put('scan.czi', 'ZISRAWFILE'),
      new RegExp(
        'scan\\.czi: got a Zeiss file \\(\\.czi\\), wanted TIFF, OME-Zarr, PNG or JPEG; convert it: bfconvert ' +
          '"scan\\.czi" "scan\\.ome\\.tiff"',
      ),
    ],
    ['a Leica file', () => put('scan.lif', 'p'), /got a Leica file/],
    ['a Nikon file', () => put('scan.nd2', 'p'), /got a Nikon file/],
    [
      'a TIFF of its header alone',
      () => put('header.tif', encodeTiff(randomImage({ width: 2, height: 2 }, 255), { type: 'uint8' }).subarray(0, 8)),
      /header\.tif: got a damaged or truncated TIFF/,
    ],
    [
      'a PNG cut short',
      () => put('cut.png', readFileSync(join(folder, 'png8.png')).subarray(0, 50)),
      /cut\.png: got a damaged or truncated PNG/,
    ],
  ])('refuses %s', async (_, make, text) => {
    await expect(readImage(make())).rejects.toThrow(text);
    await expect(readImage(make())).rejects.toMatchObject({ tag: 'InputError', exitCode: 2 });
  });

  it('refuses a TIFF cut anywhere, with one typed error', async () => {
    const whole = encodeTiff(randomImage({ width: 40, height: 30, depth: 2 }, 65535), { type: 'uint16' });
    for (let length = 8; length < whole.length; length += 331) {
      const path = put('cut.tif', whole);
      truncateSync(path, length);
      await expect(readImage(path), `cut at ${length} of ${whole.length}`).rejects.toMatchObject({ tag: 'InputError' });
    }
  });

  it('refuses NaN', async () => {
    const path = put(
      'nan.tif',
      encodeTiff(createImage({ data: Float32Array.from([1, NaN, 2, 3]), width: 2, height: 2, dataRange: [0, 3] }), {
        type: 'float32',
      }),
    );
    await expect(readImage(path)).rejects.toThrow(/nan\.tif: got NaN or infinite pixels, wanted finite intensities/);
  });

  it('a constant image of floats has a range of one; a pixel size of zero counts as unknown', async () => {
    const path = join(folder, 'flat.ome.tif');
    const flat = createImage({
      data: new Float32Array(16).fill(3),
      width: 4,
      height: 4,
      dataRange: [0, 5],
      pixelSize: { x: 0.1, y: 0.1, unit: 'um' },
    });
    put('flat.ome.tif', encodeTiff(flat, { type: 'float32', metadata: 'ome' }));
    expect(await readImage(path)).toMatchObject({ dataRange: [3, 4], pixelSize: { x: 0.1, y: 0.1, unit: 'um' } });
    for (const size of ['0.0', '-.1', 'NaN']) {
      put(
        'flat.ome.tif',
        Buffer.from(
          Buffer.from(encodeTiff(flat, { type: 'uint8', metadata: 'ome' }))
            .toString('latin1')
            .replace('PhysicalSizeX="0.1"', `PhysicalSizeX="${size}"`),
          'latin1',
        ),
      );
      expect((await readImage(path)).pixelSize, size).toBeNull();
    }
  });

  it('says what a folder lacks', () => {
    mkdirSync(join(folder, 'notes'), { recursive: true });
    writeFileSync(join(folder, 'notes', 'a.txt'), '');
    writeFileSync(join(folder, 'notes', 'b.czi'), '');
    expect(() => listImages(join(folder, 'notes'))).toThrow(
      /notes: got 2 files, none of them an image, wanted at least one TIFF, OME-Zarr, PNG or JPEG; convert b\.czi/,
    );
    expect(() => listImages(join(folder, 'text.tif'))).toThrow('text.tif: got a file, wanted a folder of images');
  });
});

import {
  existsSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmSync,
  truncateSync,
  writeFileSync,
  openSync,
  writeSync,
  closeSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createImage, cropImage, type Image } from '@lacuna/core';
import {
  createTiffStream,
  encodeTiff,
  measureRange,
  openImage,
  readImage,
  writeTiff,
  type TiffStreamOptions,
} from '../src/index.js';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'lacuna-regions-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function volume(size: { width: number; height: number; depth?: number; channels?: number }, top = 65535): Image {
  const { width, height, depth = 1, channels = 1 } = size;
  return createImage({
    data: Float32Array.from(
      { length: width * height * depth * channels },
      (_, i) => (Math.imul(i + 1, 2654435761) >>> 8) & top,
    ),
    ...size,
    dataRange: [0, top],
  });
}

/** Whether values are the same, bit for bit: much faster than comparing them one by one. */
const same = (a: Float32Array, b: Float32Array) =>
  Buffer.from(a.buffer, a.byteOffset, a.byteLength).equals(Buffer.from(b.buffer, b.byteOffset, b.byteLength));

/** Writes an image in blocks of odd sizes, in an order of its own. */
async function streamed(
  path: string,
  image: Image,
  options: Partial<TiffStreamOptions> = {},
  block = { width: 100, height: 77 },
): Promise<void> {
  const stream = createTiffStream(path, {
    width: image.width,
    height: image.height,
    depth: image.depth,
    channels: image.channels,
    type: 'uint16',
    ...options,
  });
  for (let z = image.depth - 1; z >= 0; z--) {
    for (let y = 0; y < image.height; y += block.height) {
      for (let x = 0; x < image.width; x += block.width) {
        const width = Math.min(block.width, image.width - x);
        const height = Math.min(block.height, image.height - y);
        await stream.writeRegion(
          { x, y, z, width, height },
          cropImage(image, { x, y, z, width, height, depth: 1 }).data,
        );
      }
    }
  }
  expect(existsSync(path)).toBe(false);
  await stream.finish();
}

describe('createTiffStream and openImage', () => {
  const layouts: [string, Partial<TiffStreamOptions>, { width: number; height: number }?][] = [
    ['strips', {}],
    ['tiles', { layout: 'tiles' }],
    ['compressed tiles', { compression: 'deflate' }, { width: 512, height: 256 }],
    ['BigTIFF', { bigTiff: true }],
    ['BigTIFF tiles with OME-XML', { bigTiff: true, layout: 'tiles', metadata: 'ome' }],
    ['signed', { type: 'int16', metadata: 'ome' }],
    ['channels on pages', { channelLayout: 'pages', software: 'Lacuna 0.1' }],
    ['OME-XML, channels on tiled pages', { channelLayout: 'pages', layout: 'tiles', metadata: 'ome' }],
  ];
  it.each(layouts)('keep every value in %s, written and read in blocks', async (name, options, block) => {
    const top = name === 'signed' ? 32767 : 65535;
    for (const size of [
      { width: 611, height: 307, depth: 2 },
      { width: 300, height: 290, channels: 2 },
    ]) {
      const image = volume(size, top);
      const path = join(folder, 'streamed.tif');
      rmSync(path, { force: true });
      await streamed(path, image, options, block);
      const opened = await openImage(path);
      expect(opened).toMatchObject({ ...size, dtype: name === 'signed' ? 'int16' : 'uint16', frames: 1 });
      expect([opened.channelLayout, opened.software]).toEqual([
        options.channelLayout === 'pages' && opened.channels > 1 ? 'pages' : 'interleaved',
        options.software ?? '',
      ]);
      for (const [x, y, width, height] of [
        [0, 0, size.width, size.height],
        [255, 100, 3, 180],
        [299, 0, 1, 290],
      ] as const) {
        const z = opened.depth - 1;
        expect(
          same(
            await opened.readRegion({ x, y, z, width, height }),
            cropImage(image, { x, y, z, width, height, depth: 1 }).data,
          ),
          `${name} at ${x},${y}`,
        ).toBe(true);
      }
      if (opened.channels === 2)
        expect(await opened.readRegion({ y: 5, height: 1, c: 1 })).toEqual(
          image.data.slice(5 * 600, 6 * 600).filter((_, i) => i % 2 === 1),
        );
      await opened.close();
      expect(same((await readImage(path)).data, image.data)).toBe(true);
    }
    expect(readdirSync(folder).filter((file) => file.endsWith('.part'))).toEqual([]);
  });

  it('leave unwritten pixels 0 and nothing at all after abandon', async () => {
    for (const compression of ['none', 'deflate'] as const) {
      const path = join(folder, `sparse-${compression}.tif`);
      const stream = createTiffStream(path, { width: 520, height: 300, type: 'uint8', compression });
      await stream.writeRegion({ x: 256, y: 0, width: 256, height: 256 }, new Float32Array(65536).fill(9));
      await stream.finish();
      const { data } = await readImage(path);
      expect([data[255], data[256], data[511], data[512], data[256 * 520 + 300]]).toEqual([0, 9, 9, 0, 0]);
    }
    const gone = createTiffStream(join(folder, 'gone.tif'), { width: 4, height: 4, type: 'uint8' });
    await gone.abandon();
    await expect(gone.writeRegion({}, new Float32Array(16))).rejects.toThrow('gone.tif: got a region after the end');
    expect(readdirSync(folder).filter((file) => file.startsWith('gone'))).toEqual([]);
  });

  it('says before the first pixel that the disk is too small', () => {
    expect(() =>
      createTiffStream(join(folder, 'vast.tif'), { width: 1_000_000, height: 1_000_000, depth: 1000, type: 'float32' }),
    ).toThrow(
      /vast\.tif: got [\d.]+ [kMGT]?B free, wanted 4000\.0 TB for the image; free some space or choose another folder/,
    );
    expect(existsSync(join(folder, 'vast.tif'))).toBe(false);
  });

  it('says what is wrong with a region', async () => {
    const path = join(folder, 'wrong.tif');
    const stream = createTiffStream(path, { width: 300, height: 300, type: 'uint8', compression: 'deflate' });
    await expect(stream.writeRegion({ x: 200, width: 200 }, new Float32Array(1))).rejects.toThrow(
      /got 200 x 300 at 200,0 of plane 0, wanted a block inside 300 x 300/,
    );
    await expect(stream.writeRegion({ height: 10 }, new Float32Array(1))).rejects.toThrow(
      'wrong.tif: got 1 values, wanted 3000 for 300 x 10, 1 channel',
    );
    await expect(stream.writeRegion({ height: 10 }, new Float32Array(3000))).rejects.toThrow(
      'got a region of 300 x 10 at 0,0, wanted whole tiles of 256 x 256 where tiles are compressed',
    );
    await stream.abandon();
    expect(() => createTiffStream(path, { width: 0, height: 1, type: 'uint8' })).toThrow(
      'wrong.tif: got width 0, wanted a whole number of at least 1',
    );
    writeFileSync(join(folder, 'file'), '');
    expect(() => createTiffStream(join(folder, 'file', 'x.tif'), { width: 1, height: 1, type: 'uint8' })).toThrow(
      /file: got a path that leads through a file \(ENOTDIR\)/,
    );
    writeTiff(path, volume({ width: 5, height: 4 }), { type: 'uint16' });
    const image = await openImage(path);
    await expect(image.readRegion({ z: 1 })).rejects.toThrow(
      'region of wrong.tif: got 5 x 4 at 0,0 of plane 1, wanted a block inside 5 x 4',
    );
    await expect(image.readRegion({ c: 1 })).rejects.toThrow('channel 1');
    await expect(image.readRegion({ width: 0.5 })).rejects.toMatchObject({ tag: 'InputError' });
    await image.close();
    await expect(image.readRegion()).rejects.toThrow('got a read after close');
  });

  it('a BigTIFF of 6 GB, mostly holes, is read by region', async () => {
    const path = join(folder, 'huge.ome.tif');
    const size = { width: 32_768, height: 32_768, depth: 6 };
    const stream = createTiffStream(path, { ...size, type: 'uint8' });
    await stream.writeRegion(
      { x: 32_000, y: 32_700, z: 5, width: 4, height: 2 },
      Float32Array.from([1, 2, 3, 4, 5, 6, 7, 8]),
    );
    await stream.finish();
    const image = await openImage(path);
    const before = process.memoryUsage().rss;
    expect(image).toMatchObject(size);
    expect([...(await image.readRegion({ x: 31_999, y: 32_701, z: 5, width: 6, height: 1 }))]).toEqual([
      0, 5, 6, 7, 8, 0,
    ]);
    expect(process.memoryUsage().rss - before).toBeLessThan(200 << 20);
    await image.close();
    await expect(readImage(path)).rejects.toThrow(
      'huge.ome.tif: got 6442450944 values, wanted at most 1073741824, 4 GB in memory; cut it into parts, ' +
        'or read it by region',
    );
    rmSync(path);
  });

  it('an ImageJ stack above 4 GB has one directory: the images lie one after the other', async () => {
    // ImageJ's description, one directory, and the pixels behind it: what ImageJ saves when 32-bit offsets do not
    // reach.
    const path = join(folder, 'imagej-large.tif');
    const width = 20_000;
    const height = 20_000;
    const images = 12;
    const one = Buffer.from(
      encodeTiff(createImage({ data: new Float32Array(4), width: 2, height: 2, dataRange: [0, 255] }), {
        type: 'uint8',
      }),
    );
    const text = one.toString('latin1').replace('images=1\n', `images=${images}\n`);
    const bytes = Buffer.concat([Buffer.from(text, 'latin1')]);
    const at = bytes.readUInt32LE(4);
    const entries = bytes.readUInt16LE(at);
    const data = bytes.length;
    for (let i = 0; i < entries; i++) {
      const entry = at + 2 + 12 * i;
      const tag = bytes.readUInt16LE(entry);
      const value = { 256: width, 257: height, 273: data, 278: height, 279: width * height }[tag];
      if (value !== undefined) bytes.writeUInt32LE(value, entry + 8);
      // The description grew by one character.
      else if (tag > 270 && bytes.readUInt16LE(entry + 2) === 5)
        bytes.writeUInt32LE(bytes.readUInt32LE(entry + 8) + 0, entry + 8);
    }
    writeFileSync(path, bytes);
    truncateSync(path, data + width * height * images);
    const file = openSync(path, 'r+');
    writeSync(file, Buffer.from([41, 42, 43]), 0, 3, data + width * height * 11 + width * 19_999 + 100);
    closeSync(file);
    const image = await openImage(path);
    expect(image).toMatchObject({ width, height, depth: images });
    expect([...(await image.readRegion({ x: 99, y: 19_999, z: 11, width: 5, height: 1 }))]).toEqual([0, 41, 42, 43, 0]);
    await image.close();
    truncateSync(path, data + width * height * 11);
    await expect(openImage(path)).rejects.toThrow(/got 1 page where ImageJ announces 12 images/);
    rmSync(path);
  });
});

describe('openImage of PNG and JPEG', () => {
  it('gives regions and channels', async () => {
    const path = join(folder, 'a.png');
    const values = Uint16Array.from({ length: 60 }, (_, i) => i * 1000);
    await sharp(values, { raw: { width: 5, height: 4, channels: 3 } })
      .toColourspace('rgb16')
      .png()
      .toFile(path);
    const image = await openImage(path);
    expect(image).toMatchObject({ width: 5, height: 4, channels: 3, dtype: 'uint16', dataRange: [0, 65535] });
    expect([...(await image.readRegion({ x: 1, y: 2, width: 2, height: 1 }))]).toEqual(
      [33, 34, 35, 36, 37, 38].map((i) => i * 1000),
    );
    expect([...(await image.readRegion({ y: 3, height: 1, c: 2 }))]).toEqual([47, 50, 53, 56, 59].map((i) => i * 1000));
  });

  it('refuses a header that promises more than the file can hold', async () => {
    const path = join(folder, 'bomb.png');
    const bytes = readFileSync(join(folder, 'a.png'));
    bytes.writeUInt32BE(16_000, 16);
    bytes.writeUInt32BE(16_000, 20);
    writeFileSync(path, bytes);
    await expect(openImage(path)).rejects.toThrow(/bomb\.png: got a damaged or truncated PNG/);
  });
});

describe('measureRange', () => {
  it('finds the range of floats in bands, and NaN', async () => {
    const data = Float32Array.from({ length: 3 * 200 * 100 }, (_, i) => Math.sin(i));
    data[59_999] = 7;
    const path = join(folder, 'float.tif');
    writeTiff(path, createImage({ data, width: 200, height: 100, depth: 3, dataRange: [0, 1] }), { type: 'float32' });
    const image = await openImage(path);
    expect(image.dataRange).toBeNull();
    const [low, high] = await measureRange(image);
    expect([low < -0.9999, high]).toEqual([true, 7]);
    data[100] = NaN;
    writeTiff(path, createImage({ data, width: 200, height: 100, depth: 3, dataRange: [0, 1] }), { type: 'float32' });
    await expect(measureRange(await openImage(path))).rejects.toThrow(
      /float\.tif: got NaN or infinite pixels, wanted finite intensities/,
    );
  });
});

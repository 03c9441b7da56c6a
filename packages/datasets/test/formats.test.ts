import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createImage, createRng, type PixelSize } from '@lacuna/core';
import {
  encodeTiff,
  listImages,
  openImage,
  readFrames,
  readImage,
  sniffKind,
  writePng,
  writeTiff,
} from '../src/index.js';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'lacuna-formats-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function volume(
  size: { width: number; height: number; depth?: number; channels?: number },
  top: number,
  pixelSize: PixelSize | null = null,
) {
  const rng = createRng(1);
  const { width, height, depth = 1, channels = 1 } = size;
  const data = Float32Array.from({ length: width * height * depth * channels }, () =>
    top === 1 ? rng.uniform() : Math.floor(rng.uniform() * (top + 1)),
  );
  return createImage({ data, ...size, dataRange: [0, top], pixelSize });
}

describe('writeTiff and readImage', () => {
  it.each([
    ['uint8', { width: 17, height: 13 }, 255],
    ['uint16', { width: 17, height: 13, depth: 5 }, 65535],
    ['float32', { width: 8, height: 9, depth: 2 }, 1],
    ['uint8', { width: 6, height: 5, channels: 3 }, 255],
  ] as const)('keep every %s value of %j', async (type, size, top) => {
    const image = volume(size, top);
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
  ])('keep the pixel size %j', async (pixelSize) => {
    const path = join(folder, 'pixel-size.tif');
    const image = volume({ width: 4, height: 4, depth: pixelSize.z === undefined ? 1 : 2 }, 255, pixelSize);
    writeTiff(path, image, { type: 'uint8', metadata: 'ome' });
    expect((await readImage(path)).pixelSize).toEqual(pixelSize);
    writeTiff(path, image, { type: 'uint8' });
    const back = (await readImage(path)).pixelSize!;
    expect(back.unit).toBe(pixelSize.unit);
    // The resolution is a fraction of six digits.
    for (const axis of ['x', 'y', 'z'] as const)
      if (pixelSize[axis] !== undefined) expect(back[axis]! / pixelSize[axis] - 1).toBeCloseTo(0, 4);
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
    expect(() => writeTiff(join(closed, 'x.tif'), volume({ width: 4, height: 4 }, 255), { type: 'uint8' })).toThrow(
      /x\.tif: got a path that leads through a file \(ENOTDIR\), wanted an image written whole; choose another folder/,
    );
    const full = join(folder, 'full');
    mkdirSync(join(full, 'x.tif'), { recursive: true });
    expect(() => writeTiff(join(full, 'x.tif'), volume({ width: 4, height: 4 }, 255), { type: 'uint8' })).toThrow(
      'wanted an image written whole',
    );
    expect(readdirSync(full)).toEqual(['x.tif']);
  });
});

describe('writePng', () => {
  it.each([8, 16] as const)('keeps %i bits, grey and colour', async (bits) => {
    for (const channels of [1, 3]) {
      const image = volume({ width: 7, height: 5, channels }, 2 ** bits - 1);
      const path = join(folder, 'written.png');
      await writePng(path, image, { bits });
      expect((await readImage(path)).data).toEqual(image.data);
    }
  });

  it('refuses volumes, and leaves nothing where the disk refuses', async () => {
    await expect(
      writePng(join(folder, 'v.png'), volume({ width: 4, height: 4, depth: 2 }, 255), { bits: 8 }),
    ).rejects.toThrow('writePng image: got 2 planes of 1 channels, wanted one plane of 1 or 3 channels; write a TIFF');
    writeFileSync(join(folder, 'occupied'), '');
    await expect(
      writePng(join(folder, 'occupied', 'x.png'), volume({ width: 4, height: 4 }, 255), { bits: 8 }),
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
    expect(sniffKind(encodeTiff(volume({ width: 2, height: 2 }, 255), { type: 'uint8' }))).toBe('tiff');
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
      () => put('tiff.png', encodeTiff(volume({ width: 2, height: 2 }, 255), { type: 'uint8' })),
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
      () => put('header.tif', encodeTiff(volume({ width: 2, height: 2 }, 255), { type: 'uint8' }).subarray(0, 8)),
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
    const whole = encodeTiff(volume({ width: 40, height: 30, depth: 2 }, 65535), { type: 'uint16' });
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

const python = process.env['LACUNA_PYTHON'];
const hasTifffile = (() => {
  if (!python) return false;
  try {
    execFileSync(python, ['-c', 'import tifffile'], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
})();

describe.skipIf(!hasTifffile)(
  `tifffile${hasTifffile ? '' : ' (skipped: LACUNA_PYTHON names no Python with tifffile)'}`,
  () => {
    /** Runs Python with numpy `a`, a 37 x 29 ramp of 16 bits (and `f` for file names), and gives what it prints. */
    const run = (code: string) =>
      execFileSync(
        python!,
        [
          '-c',
          `
import numpy as np, tifffile, json
f=${JSON.stringify(`${folder}/`)}
a=(np.arange(37*29).reshape(29,37)*61%65536).astype(np.uint16)
${code}`,
        ],
        { encoding: 'utf8' },
      );
    const ramp = (bits = 16) => Float32Array.from({ length: 37 * 29 }, (_, i) => ((i * 61) % 65536) % 2 ** bits);

    it('reads what we write: values, pages, pixel size', () => {
      const image = volume({ width: 17, height: 13, depth: 3 }, 65535, { x: 0.1, y: 0.2, z: 0.5, unit: 'um' });
      writeTiff(join(folder, 'ours.tif'), image, { type: 'uint16' });
      const seen = JSON.parse(
        run(`
t=tifffile.TiffFile(f+'ours.tif'); m=t.imagej_metadata; p=t.pages[0].tags; v=t.asarray()
side=lambda tag: p[tag].value[1]/p[tag].value[0]
print(json.dumps({'shape':v.shape,'type':str(v.dtype),'sum':int(v.astype(np.int64).sum()),'at':int(v[2,12,16]),
  'spacing':m['spacing'],'unit':m['unit'],'x':side('XResolution'),'y':side('YResolution')}))`),
      ) as Record<string, unknown>;
      expect(seen).toMatchObject({
        shape: [3, 13, 17],
        type: 'uint16',
        sum: image.data.reduce((sum, value) => sum + value, 0),
        at: image.data[(2 * 13 + 12) * 17 + 16],
        spacing: 0.5,
        unit: 'micron',
      });
      expect(seen['x']).toBeCloseTo(0.1, 6);
      expect(seen['y']).toBeCloseTo(0.2, 6);
    });

    it('reads our OME-TIFF, compressed, with its axes and sizes', () => {
      const image = volume({ width: 17, height: 13, depth: 3 }, 65535, { x: 0.1, y: 0.1, z: 0.3, unit: 'um' });
      writeTiff(join(folder, 'ours.ome.tif'), image, { type: 'uint16', compression: 'deflate', metadata: 'ome' });
      const seen = JSON.parse(
        run(`
t=tifffile.TiffFile(f+'ours.ome.tif'); p=tifffile.xml2dict(t.ome_metadata)['OME']['Image']['Pixels']; v=t.asarray()
print(json.dumps({'ome':bool(t.is_ome),'axes':t.series[0].axes,'shape':v.shape,'sum':int(v.astype(np.int64).sum()),
  'x':p['PhysicalSizeX'],'z':p['PhysicalSizeZ'],'unit':p['PhysicalSizeXUnit']}))`),
      ) as Record<string, unknown>;
      expect(seen).toEqual({
        ome: true,
        axes: 'ZYX',
        shape: [3, 13, 17],
        sum: image.data.reduce((sum, value) => sum + value, 0),
        x: 0.1,
        z: 0.3,
        unit: 'µm',
      });
    });

    const kinds = [
      ['plain', 'a', '', 16],
      ['big-endian', 'a', "byteorder='>'", 16],
      ['BigTIFF', 'a', 'bigtiff=True', 16],
      ['tiled', 'a', 'tile=(16,16)', 16],
      ['deflate with predictor', 'a', "compression='zlib',predictor=True", 16],
      ['8 bits', '(a%256).astype(np.uint8)', '', 8],
      ['32-bit integers', 'a.astype(np.uint32)', '', 32],
      ['signed', 'a.astype(np.int32)', '', 32],
      ['float', 'a.astype(np.float32)', '', 16],
      ['doubles', 'a.astype(np.float64)', '', 16],
      ['strips of five rows', 'a', 'rowsperstrip=5', 16],
    ] as const;
    const fileOf = (kind: string) => `${kind.replaceAll(' ', '-')}.tif`;
    // One process writes them all: it takes a second to start.
    beforeAll(
      () =>
        void run(
          kinds
            .map(
              ([kind, array, options]) =>
                `tifffile.imwrite(f+'${fileOf(kind)}',${array}${options ? `,${options}` : ''})`,
            )
            .join('\n'),
        ),
      60_000,
    );

    it.each(kinds)('writes %s as we read it', async (kind, _array, _options, bits) => {
      expect((await readImage(join(folder, fileOf(kind)))).data).toEqual(ramp(bits));
    });

    it('writes OME-TIFF and ImageJ stacks whose sizes and channels we read', async () => {
      run(`
sizes={'PhysicalSizeX':0.1,'PhysicalSizeY':0.1,'PhysicalSizeZ':0.3}
units={side+'Unit':'µm' for side in sizes}
tifffile.imwrite(f+'stack.ome.tif',np.stack([a,a+1]),metadata={'axes':'ZYX',**sizes,**units})
hyper=np.stack([np.stack([a,a+1]),np.stack([a+2,a+3]),np.stack([a+4,a+5])])
imagej={'axes':'ZCYX','spacing':0.3,'unit':'um'}
tifffile.imwrite(f+'hyper.tif',hyper,imagej=True,metadata=imagej,resolution=(10,10))
tifffile.imwrite(f+'channels.ome.tif',np.stack([np.stack([a,a+1]),np.stack([a+2,a+3])]),metadata={'axes':'CZYX'})
tifffile.imwrite(f+'time.tif',np.zeros((2,3,8,8),np.uint8),imagej=True,metadata={'axes':'TZYX'})
with tifffile.TiffWriter(f+'sizes.tif') as t:
    t.write(a,contiguous=False,metadata=None)
    t.write(a[:20],contiguous=False,metadata=None)
with tifffile.TiffWriter(f+'arrays.tif') as t:
    t.write(a,contiguous=False)
    t.write(a[:20],contiguous=False)`);
      const stack = await readImage(join(folder, 'stack.ome.tif'));
      expect(stack).toMatchObject({
        width: 37,
        height: 29,
        depth: 2,
        channels: 1,
        pixelSize: { x: 0.1, y: 0.1, z: 0.3, unit: 'um' },
      });
      const hyper = await readImage(join(folder, 'hyper.tif'));
      expect(hyper).toMatchObject({
        width: 37,
        height: 29,
        depth: 3,
        channels: 2,
        pixelSize: { x: 0.1, y: 0.1, z: 0.3, unit: 'um' },
      });
      expect([...hyper.data.subarray(2, 4)]).toEqual([61, 62]);
      const channels = await readImage(join(folder, 'channels.ome.tif'));
      expect(channels).toMatchObject({ depth: 2, channels: 2 });
      expect([...channels.data.subarray(2, 4)]).toEqual([61, 63]);
      await expect(readImage(join(folder, 'time.tif'))).rejects.toThrow(
        'time.tif: got 2 time points, wanted one; save the time point as a file of its own',
      );
      expect(await openImage(join(folder, 'time.tif'))).toMatchObject({ frames: 2, depth: 3, axes: 'tzyx' });
      await expect(readImage(join(folder, 'sizes.tif'))).rejects.toThrow(
        'sizes.tif: got page 2 of 37 x 20 after 37 x 29, wanted pages of one size; save the pages as files ' +
          'of their own',
      );
      const arrays = await openImage(join(folder, 'arrays.tif'));
      expect(arrays).toMatchObject({ width: 37, height: 29, depth: 1 });
      expect(arrays.notes).toEqual(['the first array of the file is read; 1 pages of other arrays are not read']);
    });

    it('writes hyperstacks of time, depth and channels, of which we read one time point', async () => {
      run(`
v=np.arange(2*3*2*8*8).reshape(2,3,2,8,8).astype(np.uint16)
tifffile.imwrite(f+'five.tif',v,imagej=True,metadata={'axes':'TZCYX'})
tifffile.imwrite(f+'five.ome.tif',v,metadata={'axes':'TZCYX'})
tifffile.imwrite(f+'six.ome.tif',np.moveaxis(v,2,0),metadata={'axes':'CTZYX'})
tifffile.imwrite(f+'film.tif',v[:,0,0],imagej=True,metadata={'axes':'TYX'})`);
      for (const name of ['five.tif', 'five.ome.tif', 'six.ome.tif']) {
        const image = await readImage(join(folder, name), { time: 1 });
        expect(image, name).toMatchObject({ width: 8, height: 8, depth: 3, channels: 2 });
        // Value at t 1, z 2, c 1, y 7, x 7 and at t 1, z 0, c 1, y 0, x 0.
        expect([image.data.at(-1), image.data[1]], name).toEqual([2 * 3 * 2 * 64 - 1, 3 * 2 * 64 + 64]);
        await expect(readImage(join(folder, name), { time: 2 }), name).rejects.toThrow(
          'got time point 2, wanted 0 to 1',
        );
        await expect(readImage(join(folder, name)), name).rejects.toThrow('got 2 time points');
      }
      expect(await readFrames(join(folder, 'film.tif'))).toMatchObject([{ depth: 1 }, { depth: 1 }]);
      expect((await readImage(join(folder, 'film.tif'), { time: 1 })).data[0]).toBe(384);
    });
  },
);

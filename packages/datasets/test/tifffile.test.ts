import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openImage, readFrames, readImage, writeTiff } from '../src/index.js';
import { randomImage } from './random-image.js';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'lacuna-tifffile-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

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
      const image = randomImage({ width: 17, height: 13, depth: 3 }, 65535, { x: 0.1, y: 0.2, z: 0.5, unit: 'um' });
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
      const image = randomImage({ width: 17, height: 13, depth: 3 }, 65535, { x: 0.1, y: 0.1, z: 0.3, unit: 'um' });
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

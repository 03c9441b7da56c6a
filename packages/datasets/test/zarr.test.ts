import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { deflateSync, gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createImage, cropImage } from '@lacuna/core';
import { createZarrStream, openImage, readFrames, readImage, writeZarr } from '../src/index.js';
import { crc32c } from '../src/formats/zarr/crc32c.js';
import { zarrPython } from './zarr-python.js';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'lacuna-zarr-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const pixelSize = { x: 0.1, y: 0.2, z: 0.5, unit: 'um' } as const;
const image = (channels = 2, top = 65535) =>
  createImage({
    data: Float32Array.from({ length: 90 * 70 * 3 * channels }, (_, i) => (Math.imul(i + 1, 2654435761) >>> 8) & top),
    width: 90,
    height: 70,
    depth: 3,
    channels,
    dataRange: [0, top],
    pixelSize,
  });

describe('OME-Zarr', () => {
  it.each(['0.4', '0.5'] as const)('%s keeps every value, channel, size and name', async (version) => {
    for (const type of ['uint8', 'uint16', 'int16', 'float32'] as const) {
      const path = join(folder, `round-${version}-${type}.zarr`);
      const original = image(2, { uint8: 255, uint16: 65535, int16: 32767, float32: 65535 }[type]);
      await writeZarr(path, original, { type, version, chunk: 32 });
      const back = await readImage(path);
      expect(back).toMatchObject({ width: 90, height: 70, depth: 3, channels: 2, pixelSize });
      expect(Buffer.from(back.data.buffer).equals(Buffer.from(original.data.buffer))).toBe(true);
    }
  });

  it('is written and read in regions that cross chunks', async () => {
    const path = join(folder, 'regions.zarr');
    const original = image(1);
    const stream = createZarrStream(path, { width: 90, height: 70, depth: 3, type: 'uint16', chunk: 32 });
    for (let z = 0; z < 3; z++)
      for (let y = 0; y < 70; y += 27)
        for (let x = 0; x < 90; x += 41) {
          const width = Math.min(41, 90 - x);
          const height = Math.min(27, 70 - y);
          await stream.writeRegion(
            { x, y, z, width, height },
            cropImage(original, { x, y, z, width, height, depth: 1 }).data,
          );
        }
    expect(existsSync(path)).toBe(false);
    await stream.finish();
    const opened = await openImage(path);
    expect(opened).toMatchObject({ dtype: 'uint16', dataRange: [0, 65535], axes: 'czyx', frames: 1, pixelSize: null });
    for (const [x, y, width, height] of [
      [0, 0, 90, 70],
      [31, 31, 2, 2],
      [63, 0, 27, 70],
    ] as const)
      expect(await opened.readRegion({ x, y, z: 1, width, height })).toEqual(
        cropImage(original, { x, y, z: 1, width, height, depth: 1 }).data,
      );
  });

  it('leaves nothing after abandon, refuses names that are taken', async () => {
    const path = join(folder, 'abandoned.zarr');
    const stream = createZarrStream(path, { width: 4, height: 4, type: 'uint8' });
    await stream.writeRegion({}, new Float32Array(16));
    await stream.abandon();
    expect(readdirSync(folder).filter((name) => name.startsWith('abandoned'))).toEqual([]);
    expect(() => createZarrStream(folder, { width: 4, height: 4, type: 'uint8' })).toThrow(
      /got a name that is taken, wanted a new folder; remove it or choose another name/,
    );
  });

  it('says what is damaged', async () => {
    const path = join(folder, 'damaged.zarr');
    await writeZarr(path, image(1), { type: 'uint16', chunk: 64 });
    const chunk = join(path, '0', 'c', '0', '0', '0', '0');
    const bytes = readFileSync(chunk);
    const meta = join(path, '0', 'zarr.json');
    const text = readFileSync(meta, 'utf8');
    writeFileSync(chunk, bytes.subarray(0, bytes.length / 2));
    await expect(readImage(path)).rejects.toThrow(
      /damaged\.zarr: got a damaged or truncated OME-Zarr \(chunk 0,0,0,0: .*\), wanted a whole image/,
    );
    rmSync(chunk);
    expect((await readImage(path)).data[5]).toBe(0);
    for (const [from, to, message] of [
      ['"uint16"', '"complex64"', 'got values of type complex64'],
      ['"zstd"', '"lzma"', 'got codec lzma, wanted gzip, zlib, zstd'],
      ['"node_type": "array"', '"node_type": "x"', 'damaged or truncated OME-Zarr'],
      ['{', '', 'no JSON'],
    ] as const) {
      writeFileSync(meta, text.replace(from, to));
      await expect(openImage(path), to).rejects.toThrow(message);
    }
    // A shape of terabytes with nothing behind it.
    writeFileSync(meta, JSON.stringify({ ...(JSON.parse(text) as object), shape: [1, 3, 1 << 20, 1 << 20] }));
    const open = await openImage(path);
    await expect(open.readRegion({ width: 64, height: 64, x: 1000 })).resolves.toHaveLength(4096);
    await expect(readImage(path)).rejects.toThrow('wanted at most 1073741824');
    writeFileSync(join(path, 'zarr.json'), '{"zarr_format":3,"node_type":"group"}');
    await expect(openImage(path)).rejects.toThrow(
      'got a folder without OME metadata (multiscales), wanted an OME-Zarr of version 0.4 or 0.5',
    );
    await expect(openImage(folder)).rejects.toThrow('got a folder that is no OME-Zarr');
  });

  it.each(['gzip', 'zlib'] as const)('refuses a chunk that %s unpacks to more than the array holds', async (codec) => {
    const path = join(folder, `long-${codec}.zarr`);
    await writeZarr(path, cropImage(image(1), { x: 0, y: 0, width: 16, height: 1, depth: 1 }), {
      type: 'uint16',
      chunk: 16,
    });
    const meta = join(path, '0', 'zarr.json');
    writeFileSync(meta, readFileSync(meta, 'utf8').replace('"zstd"', `"${codec}"`));
    const long = Uint8Array.from({ length: 2000 }, (_, i) => (i * i) % 251);
    const pack = codec === 'gzip' ? gzipSync : deflateSync;
    writeFileSync(join(path, '0', 'c', '0', '0', '0', '0'), pack(long));
    await expect(readImage(path)).rejects.toThrow(
      /got a damaged or truncated OME-Zarr \(.*: 2000 bytes in a chunk of 32\)/,
    );
  });

  it('opens one time point of a stack over time', async () => {
    const path = join(folder, 'film.zarr');
    const film = image(2);
    await writeZarr(path, film, { type: 'uint16', chunk: 64 });
    const meta = join(path, 'zarr.json');
    writeFileSync(meta, readFileSync(meta, 'utf8').replace('"c"', '"t"').replace('"channel"', '"time"'));
    expect(await openImage(path)).toMatchObject({ frames: 2, depth: 3, channels: 1, axes: 'tzyx' });
    await expect(readImage(path)).rejects.toThrow('got 2 time points, wanted one');
    const second = await readImage(path, { time: 1 });
    expect(second).toMatchObject({ depth: 3, channels: 1 });
    expect([...second.data]).toEqual([...film.data].filter((_, i) => i % 2 === 1));
    const frames = await readFrames(path);
    expect(frames.map(({ name }) => name)).toEqual(['film.zarr[0]', 'film.zarr[1]']);
    expect(frames[1].data).toEqual(second.data);
    await expect(readImage(path, { time: 2 })).rejects.toThrow('got time point 2, wanted 0 to 1');
  });

  it('crc32c gives the published check value', () => expect(crc32c(Buffer.from('123456789'))).toBe(0xe3069283));
});

describe.skipIf(!zarrPython)(
  `zarr-python${zarrPython ? '' : ' (skipped: LACUNA_PYTHON names no Python with zarr 3)'}`,
  () => {
    it('reads what we write', async () => {
      for (const version of ['0.4', '0.5'] as const)
        await writeZarr(join(folder, `ours-${version}.zarr`), image(), { type: 'uint16', version, chunk: 32 });
      const { data } = image();
      const seen = JSON.parse(
        execFileSync(
          zarrPython!,
          [
            '-c',
            `
import zarr, json, numpy as np
out=[]
for v in ['0.4','0.5']:
    g=zarr.open_group(${JSON.stringify(folder)}+'/ours-'+v+'.zarr',mode='r'); a=g['0']; x=a[:]
    m=(g.attrs['ome'] if v=='0.5' else g.attrs)['multiscales'][0]
    scale=m['datasets'][0]['coordinateTransformations'][0]['scale']
    total=int(x.astype(np.int64).sum())
    out.append({'shape':list(a.shape),'type':str(a.dtype),'sum':total,'at':int(x[1,2,69,89]),'scale':scale,
        'unit':m['axes'][3]['unit']})
print(json.dumps(out))`,
          ],
          { encoding: 'utf8' },
        ),
      ) as unknown[];
      const expected = {
        shape: [2, 3, 70, 90],
        type: 'uint16',
        sum: data.reduce((sum, value) => sum + value, 0),
        at: data.at(-1),
        scale: [1, 0.5, 0.2, 0.1],
        unit: 'micrometer',
      };
      expect(seen).toEqual([expected, expected]);
    });

    it('writes what we read: every codec, shards, Fortran order, big-endian, no compression', async () => {
      const names = JSON.parse(
        execFileSync(
          zarrPython!,
          [
            '-c',
            `
import zarr, json, numpy as np, numcodecs
from zarr.codecs import BloscCodec, GzipCodec, ZstdCodec, BytesCodec, TransposeCodec
f=${JSON.stringify(folder)}+'/'
x=((np.arange(2*3*70*90)*61)%65536).astype(np.uint16).reshape(2,3,70,90)
axes=[{'name':'c','type':'channel'}]+[{'name':n,'type':'space','unit':'micrometer'} for n in 'zyx']
scales=[{'type':'scale','scale':[1,0.5,0.2,0.1]}]
ms=[{'version':'0.4','axes':axes,'datasets':[{'path':'0','coordinateTransformations':scales}]}]
names=[]
def v2(name,x=x,**k):
    g=zarr.open_group(f+name,mode='w',zarr_format=2); g.attrs['multiscales']=ms
    a=g.create_array('0',shape=x.shape,dtype=x.dtype,chunks=(1,2,32,40),**k); a[:]=x; names.append(name)
def v3(name,**k):
    g=zarr.open_group(f+name,mode='w',zarr_format=3); g.attrs['ome']={'version':'0.5','multiscales':ms}
    a=g.create_array('0',shape=x.shape,dtype=x.dtype,**k); a[:]=x; names.append(name)
for c in ['lz4','zstd','zlib','blosclz','lz4hc']:
    shuffle=numcodecs.Blosc.BITSHUFFLE if c=='zstd' else numcodecs.Blosc.SHUFFLE
    v2('v2-blosc-'+c,compressors=numcodecs.Blosc(cname=c,clevel=5,shuffle=shuffle))
v2('v2-gzip',compressors=numcodecs.GZip())
v2('v2-zlib',compressors=numcodecs.Zlib())
v2('v2-zstd',compressors=numcodecs.Zstd())
v2('v2-lz4',compressors=numcodecs.LZ4())
v2('v2-none',compressors=None)
v2('v2-fortran',order='F')
v2('v2-big',x=x.astype('>u2'))
v3('v3-default',chunks=(1,1,32,32))
v3('v3-blosc',chunks=(1,3,64,64),compressors=BloscCodec(cname='lz4'))
v3('v3-gzip',chunks=(2,1,70,90),compressors=GzipCodec())
v3('v3-none',chunks=(1,1,32,32),compressors=None)
v3('v3-shards',chunks=(1,1,16,32),shards=(1,3,64,96))
v3('v3-checked',chunks=(1,1,32,32),compressors=[ZstdCodec(),zarr.codecs.Crc32cCodec()])
v3('v3-big',chunks=(1,1,32,32),serializer=BytesCodec(endian='big'))
v3('v3-transposed',chunks=(1,2,32,40),filters=[TransposeCodec(order=(3,2,1,0))])
print(json.dumps(names))`,
          ],
          { encoding: 'utf8' },
        ),
      ) as string[];
      expect(names).toHaveLength(20);
      const expected = new Float32Array(70 * 90 * 3 * 2);
      for (let c = 0; c < 2; c++)
        for (let i = 0; i < 18_900; i++) expected[2 * i + c] = ((c * 18_900 + i) * 61) % 65536;
      for (const name of names) {
        const back = await readImage(join(folder, name));
        expect(back, name).toMatchObject({ width: 90, height: 70, depth: 3, channels: 2, pixelSize });
        expect(Buffer.from(back.data.buffer).equals(Buffer.from(expected.buffer)), name).toBe(true);
        const open = await openImage(join(folder, name));
        expect([...(await open.readRegion({ x: 39, y: 31, z: 2, width: 2, height: 2, c: 1 }))], name).toEqual(
          [0, 1, 90, 91].map((i) => expected[2 * (2 * 6300 + 31 * 90 + 39 + i) + 1]),
        );
      }
    });
  },
);

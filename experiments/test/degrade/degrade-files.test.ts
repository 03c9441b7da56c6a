import { mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { createImage, createRng, type Image } from '@lacuna/core';
import {
  createTiffStream,
  degrade,
  forwardKernels,
  degradationSpec,
  forwardOperator,
  openImage,
  readFrames,
  readImage,
  writePng,
  writeTiff,
  type DegradationSpec,
  type KnownModelSpec,
} from '@lacuna/datasets';
import { Graph, applyForwardModel, createProgram, createTensorFlowEngine } from '@lacuna/models';
import { degradeFiles, type DegradeOptions } from '../../src/degrade/degrade-files.js';

const folder = mkdtempSync(join(tmpdir(), 'lacuna-degrade-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const silent = () => undefined;
const options = (spec: unknown, more: Partial<DegradeOptions> = {}): DegradeOptions => ({
  spec: degradationSpec.parse(spec),
  seed: 1,
  levels: { low: 0, high: 4000 },
  pixelSize: null,
  crop: false,
  force: false,
  ...more,
});

function scan(width: number, height: number, depth = 1): Image {
  const rng = createRng(5);
  return createImage({
    data: Float32Array.from({ length: width * height * depth }, () => Math.round(4000 * rng.uniform())),
    width,
    height,
    depth,
    dataRange: [0, 65535],
    pixelSize: { x: 0.1, y: 0.2, ...(depth > 1 ? { z: 0.5 } : {}), unit: 'um' },
    name: 'scan',
  });
}

describe('lacuna degrade', () => {
  it('gives 16 bits for 16 bits: what degrade makes of the normalised image, larger pixels, provenance', async () => {
    const fine = scan(48, 36, 4);
    const input = join(folder, 'volume.ome.tif');
    const output = join(folder, 'volume-lr.ome.tif');
    writeTiff(input, fine, { type: 'uint16', metadata: 'ome' });
    const spec = { kind: 'confocal', factor: { x: 4, y: 3, z: 2 }, optics: {}, bleaching: 0.2, photons: 500 };
    await degradeFiles(input, output, options(spec), silent);
    const coarse = await readImage(output);
    const open = await openImage(output);
    await open.close();
    expect([coarse.width, coarse.height, coarse.depth, open.dtype, coarse.pixelSize]).toEqual([
      12,
      12,
      2,
      'uint16',
      { x: 0.4, y: expect.closeTo(0.6, 9), z: 1, unit: 'um' },
    ]);
    const wanted = degrade(
      { ...fine, data: fine.data.map((value) => value / 4000) },
      degradationSpec.parse(spec),
      createRng(1).fork('degrade').fork('volume'),
    );
    // Rounded to whole numbers, and never below 0; the input's scale is a float32 product.
    coarse.data.forEach((value, i) => expect(Math.abs(value - Math.max(0, wanted.data[i] * 4000))).toBeLessThan(0.51));
    const said = JSON.parse(readFileSync(join(folder, 'volume-lr-degradation.json'), 'utf8')) as {
      seed: number;
      degradation: DegradationSpec;
      steps: string[];
      pixelSize: { coarse: object };
    };
    expect([said.seed, said.degradation.kind, said.pixelSize.coarse]).toEqual([
      1,
      'confocal',
      { x: 0.4, y: 0.6000000000000001, z: 1, unit: 'um' },
    ]);
    expect(said.steps).toEqual([
      'confocal PSF, one sample for each coarse pixel',
      'bleaching of 0.2',
      '500 photons, read noise 0.02',
    ]);
  });

  it('takes a folder, and blind says for each file what it drew', async () => {
    const many = join(folder, 'many');
    const out = join(folder, 'many-lr');
    writeTiff(join(many, 'a.tif'), scan(32, 32), { type: 'uint16' });
    await writePng(join(many, 'b.png'), scan(32, 32), { bits: 16 });
    const made = await degradeFiles(many, out, options({ kind: 'blind', factor: 4 }, { levels: 'percentile' }), silent);
    expect(readdirSync(out).sort()).toEqual(['a-degradation.json', 'a.tif', 'b-degradation.json', 'b.tif']);
    expect(made[0].steps).not.toEqual(made[1].steps);
    const again = await degradeFiles(
      join(many, 'a.tif'),
      join(folder, 'a-again.tif'),
      options({ kind: 'blind', factor: 4 }, { levels: 'percentile' }),
      silent,
    );
    expect((await readImage(again[0].output)).data).toEqual((await readImage(join(out, 'a.tif'))).data);
  });

  it('cuts what fills no coarse pixel where it is told to, and else says the crop', async () => {
    const input = join(folder, 'odd.tif');
    writeTiff(input, scan(33, 34), { type: 'uint16' });
    await expect(
      degradeFiles(input, join(folder, 'odd-lr.tif'), options({ kind: 'ct', factor: 4 }), silent),
    ).rejects.toThrow('degrade odd.tif: got 33 x 34 with factor 4, wanted a size divisible by 4; crop to 32 x 32');
    await degradeFiles(input, join(folder, 'odd-lr.tif'), options({ kind: 'ct', factor: 4 }, { crop: true }), silent);
    const { width, height } = await readImage(join(folder, 'odd-lr.tif'));
    expect([width, height]).toEqual([8, 8]);
  });

  it('has one clear error for NaN, constant images, optics without pixel size, taken names', async () => {
    const place = join(folder, 'bad');
    const at = (name: string) => join(place, name);
    const floats = createImage({ data: new Float32Array(256).fill(0.5), width: 16, height: 16, dataRange: [0, 1] });
    writeTiff(at('constant.tif'), floats, { type: 'float32' });
    writeTiff(
      at('nan.tif'),
      { ...floats, data: floats.data.map((value, i) => (i === 40 ? NaN : value)) },
      { type: 'float32' },
    );
    const rejected = async (name: string, spec: unknown, more: Partial<DegradeOptions>, text: string) => {
      await expect(degradeFiles(at(name), at('out.tif'), options(spec, more), silent)).rejects.toThrow(text);
      expect(readdirSync(place).filter((file) => file.startsWith('out'))).toEqual([]);
    };
    await rejected(
      'nan.tif',
      { kind: 'ct', factor: 4 },
      { levels: 'percentile' },
      'nan.tif: got NaN at x 8, y 2, wanted finite intensities',
    );
    await rejected(
      'constant.tif',
      { kind: 'ct', factor: 4 },
      { levels: 'percentile' },
      'constant.tif: got constant intensities (0.5), wanted contrast between the percentiles 0.5 and 99.8; ' +
        'choose --levels range or two numbers',
    );
    await rejected('constant.tif', { kind: 'confocal', factor: 4, optics: {} }, {}, 'got optics without a pixel size');
    await expect(
      degradeFiles(at('constant.tif'), at('nan.tif'), options({ kind: 'ct', factor: 4 }), silent),
    ).rejects.toThrow(
      'a file that is there already, wanted a new name; name another output, or write over it with --force',
    );
    await expect(
      degradeFiles(at('constant.tif'), at('constant.tif'), options({ kind: 'ct', factor: 4 }), silent),
    ).rejects.toThrow('got the input itself');
  });

  it('degrades time points one by one, and refuses a factor along them', async () => {
    const input = join(folder, 'time.ome.tif');
    const stream = createTiffStream(input, { width: 8, height: 8, depth: 4, type: 'uint16', metadata: 'ome' });
    for (let z = 0; z < 4; z++) await stream.writeRegion({ z }, new Float32Array(64).fill(100 * z));
    await stream.finish();
    // The same pages as time points: OME-XML says which.
    const bytes = readFileSync(input, 'latin1').replace('SizeZ="4" SizeT="1"', 'SizeZ="1" SizeT="4"');
    writeFileSync(input, bytes, 'latin1');
    await expect(
      degradeFiles(input, join(folder, 'time-lr.ome.tif'), options({ kind: 'ct', factor: { x: 2, z: 2 } }), silent),
    ).rejects.toThrow(
      'time.ome.tif: got 4 time points and a factor of 2 along z, wanted planes of one volume; ' +
        'leave z out: time points are degraded one by one',
    );
    await degradeFiles(input, join(folder, 'time-lr.ome.tif'), options({ kind: 'ct', factor: 2, noise: 0 }), silent);
    const lr = await readFrames(join(folder, 'time-lr.ome.tif'));
    expect(lr.map(({ depth, data }) => [depth, data[0], data.at(-1)])).toEqual(
      [0, 100, 200, 300].map((v) => [1, v, v]),
    );
  });

  it('says where whole numbers become floats', async () => {
    const input = join(folder, 'wide.ome.zarr');
    const array = {
      zarr_format: 2,
      shape: [12, 16],
      chunks: [12, 16],
      dtype: '<u4',
      order: 'C',
      fill_value: 0,
      compressor: null,
      filters: null,
    };
    mkdirSync(join(input, '0'), { recursive: true });
    const axes = ['y', 'x'].map((name) => ({ name, type: 'space' }));
    const multiscales = [{ version: '0.4', axes, datasets: [{ path: '0' }] }];
    writeFileSync(join(input, '.zgroup'), '{"zarr_format": 2}');
    writeFileSync(join(input, '.zattrs'), JSON.stringify({ multiscales }));
    writeFileSync(join(input, '0/.zarray'), JSON.stringify(array));
    writeFileSync(
      join(input, '0/0.0'),
      new Uint32Array(192).map((_, i) => 100 * i),
    );
    const lines: string[] = [];
    const given = { ...options({ kind: 'bicubic', factor: 2 }), levels: 'range' } as const;
    await degradeFiles(input, join(folder, 'wide-lr.tif'), given, (line) => lines.push(line));
    expect(lines.join('\n')).toContain('wide.ome.zarr: uint32 is written as 32-bit floats');
  });

  it('writes floats where the type has no room for grey levels, and says so', async () => {
    const mask = { ...scan(24, 24), data: scan(24, 24).data.map((_, i) => (i % 5 < 2 ? 1 : 0)) };
    writeTiff(join(folder, 'mask.tif'), mask, { type: 'uint8' });
    const lines: string[] = [];
    const output = join(folder, 'mask-lr.tif');
    const given = { ...options({ kind: 'bicubic', factor: 2 }), levels: 'percentile' } as const;
    await degradeFiles(join(folder, 'mask.tif'), output, given, (line) => lines.push(line));
    const lr = await openImage(output);
    expect(lr.dtype).toBe('float32');
    // What ImageJ shows from black to white.
    expect(readFileSync(output, 'latin1')).toMatch(/min=0\nmax=1\n/);
    expect(new Set(await lr.readRegion()).size).toBeGreaterThan(10);
    expect(lines.join('\n')).toContain(
      'mask.tif: black and white are 1 apart, too little for the grey levels of uint8: written as 32-bit floats',
    );
    await lr.close();
  });
});

describe("the training graph's forward model", () => {
  const engine = createTensorFlowEngine({ threads: 1 });
  it.each([
    { kind: 'confocal', factor: 3 },
    { kind: 'confocal', factor: 2, optics: { pinholeAiry: 0 } },
    { kind: 'ct', factor: 3, psfSigmaPx: { x: 2, y: 0.5, z: 0 } },
    { kind: 'bicubic', factor: 3 },
    { kind: 'bicubic', factor: 4 },
  ])("is datasets' operator: $kind x$factor", async (given) => {
    const spec = degradationSpec.parse(given) as KnownModelSpec;
    const { factor } = given;
    const width = factor * 5;
    const height = factor * 7;
    const image = { ...scan(width, height), dataRange: [0, 1] as const };
    const hr = { ...image, data: image.data.map((value) => value / 4000) };
    const g = new Graph();
    const x = g.input('hr', [1, height, width, 1]);
    const executable = await engine.compile(
      createProgram(g, {
        run: { fetches: { lr: applyForwardModel(g, x, forwardKernels(spec, hr.pixelSize), factor) } },
      }),
    );
    const { lr } = await executable.run('run', { hr: hr.data });
    const wanted = forwardOperator(spec, hr).apply(hr).data;
    executable.dispose();
    expect(lr.length).toBe(wanted.length);
    expect(Math.max(...wanted.map((value, i) => Math.abs(value - lr[i])))).toBeLessThan(1e-6);
  });
});

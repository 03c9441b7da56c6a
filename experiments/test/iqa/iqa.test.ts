import { mkdirSync, mkdtempSync, readFileSync, readdirSync, existsSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Command } from 'commander';
import sharp from 'sharp';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { LacunaError, createImage, type PixelSize } from '@lacuna/core';
import { createTiffStream, writeTiff, writeZarr } from '@lacuna/datasets';
import { evaluate, metricNames } from '@lacuna/iqa';
import { register } from '../../src/commands/iqa.js';

/** Vertical lines 3 px wide, 12 px apart, the rest dark; `extra` brightens every third pixel a little. */
function lines(
  width: number,
  height: number,
  options: { depth?: number; extra?: number; pixelSize?: PixelSize; top?: number; shift?: number } = {},
) {
  const { depth = 1, extra = 0, pixelSize = null, top = 255, shift = 0 } = options;
  const data = Float32Array.from({ length: width * height * depth }, (_, i) =>
    ((i % width) + shift) % 12 < 3 ? 200 : 20 + (i % 3 === 0 ? extra : 0),
  );
  return createImage({ data, width, height, depth, dataRange: [0, top], pixelSize, name: 'lines' });
}

/** The same picture, its intensities rounded after a factor. */
function scaledBy(image: ReturnType<typeof lines>, factor: number) {
  const data = Float32Array.from(image.data, (value) => Math.round(value * factor));
  return createImage({ ...image, data });
}

let folder: string;
let printed: string;
const path = (...parts: string[]) => join(folder, ...parts);

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'lacuna-iqa-'));
  for (const name of ['hr', 'sr', 'odd', 'empty', 'twice', 'scaled', 'dark-hr', 'dark-sr']) mkdirSync(path(name));
  for (const kind of ['dark-hr', 'dark-sr']) {
    const dark = createImage({ data: new Float32Array(48 * 36), width: 48, height: 36, depth: 1, dataRange: [0, 255] });
    writeTiff(path(kind, 'a.tif'), lines(48, 36), { type: 'uint8' });
    writeTiff(path(kind, 'b.tif'), dark, { type: 'uint8' });
  }
  writeTiff(path('mask-1.tif'), scaledBy(lines(48, 36), 1 / 200), { type: 'uint8' });
  for (const [i, name] of ['a', 'b'].entries()) {
    writeTiff(path('hr', `${name}.tif`), lines(48, 36, { pixelSize: { x: 0.1, y: 0.1, unit: 'um' } }), {
      type: 'uint8',
    });
    writeTiff(path('sr', `${name}.ome.tif`), lines(48, 36, { extra: 10 + i }), { type: 'uint8', metadata: 'ome' });
    writeTiff(path('scaled', `${name}.tif`), lines(48, 36, { pixelSize: { x: 0.1 + i, y: 0.1 + i, unit: 'um' } }), {
      type: 'uint8',
    });
    writeTiff(path('twice', `a.ti${'f'.repeat(i + 1)}`), lines(8, 8), { type: 'uint8' });
  }
  writeTiff(path('odd', 'a.tif'), lines(47, 36), { type: 'uint8' });
  writeTiff(path('stack-hr.tif'), lines(24, 20, { depth: 5, top: 65535 }), { type: 'uint16' });
  writeTiff(path('stack-sr.tif'), lines(24, 20, { depth: 5, extra: 9, top: 65535 }), { type: 'uint16' });
  writeTiff(path('flat-stack.tif'), lines(24, 20, { depth: 5, pixelSize: { x: 1, y: 1, unit: 'um' } }), {
    type: 'uint8',
    metadata: 'ome',
  });
  await sharp(
    new Uint8Array(30 * 30 * 3).map((_, i) => (i * 31) % 256),
    { raw: { width: 30, height: 30, channels: 3 } },
  )
    .png()
    .toFile(path('rgb.png'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));
beforeEach(() => {
  printed = '';
  vi.spyOn(process.stdout, 'write').mockImplementation((chunk) => {
    printed += String(chunk);
    return true;
  });
  vi.spyOn(console, 'log').mockImplementation((chunk: unknown) => {
    printed += `${String(chunk)}\n`;
  });
});
afterEach(() => {
  vi.restoreAllMocks();
});

async function iqa(...args: string[]): Promise<string> {
  const program = new Command().exitOverride();
  register(program);
  for (const command of program.commands) command.exitOverride().configureOutput({ writeErr: () => undefined });
  await program.parseAsync(['iqa', ...args], { from: 'user' });
  return printed;
}

describe('what an image is', () => {
  it('may be an OME-Zarr store, beside a file or in a folder', async () => {
    const image = lines(48, 36);
    await writeZarr(path('store.ome.zarr'), image, { type: 'uint8' });
    writeTiff(path('file.tif'), image, { type: 'uint8' });
    expect(await iqa(path('store.ome.zarr'), path('file.tif'), '--metrics', 'mse')).toMatch(/mse +0 /);
    for (const side of ['zarr-hr', 'zarr-sr']) mkdirSync(path(side));
    await writeZarr(path('zarr-hr', 'a.ome.zarr'), image, { type: 'uint8' });
    writeTiff(path('zarr-sr', 'a.tif'), image, { type: 'uint8' });
    printed = '';
    expect(await iqa(path('zarr-hr'), path('zarr-sr'), '--metrics', 'mse')).toMatch(/mse +0 /);
  });

  it('has time points, which are measured one by one; said', async () => {
    for (const [name, extra] of [
      ['time-hr.ome.tif', 0],
      ['time-sr.ome.tif', 30],
    ] as const) {
      const stream = createTiffStream(path(name), { width: 48, height: 36, frames: 2, type: 'uint8', metadata: 'ome' });
      await stream.writeRegion({ t: 0 }, lines(48, 36).data);
      await stream.writeRegion({ t: 1 }, lines(48, 36, { extra }).data);
      await stream.finish();
    }
    const text = await iqa(path('time-hr.ome.tif'), path('time-sr.ome.tif'), '--metrics', 'mse');
    expect(text).toMatch(/time-hr\.ome\.tif\[0\] +0\n/);
    expect(text).toMatch(/time-hr\.ome\.tif\[1\] +\d{3}/);
    expect(text).toContain('2 time points, each measured by itself');
    await expect(iqa(path('time-hr.ome.tif'), path('hr', 'a.tif'))).rejects.toThrow(
      /a\.tif: got one time point, wanted 2 time points, as .*time-hr\.ome\.tif has/,
    );
  });

  it('needs no distance of planes for metrics of intensities', async () => {
    const stack = path('flat-stack.tif');
    expect(await iqa(stack, stack, '--metrics', 'mse')).toMatch(/mse +0 /);
  });
});

interface Output {
  readonly protocol: Record<string, unknown>;
  readonly images: {
    name: string;
    metrics: Record<string, number | null>;
    reasons: Record<string, string>;
    reference: Record<string, number>;
  }[];
  readonly summary: Record<string, { mean: number | null; images: number }>;
}
const json = async (...args: string[]): Promise<Output> => JSON.parse(await iqa(...args, '--json')) as Output;

describe('what a mean and a pair keep in silence elsewhere', () => {
  it('pairs without a network in either image enter the mean as 1: flagged for each, said of the mean', async () => {
    const text = await iqa(path('dark-hr'), path('dark-sr'), '--metrics', 'cldice,hd95,psnr', '--threshold', '100');
    expect(text).toContain('b.tif: cldice: both empty');
    expect(text).toContain('mean of cldice: 1 of 2 pairs have no network in either image and count 1');
    expect(text).toContain('mean of hd95: 1 of 2 pairs have no network in either image and count 0');
    expect(text).not.toContain('mean of psnr: ');
    printed = '';
    const json = JSON.parse(
      await iqa(path('dark-hr'), path('dark-sr'), '--metrics', 'cldice', '--threshold', '100', '--json'),
    ) as { summary: { cldice: { images: number; bothEmpty: number } } };
    expect(json.summary.cldice).toMatchObject({ images: 2, bothEmpty: 1 });
  });

  it('a mask of 0/1 against one of another scale is named', async () => {
    const text = await iqa(path('mask-1.tif'), path('hr', 'a.tif'), '--metrics', 'cldice', '--threshold', '0.5');
    expect(text).toContain('the reference spans 0 to 1, the estimate 20 to 200: a factor of 180');
  });
});

describe('two files', () => {
  it('give JSON with the protocol, the values of evaluate(), and a summary', async () => {
    const { protocol, images, summary } = await json(
      path('hr', 'a.tif'),
      path('sr', 'a.ome.tif'),
      '--metrics',
      'psnr,ssim,cldice,betti0_error,length_density',
    );
    const direct = evaluate(lines(48, 36), lines(48, 36, { extra: 10 }), {
      dataRange: 255,
      pixelSize: { x: 0.1, y: 0.1, unit: 'um' },
      metrics: ['psnr', 'ssim', 'cldice', 'betti0_error', 'length_density'],
    });
    expect(images).toEqual([
      {
        name: 'a.tif',
        metrics: direct.values,
        reasons: {},
        notes: {},
        pairRemarks: [],
        reference: direct.referenceValues,
      },
    ]);
    expect(protocol).toMatchObject({
      id: direct.protocol,
      dataRange: 255,
      border: 0,
      threshold: 'otsu',
      pixelSize: { x: 0.1, unit: 'um' },
    });
    expect(summary['psnr']).toEqual({
      mean: direct.values.psnr,
      median: direct.values.psnr,
      standardDeviation: null,
      images: 1,
      bothEmpty: 0,
    });
  });

  it('write null with the reason beside it for what has no finite value', async () => {
    const { images, summary } = await json(path('hr', 'a.tif'), path('hr', 'b.tif'), '--metrics', 'psnr,ms_ssim,ssim');
    expect(images[0]).toMatchObject({
      metrics: { psnr: null, ms_ssim: null, ssim: 1 },
      reasons: { psnr: 'infinite: identical images', ms_ssim: expect.stringContaining('at least 161 x 161') },
    });
    expect(summary['psnr']).toEqual({ mean: null, median: null, standardDeviation: null, images: 0, bothEmpty: 0 });
  });

  it('print a table with units, the reference beside what describes one network, and the protocol', async () => {
    const text = await iqa(
      path('hr', 'a.tif'),
      path('sr', 'a.ome.tif'),
      '--metrics',
      'psnr',
      '--metrics',
      'length_density,hd95',
    );
    expect(text).toMatch(/psnr +\d+\.\d+ +dB +higher/);
    expect(text).toMatch(/length_density +[\d.]+ +[\d.]+ +1\/um +near the reference/);
    expect(text).toMatch(/hd95 +0\.1 +um +lower/);
    expect(text).toMatch(/protocol [0-9a-f]{12}: .*dataRange 255/);
  });

  it('take every option into the protocol', async () => {
    const { protocol } = await json(
      path('hr', 'a.tif'),
      path('sr', 'a.ome.tif'),
      '--data-range',
      '200',
      '--threshold',
      '90,110',
      '--pixel-size',
      '50nm',
      '--crop',
      '3',
      '--channel',
      '0',
      '--smoothing',
      '0',
      '--tolerance',
      '1.5',
      '--metrics',
      'ssim',
    );
    expect(protocol).toMatchObject({
      dataRange: 200,
      threshold: { low: 90, high: 110 },
      pixelSize: { x: 50, y: 50, unit: 'nm' },
      border: 3,
      channel: 0,
      smoothing: 0,
      tolerance: 1.5,
    });
  });

  it('are measured as stacks where they are stacks, all metrics of them', async () => {
    const { images, protocol } = await json(
      path('stack-hr.tif'),
      path('stack-sr.tif'),
      '--data-range',
      '4095',
      '--pixel-size',
      '0.2um',
      '--metrics',
      'all',
    );
    expect(Object.keys(images[0].metrics)).toEqual([...metricNames]);
    expect(images[0].metrics).toMatchObject({ betti2_error: 0, cldice: 1, ms_ssim: null });
    expect(protocol).toMatchObject({ pixelSize: { x: 0.2, y: 0.2, z: 0.2, unit: 'um' } });
  });

  it('score colour on its luma', async () => {
    const { images } = await json(path('rgb.png'), path('rgb.png'), '--channel', 'y', '--metrics', 'ssim', 'cldice');
    expect(images[0].metrics).toEqual({ ssim: 1, cldice: 1 });
  });
});

describe('networks', () => {
  it('are drawn, and their branches written with length, width, intensity and contrast', async () => {
    await iqa(
      path('hr', 'a.tif'),
      path('sr', 'a.ome.tif'),
      '--metrics',
      'cldice',
      '--threshold',
      '100',
      '--figures',
      path('drawn'),
      '--branches',
      path('drawn', 'branches.csv'),
    );
    expect(readdirSync(path('drawn')).sort()).toEqual([
      'branches.csv',
      'networks-a.pdf',
      'networks-a.png',
      'networks-a.svg',
    ]);
    const [header, ...rows] = readFileSync(path('drawn', 'branches.csv'), 'utf8')
      .trimEnd()
      .split('\n')
      .map((row) => row.split(','));
    expect(header).toEqual([
      'image',
      'branch',
      'length',
      'width',
      'unit',
      'intensity',
      'contrast',
      'share_matched',
      'x',
      'y',
      'z',
    ]);
    // Four lines of 36 px, 3 wide, of 200 on 20; thinning shortens their ends.
    expect(rows).toHaveLength(4);
    for (const [image, kind, length, width, unit, intensity, contrast, share] of rows) {
      expect([image, kind, unit, share]).toEqual(['a.tif', 'found', 'um', '1']);
      expect(Number(length)).toBeCloseTo(3.4, 0);
      expect([Number(width), Number(intensity), Number(contrast)]).toEqual([expect.closeTo(0.3, 1), 200, 180]);
    }
    const svg = readFileSync(path('drawn', 'networks-a.svg'), 'utf8');
    expect(svg).toContain('4 branches found, 0 missed, 0 invented; lengths in µm');
    expect(svg).toContain('found 100 %');
  });

  it('of volumes have densities by volume', async () => {
    const text = await iqa(
      path('stack-hr.tif'),
      path('stack-sr.tif'),
      '--data-range',
      '4095',
      '--pixel-size',
      '0.2um',
      '--metrics',
      'length_density,node_density',
    );
    expect(text).toMatch(/length_density .* 1\/um² /);
    expect(text).toMatch(/node_density .* 1\/um³ /);
  });

  it("at the level of the network's edges", async () => {
    const { protocol, images } = await json(
      path('hr', 'a.tif'),
      path('sr', 'a.ome.tif'),
      '--metrics',
      'cldice,porosity',
      '--threshold',
      'network',
    );
    expect(protocol).toMatchObject({ threshold: 'network' });
    expect(images[0].reference['porosity']).toBeGreaterThan(0.2);
    expect(images[0].reference['porosity']).toBeLessThan(0.35);
  });
});

describe('two folders', () => {
  it('are matched by name, whatever the format', async () => {
    const { images, summary } = await json(path('hr'), path('sr'), '--metrics', 'mse');
    expect(images.map(({ name }) => name)).toEqual(['a.tif', 'b.tif']);
    const [a, b] = images.map(({ metrics }) => metrics['mse']!);
    expect(summary['mse']).toMatchObject({ mean: (a + b) / 2, images: 2 });
  });

  it('print a row for each image and the mean, and write CSV', async () => {
    const text = await iqa(path('hr'), path('sr'), '--metrics', 'mse', 'ms_ssim', '--csv', path('out', 'scores.csv'));
    expect(
      text
        .split('\n')
        .slice(2, 5)
        .map((line) => line.split(' ')[0]),
    ).toEqual(['a.tif', 'b.tif', 'mean']);
    expect(text).toContain('a.tif: ms_ssim: msSsim: got 48 x 36');
    const rows = readFileSync(path('out', 'scores.csv'), 'utf8').trimEnd().split('\n');
    expect(rows[0]).toBe('image,metric,value,unit,reference,remark');
    expect(rows[2]).toMatch(/^a\.tif,ms_ssim,,,,"msSsim: got 48 x 36, wanted/);
    expect(rows).toHaveLength(5);
  });
});

describe('a bad input is one clear error with exit status 2, and nothing is written', () => {
  it.each<[string, string[], RegExp]>([
    ['no such path', ['hr/a.tif', 'nowhere.tif'], /nowhere\.tif: got no such file or folder/],
    ['one path', ['hr'], /iqa: got only .*hr, wanted two: REFERENCE ESTIMATE/],
    ['three paths', ['hr', 'sr', 'odd'], /iqa: got 3 paths/],
    ['a file and a folder', ['hr/a.tif', 'sr'], /wanted two files or two folders/],
    ['an empty folder', ['hr', 'empty'], /empty: got an empty folder/],
    ['an image without a partner', ['hr', 'odd'], /odd: got no image named b, wanted an image of the same name/],
    ['an image too many', ['odd', 'sr'], /odd: got no image named b/],
    ['one name twice', ['twice', 'twice'], /twice: got both a\.tif and a\.tiff/],
    [
      'two sizes',
      ['hr/a.tif', 'odd/a.tif'],
      /odd\/a\.tif against .*hr\/a\.tif: got an estimate of 47 x 36, wanted the reference's 48 x 36/,
    ],
    [
      'a pixel size without a unit',
      ['hr', 'sr', '--pixel-size', '0.1'],
      /--pixel-size: got "0\.1", wanted a positive length with its unit/,
    ],
    [
      'files of two pixel sizes',
      ['scaled', 'hr'],
      /b\.tif: got another pixel size \(1\.1 x 1\.1 um\) than that of a\.tif \(0\.1 x 0\.1 um\).*give --pixel-size/,
    ],
    [
      '16 bits without a data range',
      ['stack-hr.tif', 'stack-sr.tif'],
      /stack-hr\.tif: got no data range, and intensities from 20 to 200 .*give --data-range/,
    ],
    [
      'a stack without the distance of its planes',
      ['flat-stack.tif', 'flat-stack.tif'],
      /flat-stack\.tif: got a stack of 5 planes with a pixel of 1 x 1 um/,
    ],
    [
      'a metric that is not there',
      ['hr', 'sr', '--metrics', 'psnr,sim'],
      /--metrics: got "sim", .*did you mean ssim\?/,
    ],
    ['a data range of zero', ['hr', 'sr', '--data-range', '0'], /--data-range: got "0", wanted a positive number/],
    ['a data range of words', ['hr', 'sr', '--data-range', '8bit'], /--data-range: got "8bit"/],
    ['a threshold upside down', ['hr', 'sr', '--threshold', '9,3'], /--threshold: got "9,3", wanted otsu/],
    ['a fraction of a pixel', ['hr', 'sr', '--crop', '1.5'], /--crop: got "1\.5", wanted a whole number/],
    ['a crop that leaves nothing', ['hr', 'sr', '--crop', '18'], /got 18 px on 48 x 36/],
    ['a channel that is not there', ['hr', 'sr', '--channel', '3'], /got channel 3, wanted 'y', 'all' or 0 to 0/],
    ['a channel of words', ['hr', 'sr', '--channel', 'red'], /--channel: got "red"/],
    ['a negative tolerance', ['hr', 'sr', '--tolerance', '-1'], /--tolerance: got "-1"/],
  ])('%s', async (_, args, message) => {
    const named = args.map((word, i) =>
      args[i - 1]?.startsWith('--') || word.startsWith('--') ? word : path(...word.split('/')),
    );
    const error: unknown = await iqa(...named, '--csv', path('never.csv')).then(
      () => null,
      (thrown: unknown) => thrown,
    );
    expect(error).toBeInstanceOf(LacunaError);
    expect((error as LacunaError).message).toMatch(message);
    expect([(error as LacunaError).exitCode, printed, existsSync(path('never.csv'))]).toEqual([2, '', false]);
  });
});

import { mkdirSync, readFileSync, readdirSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { createTiffStream, writeTiff, writeZarr } from '@lacuna/datasets';
import { evaluate, metricNames } from '@lacuna/iqa';
import { iqa, lines, path, useImages } from './command.js';

useImages();

describe('what an image is', () => {
  it('may be an OME-Zarr store, beside a file or in a folder', async () => {
    const image = lines(48, 36);
    await writeZarr(path('store.ome.zarr'), image, { type: 'uint8' });
    writeTiff(path('file.tif'), image, { type: 'uint8' });
    expect(await iqa(path('store.ome.zarr'), path('file.tif'), '--metrics', 'mse')).toMatch(/mse +0 /);
    for (const side of ['zarr-hr', 'zarr-sr']) mkdirSync(path(side));
    await writeZarr(path('zarr-hr', 'a.ome.zarr'), image, { type: 'uint8' });
    writeTiff(path('zarr-sr', 'a.tif'), image, { type: 'uint8' });
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

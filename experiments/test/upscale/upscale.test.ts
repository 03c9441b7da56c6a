import {
  copyFileSync,
  existsSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  rmSync,
  statSync,
  symlinkSync,
  truncateSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { zipSync } from 'fflate';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import {
  createTiffStream,
  createZarrStream,
  enlarge,
  openImage,
  readFrames,
  readImage,
  writePng,
  writeTiff,
} from '@lacuna/datasets';
import { exportModel } from '@lacuna/onnx';
import { modelCost, modelSpec, readTensorFile } from '@lacuna/models';
import { readPackage } from '../../src/upscale/package-model.js';
import { defaultOptions, type UpscaleOptions } from '../../src/upscale/options.js';
import { upscale } from '../../src/upscale/upscale.js';
import { newFolder, picture, writeModel } from './fixtures.js';

let folder: string;
let lines: string[];
const at = (name: string): string => join(folder, name);
const run = (model: string, input: string, output: string, options: Partial<UpscaleOptions> = {}) =>
  upscale(at(model), at(input), at(output), { ...defaultOptions, device: 'cpu', ...options });
const said = (): string => lines.join('\n');
const furthest = (a: Float32Array, b: Float32Array): number =>
  a.reduce((most, value, i) => Math.max(most, Math.abs(value - b[i])), 0);

beforeEach(() => {
  folder = newFolder();
  lines = [];
  vi.spyOn(console, 'log').mockImplementation((...parts: unknown[]) => {
    lines.push(parts.join(' '));
  });
  vi.spyOn(process.stdout, 'write').mockImplementation((text) => {
    lines.push(String(text));
    return true;
  });
});
afterEach(() => {
  vi.restoreAllMocks();
});

describe('a file', () => {
  it('keeps bits, planes, channels and unit; pixels become as small as the factor says', async () => {
    writeModel(at('best.safetensors'), { factor: 3, dataRange: [0, 65535], normalisation: { low: 100, high: 60000 } });
    writeTiff(
      at('in.ome.tif'),
      picture({
        width: 20,
        height: 16,
        depth: 3,
        channels: 2,
        dataRange: [0, 65535],
        pixelSize: { x: 0.3, y: 0.6, z: 1, unit: 'um' },
      }),
      { type: 'uint16', metadata: 'ome' },
    );
    await run('best.safetensors', 'in.ome.tif', 'out.ome.tif');
    const sr = await openImage(at('out.ome.tif'));
    await sr.close();
    expect(sr).toMatchObject({ width: 60, height: 48, depth: 3, channels: 2, dtype: 'uint16', dataRange: [0, 65535] });
    expect(sr.pixelSize).toMatchObject({ z: 1, unit: 'um' });
    expect(sr.pixelSize!.x).toBeCloseTo(0.1, 6);
    expect(sr.pixelSize!.y).toBeCloseTo(0.2, 6);
    expect(said()).toMatch(/device: CPU, \d+ thread/);
    expect(said()).toMatch(/plane 1\/3 {2}\d+ % {2}\d+ s left/);
  });

  it('comes out as every plane and channel of it alone', async () => {
    writeModel(at('best.safetensors'));
    const stack = picture({ width: 24, height: 20, depth: 2, channels: 3 });
    writeTiff(at('in.tif'), stack, { type: 'uint8' });
    await run('best.safetensors', 'in.tif', 'out.tif');
    const one = {
      ...picture({ width: 24, height: 20 }),
      data: Float32Array.from({ length: 480 }, (_, i) => stack.data[(480 + i) * 3 + 2]),
    };
    writeTiff(at('one.tif'), one, { type: 'uint8' });
    await run('best.safetensors', 'one.tif', 'one-sr.tif');
    const sr = await readImage(at('out.tif'));
    const alone = await readImage(at('one-sr.tif'));
    expect(Float32Array.from({ length: 4 * 480 }, (_, i) => sr.data[(4 * 480 + i) * 3 + 2])).toEqual(alone.data);
    await run('best.safetensors', 'in.tif', 'channel.tif', { channel: 2 });
    const channel = await readImage(at('channel.tif'));
    expect(channel).toMatchObject({ channels: 1, depth: 2 });
    expect(channel.data.slice(4 * 480)).toEqual(alone.data);
  });

  it('is near the interpolated image when the network adds little: range and orientation are right', async () => {
    writeModel(at('best.safetensors'), { dataRange: [0, 255], normalisation: { low: 10, high: 240 } });
    const lr = picture({ width: 60, height: 45 });
    writeTiff(at('in.tif'), lr, { type: 'uint8' });
    for (const invert of [false, true]) {
      await run('best.safetensors', 'in.tif', `out-${invert}.tif`, { invert });
      const sr = await readImage(at(`out-${invert}.tif`));
      const bicubic = enlarge(lr, 2, 'bicubic');
      const mean = sr.data.reduce((sum, value, i) => sum + Math.abs(value - bicubic.data[i]), 0) / sr.data.length;
      expect(mean).toBeLessThan(12);
    }
  });

  it('takes levels in the numbers of the file, inverted or not, of integers and floats', async () => {
    writeModel(at('best.safetensors'), { dataRange: [0, 65535], normalisation: { low: 0, high: 65535 } });
    const lr = picture({ width: 60, height: 45, dataRange: [0, 4095] });
    writeTiff(at('in.tif'), lr, { type: 'uint16' });
    writeTiff(at('float.tif'), { ...lr, data: lr.data.map((value) => value / 4095) }, { type: 'float32' });
    const bicubic = enlarge(lr, 2, 'bicubic');
    const mean = (values: ArrayLike<number>) =>
      Array.from(values).reduce((sum, value) => sum + value, 0) / values.length;
    for (const invert of [false, true]) {
      await run('best.safetensors', 'in.tif', `told-${invert}.tif`, { invert, levels: { low: 0, high: 4095 } });
      await run('best.safetensors', 'float.tif', `float-${invert}.tif`, { invert, levels: { low: 0, high: 1 } });
      const sr = (await readImage(at(`told-${invert}.tif`))).data;
      expect(mean(sr.map((value, i) => Math.abs(value - bicubic.data[i])))).toBeLessThan(200);
      const floats = (await readImage(at(`float-${invert}.tif`))).data;
      // Integers are rounded, and kept from going below 0.
      expect(mean(floats.map((value, i) => Math.abs(Math.max(0, 4095 * value) - sr[i])))).toBeLessThan(0.5);
    }
    expect(said()).toMatch(/levels 0 to 4095, as told, inverted while enlarged/);
  });

  it('keeps time points, and turns a scale whose zero is white about', async () => {
    writeModel(at('best.safetensors'), { dataRange: [0, 255], normalisation: { low: 0, high: 255 } });
    const lr = picture({ width: 24, height: 20, depth: 6 });
    for (const name of ['film.tif', 'film.ome.tif', 'film.ome.zarr']) {
      const options = { width: 24, height: 20, depth: 2, frames: 3, type: 'uint8' } as const;
      const film = name.endsWith('zarr') ? createZarrStream(at(name), options) : createTiffStream(at(name), options);
      for (let i = 0; i < 6; i++)
        await film.writeRegion({ t: Math.floor(i / 2), z: i % 2 }, lr.data.subarray(480 * i, 480 * (i + 1)));
      await film.finish();
      await run('best.safetensors', name, `sr-${name}`);
      const sr = await openImage(at(`sr-${name}`));
      expect(sr).toMatchObject({ width: 48, height: 40, depth: 2, frames: 3 });
      await sr.close();
    }
    const frames = await Promise.all(['sr-film.tif', 'sr-film.ome.zarr'].map((name) => readFrames(at(name))));
    expect(frames[0].map(({ data }) => data)).toEqual(frames[1].map(({ data }) => data));
    const last = { ...lr, depth: 2, data: lr.data.slice(480 * 4) };
    writeTiff(at('last.tif'), last, { type: 'uint8' });
    await run('best.safetensors', 'last.tif', 'last-sr.tif');
    expect(frames[0].map(({ data }) => data)[2]).toEqual((await readImage(at('last-sr.tif'))).data);
    const fine = picture({ width: 24, height: 20 });
    writeTiff(at('in.tif'), fine, { type: 'uint8' });
    const bytes = readFileSync(at('in.tif'));
    // Photometric interpretation (262): one SHORT, 1 becomes 0.
    const tag = bytes.indexOf(Buffer.from([6, 1, 3, 0, 1, 0, 0, 0, 1, 0]));
    bytes.writeUInt16LE(0, tag + 8);
    writeFileSync(at('white.tif'), bytes);
    await run('best.safetensors', 'white.tif', 'white-sr.tif');
    const white = (await readImage(at('white-sr.tif'))).data;
    writeTiff(at('turned.tif'), { ...fine, data: fine.data.map((value) => 255 - value) }, { type: 'uint8' });
    await run('best.safetensors', 'turned.tif', 'turned-sr.tif');
    expect(white).toEqual((await readImage(at('turned-sr.tif'))).data);
    const notes = lines.filter((line) => line.includes('zero is white in this file: values are turned about'));
    expect(notes).toHaveLength(1);
  });

  it('of one value has one value, but within the reach of the network from the rim', async () => {
    writeModel(at('best.safetensors'), { dataRange: [0, 255], normalisation: { low: 0, high: 255 } });
    const side = 64;
    const grey = { ...picture({ width: side, height: side }), data: new Float32Array(side * side).fill(100) };
    writeTiff(at('grey.tif'), grey, { type: 'uint8' });
    await run('best.safetensors', 'grey.tif', 'grey-sr.tif');
    const sr = await readImage(at('grey-sr.tif'));
    const { receptiveField } = modelCost(
      modelSpec.parse({ name: 'fsrcnn', d: 8, s: 4, m: 1, upsampler: 'shuffle', skip: 'bicubic' }),
      { factor: 2, channels: 1 },
    );
    const rim = 2 * Math.ceil(receptiveField! / 2);
    const inner: number[] = [];
    for (let y = rim; y < sr.height - rim; y += 2)
      for (let x = rim; x < sr.width - rim; x += 2) inner.push(sr.data[y * sr.width + x]);
    expect(inner.length).toBeGreaterThan(100);
    expect(new Set(inner).size).toBe(1);
    expect(new Set(sr.data).size).toBeGreaterThan(4);
  });

  it('may be PNG on either side', async () => {
    writeModel(at('best.safetensors'));
    await writePng(at('in.png'), picture(), { bits: 8 });
    await run('best.safetensors', 'in.png', 'out.png');
    expect(await readImage(at('out.png'))).toMatchObject({ width: 80, height: 60, dataRange: [0, 255] });
  });
});

describe('MODEL', () => {
  it('is a checkpoint, an ONNX file, a package (folder or zip), or the folder of a trial: the same image', async () => {
    mkdirSync(at('trials/abc/checkpoints'), { recursive: true });
    writeModel(at('trials/abc/checkpoints/best.safetensors'));
    writeFileSync(
      at('trials/abc/trial.json'),
      JSON.stringify({ trial: { config: { training: { select: { metric: 'psnr', better: 'higher' } } } } }),
    );
    mkdirSync(at('package'));
    writeFileSync(
      at('package/weights.onnx'),
      exportModel(readTensorFile(at('trials/abc/checkpoints/best.safetensors'))),
    );
    writeFileSync(at('package/rdf.yaml'), 'type: model\nweights:\n  onnx:\n    source: weights.onnx\n');
    copyFileSync(at('package/weights.onnx'), at('model.onnx'));
    const zip = zipSync(
      Object.fromEntries(['rdf.yaml', 'weights.onnx'].map((name) => [name, readFileSync(at(`package/${name}`))])),
    );
    writeFileSync(at('package.zip'), zip);
    writeTiff(at('in.tif'), picture(), { type: 'uint8' });
    const images: Float32Array[] = [];
    for (const [i, model] of [
      'trials/abc/checkpoints/best.safetensors',
      'model.onnx',
      'package',
      'package.zip',
      'trials/abc',
    ].entries()) {
      await run(model, 'in.tif', `out-${i}.tif`);
      images.push((await readImage(at(`out-${i}.tif`))).data);
    }
    for (const image of images.slice(1)) expect(image).toEqual(images[0]);
    writeFileSync(at('cut.zip'), zip.subarray(0, zip.length / 2));
    await expect(run('cut.zip', 'in.tif', 'never.tif')).rejects.toThrow(
      /cut\.zip: got a damaged zip, wanted a whole model package; copy or export it again/,
    );
    expect(existsSync(at('never.tif'))).toBe(false);
  });

  it('is the best of a sweep by validation, or by the metric and the method that are named', async () => {
    const trials = { a: ['paired', 25, 0.7], b: ['geometry', 24, 0.9], c: ['geometry', 26, 0.8] } as const;
    for (const [id, [method, psnr, cldice]] of Object.entries(trials)) {
      mkdirSync(at(`sweep/trials/${id}/checkpoints`), { recursive: true });
      writeModel(at(`sweep/trials/${id}/checkpoints/best.safetensors`), { seed: id.charCodeAt(0) });
      writeFileSync(
        at(`sweep/trials/${id}/trial.json`),
        JSON.stringify({ trial: { config: { training: { select: { metric: 'cldice', better: 'higher' } } } } }),
      );
      writeFileSync(
        at(`sweep/trials/${id}/result.json`),
        JSON.stringify({
          id,
          name: `${method} ${id}`,
          group: method,
          method,
          seed: 0,
          status: 'finished',
          validation: { values: { psnr, cldice } },
          cost: { parameters: 10 },
        }),
      );
    }
    writeTiff(at('in.tif'), picture(), { type: 'uint8' });
    await run('sweep', 'in.tif', '1.tif');
    expect(said()).toContain('model: geometry b, best of 3 by validation cldice (0.9000)');
    await run('sweep', 'in.tif', '2.tif', { by: 'psnr' });
    expect(said()).toContain('model: geometry c, best of 3 by validation psnr (26.00)');
    await run('sweep', 'in.tif', '3.tif', { by: 'psnr', method: 'paired' });
    expect(said()).toContain('model: paired a, best of 1');
    await expect(run('sweep', 'in.tif', '4.tif', { by: 'sharpness' })).rejects.toThrow(
      '--by: got sharpness, wanted a metric of the sweep: psnr, cldice',
    );
    await expect(run('sweep', 'in.tif', '4.tif', { method: 'gan' })).rejects.toThrow(
      /no trained model of method gan, wanted one of paired, geometry/,
    );
    await run('sweep', 'in.tif', '5.tif', { uncertainty: 'seeds' });
    expect(said()).toContain('and 1 more');
    expect(existsSync(at('5-spread.tif'))).toBe(true);
    truncateSync(at('sweep/trials/a/trial.json'), 20);
    await expect(run('sweep', 'in.tif', '6.tif')).rejects.toThrow(
      'sweep/trials/a/trial.json: got text that is not the settings of a trial, wanted what lacuna sweep wrote',
    );
  });
});

describe('several models', () => {
  it('give their mean, and their spread in the numbers of the image', async () => {
    for (const seed of [1, 2]) writeModel(at(`${seed}.safetensors`), { seed });
    writeTiff(at('in.tif'), picture(), { type: 'float32' });
    const levels = { low: 0, high: 255 };
    for (const seed of [1, 2]) await run(`${seed}.safetensors`, 'in.tif', `${seed}.tif`, { levels });
    await run('1.safetensors', 'in.tif', 'mean.tif', { levels, uncertainty: [at('2.safetensors')] });
    const [a, b, mean, spread] = await Promise.all(
      ['1', '2', 'mean', 'mean-spread'].map(async (name) => (await readImage(at(`${name}.tif`))).data),
    );
    expect(
      furthest(
        mean,
        a.map((value, i) => (value + b[i]) / 2),
      ),
    ).toBeLessThan(1e-3);
    expect(
      furthest(
        spread,
        a.map((value, i) => Math.abs(value - b[i]) / Math.SQRT2),
      ),
    ).toBeLessThan(1e-3);
    expect(Math.max(...spread)).toBeGreaterThan(0.1);
  });

  it('of the same weights have no spread', async () => {
    for (const name of ['a', 'b']) writeModel(at(`${name}.safetensors`), { seed: 1 });
    writeTiff(at('in.tif'), picture(), { type: 'uint8' });
    await run('a.safetensors', 'in.tif', 'mean.tif', { uncertainty: [at('b.safetensors')] });
    await run('a.safetensors', 'in.tif', 'single.tif');
    expect((await readImage(at('mean-spread.tif'))).data.every((value) => value === 0)).toBe(true);
    expect((await readImage(at('mean.tif'))).data).toEqual((await readImage(at('single.tif'))).data);
  });
});

describe('--compare', () => {
  it('measures the result and bicubic beside, as the table and as a file', async () => {
    writeModel(at('best.safetensors'));
    writeTiff(at('in.tif'), picture({ width: 40, height: 32 }), { type: 'uint8' });
    writeTiff(at('hr.tif'), { ...enlarge(picture({ width: 40, height: 32 }), 2, 'bicubic') }, { type: 'uint8' });
    const { comparison } = (await run('best.safetensors', 'in.tif', 'out.tif', { compare: at('hr.tif') }))[0];
    // The fine image is the interpolated one, rounded to whole levels.
    expect(comparison!.bicubic['psnr']).toBeGreaterThan(50);
    expect(comparison!.sr['psnr']).toBeLessThan(comparison!.bicubic['psnr']!);
    expect(said()).toMatch(/metric +model +bicubic/);
    expect(JSON.parse(readFileSync(at('out-scores.json'), 'utf8'))).toMatchObject({
      sr: { psnr: comparison!.sr['psnr'] },
    });
  });

  it('is made up for where a result was finished without it, and not made again', async () => {
    writeModel(at('best.safetensors'));
    writeTiff(at('in.tif'), picture(), { type: 'uint8' });
    writeTiff(at('hr.tif'), { ...enlarge(picture(), 2, 'bicubic') }, { type: 'uint8' });
    await run('best.safetensors', 'in.tif', 'out.tif');
    const pixels = statSync(at('out.tif')).mtimeMs;
    const again = async () => (await run('best.safetensors', 'in.tif', 'out.tif', { compare: at('hr.tif') }))[0];
    const late = await again();
    const scores = statSync(at('out-scores.json')).mtimeMs;
    expect(late).toMatchObject({ skipped: true, comparison: { sr: { psnr: expect.any(Number) as unknown } } });
    expect(await again()).toEqual(late);
    expect([statSync(at('out.tif')).mtimeMs, statSync(at('out-scores.json')).mtimeMs]).toEqual([pixels, scores]);
    writeFileSync(at('out-scores.json'), '{"reference":');
    expect(await again()).toEqual(late);
    writeTiff(at('hr.tif'), enlarge(picture(), 2, 'nearest'), { type: 'uint8' });
    utimesSync(at('hr.tif'), new Date(), new Date(Date.now() + 1000));
    expect((await again()).comparison!.bicubic['psnr']).toBeLessThan(late.comparison!.bicubic['psnr']!);
  });

  it('of another size is refused before anything is done', async () => {
    writeModel(at('best.safetensors'));
    writeTiff(at('in.tif'), picture(), { type: 'uint8' });
    await expect(run('best.safetensors', 'in.tif', 'out.tif', { compare: at('in.tif') })).rejects.toThrow(
      '--compare: got in.tif of 40 x 30, wanted 80 x 60, 2 times in.tif',
    );
    expect(existsSync(at('out.tif'))).toBe(false);
  });
});

describe('a folder', () => {
  const fill = () => {
    mkdirSync(at('in'));
    for (const name of ['a', 'b', 'c'])
      writeTiff(at(`in/${name}.tif`), picture({ width: 40 + (name.charCodeAt(0) % 7) }), { type: 'uint8' });
  };

  it('that was killed goes on where it stopped', async () => {
    writeModel(at('best.safetensors'));
    fill();
    await run('best.safetensors', 'in', 'out');
    const before = statSync(at('out/a.tif')).mtimeMs;
    const whole = readFileSync(at('out/b.tif'));
    // As a killed process leaves it: one result missing, its beginning beside it under another name.
    truncateSync(at('out/b.tif'), 100);
    copyFileSync(at('out/b.tif'), at('out/b.tif.999999999-0123456789abcdef.part'));
    rmSync(at('out/b.tif'));
    lines = [];
    const again = await run('best.safetensors', 'in', 'out');
    expect(again.map(({ skipped }) => skipped)).toEqual([true, false, true]);
    expect(statSync(at('out/a.tif')).mtimeMs).toBe(before);
    expect(readFileSync(at('out/b.tif'))).toEqual(whole);
    expect(readdirSync(at('out')).sort()).toEqual(['.lacuna-upscale.json', 'a.tif', 'b.tif', 'c.tif']);
    expect(said()).toContain('a.tif: done before');
  });

  it('is not mixed with results of another model: --force writes over them', async () => {
    writeModel(at('1.safetensors'), { seed: 1 });
    writeModel(at('2.safetensors'), { seed: 2 });
    fill();
    await run('1.safetensors', 'in', 'out');
    await expect(run('2.safetensors', 'in', 'out')).rejects.toThrow(
      'a.tif: got a file that is there already (the result of another model or setting), ' +
        'wanted a new name; name another output, or write over it with --force',
    );
    expect((await run('2.safetensors', 'in', 'out', { force: true })).every(({ skipped }) => !skipped)).toBe(true);
  });

  it('is made again where the content of inputs changed and their size and time did not', async () => {
    writeModel(at('best.safetensors'));
    mkdirSync(at('in'));
    const time = new Date(2026, 1, 1);
    const write = (name: string, phase: number) => {
      writeTiff(
        at(`in/${name}.tif`),
        { ...picture(), data: picture().data.map((v) => (v + phase) % 256) },
        { type: 'uint8' },
      );
      utimesSync(at(`in/${name}.tif`), time, time);
    };
    write('a', 0);
    write('b', 50);
    await run('best.safetensors', 'in', 'out');
    const [a, b] = ['a', 'b'].map((name) => readFileSync(at(`out/${name}.tif`)));
    write('a', 50);
    write('b', 0);
    const again = await run('best.safetensors', 'in', 'out');
    expect(again.map(({ skipped }) => skipped)).toEqual([false, false]);
    expect((await readImage(at('out/a.tif'))).data).not.toEqual((await readImage(at('out/b.tif'))).data);
    write('a', 0);
    write('b', 50);
    await run('best.safetensors', 'in', 'out');
    expect([readFileSync(at('out/a.tif')), readFileSync(at('out/b.tif'))]).toEqual([a, b]);
    expect((await run('best.safetensors', 'in', 'out')).every(({ skipped }) => skipped)).toBe(true);
  });

  it('is made again where a result was damaged, and refused where another image lies in its place', async () => {
    writeModel(at('best.safetensors'));
    fill();
    await run('best.safetensors', 'in', 'out');
    const whole = readFileSync(at('out/b.tif'));
    writeFileSync(at('out/b.tif'), Buffer.from(whole).fill(0, whole.length / 2, whole.length / 2 + 1000));
    writeFileSync(at('out/c.tif'), Buffer.alloc(whole.length));
    const again = await run('best.safetensors', 'in', 'out');
    expect(again.map(({ skipped }) => skipped)).toEqual([true, false, false]);
    expect(readFileSync(at('out/b.tif'))).toEqual(whole);
    writeTiff(at('out/b.tif'), picture(), { type: 'uint8' });
    await expect(run('best.safetensors', 'in', 'out')).rejects.toThrow('b.tif: got a file that is there already');
  });
});

describe('--levels', () => {
  const means = (data: Float32Array): number => data.reduce((sum, value) => sum + value, 0) / data.length;
  const fine = (path: string) => readImage(at(path)).then(({ data }) => means(data));

  it('are numbers of the file, whether the network is dark or bright, and are said as such', async () => {
    writeModel(at('best.safetensors'), { dataRange: [0, 65535], normalisation: { low: 0, high: 65535 } });
    const scan = picture({ dataRange: [0, 4095] });
    writeTiff(at('in.tif'), scan, { type: 'uint16' });
    for (const invert of [false, true])
      await run('best.safetensors', 'in.tif', `${invert}.tif`, { invert, levels: { low: 0, high: 4095 } });
    // Before, an inverted image was off by thousands: the levels were held to the flipped numbers.
    for (const invert of [false, true])
      expect(Math.abs((await fine(`${invert}.tif`)) - means(scan.data))).toBeLessThan(150);
    expect(said().match(/levels 0 to 4095, as told/g)).toHaveLength(2);
  });

  it('of training are said in the numbers of the file where the network is dark', async () => {
    writeModel(at('best.safetensors'), { normalisation: { low: 20, high: 230 } });
    writeTiff(at('in.tif'), picture(), { type: 'uint8' });
    await run('best.safetensors', 'in.tif', 'out.tif', { invert: true });
    expect(said()).toContain('levels 25 to 235, of the training images, inverted while enlarged');
    expect(Math.abs((await fine('out.tif')) - means(picture().data))).toBeLessThan(6);
  });

  it('of floats: that a model which inverts does not invert them is said', async () => {
    const spec = {
      data: { source: 'folder', path: 'x', invert: true },
      degradation: { kind: 'bicubic', factor: 2 },
      model: { name: 'fsrcnn' },
      regime: { kind: 'paired' },
    };
    writeModel(at('best.safetensors'), { spec });
    writeTiff(at('in.tif'), { ...picture({ dataRange: [0, 1] }) }, { type: 'float32' });
    const levels = { low: 0, high: 1 };
    await run('best.safetensors', 'in.tif', 'out.tif', { levels });
    expect(said()).toContain(
      'in.tif: floats are taken as training saw them and not inverted; where the network is dark, give --invert',
    );
    lines = [];
    await run('best.safetensors', 'in.tif', 'told.tif', { levels, invert: false });
    expect(said()).not.toContain('not inverted');
  });
});

describe('a package', () => {
  const description = (source: string): string => `type: model\nweights:\n  onnx:\n    source: ${source}\n`;

  it('gives nothing from outside of itself, by its words or by a link', async () => {
    writeFileSync(at('secret.onnx'), exportModel(readTensorFile(writeModel(at('best.safetensors')))));
    writeTiff(at('in.tif'), picture(), { type: 'uint8' });
    mkdirSync(at('package'));
    for (const source of ['../secret.onnx', 'a/../../secret.onnx', at('secret.onnx')]) {
      writeFileSync(at('package/rdf.yaml'), description(source));
      await expect(run('package', 'in.tif', 'out.tif')).rejects.toThrow('got weights outside of the package (');
    }
    symlinkSync(at('secret.onnx'), at('package/linked.onnx'));
    writeFileSync(at('package/rdf.yaml'), description('./linked.onnx'));
    await expect(run('package', 'in.tif', 'out.tif')).rejects.toThrow(
      'got weights outside of the package (linked.onnx)',
    );
  });

  it('is unpacked no further than the description and the weights that it names, and these up to a size', () => {
    const weights = new Uint8Array([1, 2, 3]);
    const zip = Buffer.from(
      zipSync({
        'rdf.yaml': Buffer.from(description('w.onnx')),
        'w.onnx': weights,
        'bomb.bin': new Uint8Array(2 ** 20),
      }),
    );
    expect(readPackage('p.zip', zip)).toEqual(weights);
    // The central directory says 4 GB of the same entry.
    const entry = zip.lastIndexOf('w.onnx') - 46;
    expect(zip.readUInt32LE(entry)).toBe(0x02014b50);
    zip.writeUInt32LE(0xfff0_0000, entry + 24);
    expect(() => readPackage('p.zip', zip)).toThrow('MODEL p.zip: got w.onnx of 4.3 GB, more than 1.1 GB');
  });
});

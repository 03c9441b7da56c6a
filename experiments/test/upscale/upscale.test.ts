import { existsSync, readFileSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
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
import { modelCost, modelSpec } from '@lacuna/models';
import { picture, writeModel } from './fixtures.js';
import { at, forget, run, said, useSession } from './session.js';

useSession();

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
    const notes = said()
      .split('\n')
      .filter((line) => line.includes('zero is white in this file: values are turned about'));
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
    forget();
    await run('best.safetensors', 'in.tif', 'told.tif', { levels, invert: false });
    expect(said()).not.toContain('not inverted');
  });
});

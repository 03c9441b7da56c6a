import { copyFileSync, existsSync, mkdirSync, readFileSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs';
import { relative } from 'node:path';
import { zipSync } from 'fflate';
import { describe, expect, it } from 'vitest';
import { readImage, writeTiff } from '@lacuna/datasets';
import { exportModel } from '@lacuna/onnx';
import { readTensorFile } from '@lacuna/models';
import { otherSeedsOf } from '../../src/upscale/locate-model.js';
import { readPackage } from '../../src/upscale/package-model.js';
import { picture, writeModel } from './fixtures.js';
import { at, furthest, run, said, useSession } from './session.js';

useSession();

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
    // A trial that is named from where one stands is no other seed of its own.
    expect(otherSeedsOf(relative('.', at('sweep/trials/b')))).toEqual([at('sweep/trials/c')]);
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
    const deep = Buffer.from(zipSync({ 'rdf.yaml': Buffer.from('[{ '.repeat(100_000)) }));
    expect(() => readPackage('p.zip', deep)).toThrow('got an rdf.yaml whose values are nested too deeply to be read');
  });
});

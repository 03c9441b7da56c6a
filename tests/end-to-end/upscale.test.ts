import { readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createImage, createRng, type Image } from '@lacuna/core';
import { openImage, readImage, writeTiff } from '@lacuna/datasets';
import {
  Graph,
  buildGenerator,
  describeModel,
  initialVariables,
  modelSpec,
  readTensorFile,
  writeTensorFile,
} from '@lacuna/models';
import { exportModel } from '@lacuna/onnx';
import { startRun } from 'mlflow-ts-client';
import { beforeAll, describe, expect, it } from 'vitest';
import { answeringServer } from '../mlflow/answering-server.js';
import { findPython } from '../mlflow/python.js';
import { lacuna, newFolder } from './lacuna.js';

const { absent } = findPython();
if (absent !== null) console.log(`models of MLflow runs are not tested: ${absent}`);

/** A tiny checkpoint as training writes it. */
function checkpoint(folder: string, seed: number): string {
  const model = modelSpec.parse({ name: 'fsrcnn', d: 8, s: 4, m: 1, upsampler: 'shuffle', skip: 'bilinear' });
  const g = new Graph();
  const path = join(folder, `${seed}.safetensors`);
  buildGenerator(g, 'generator', g.input('lr', [1, 16, 16, 1]), model, { factor: 2, channels: 1, training: false });
  const start = initialVariables(g, createRng(seed));
  const rng = createRng(seed);
  writeTensorFile(path, {
    tensors: Object.fromEntries(
      [...g.variables.values()].map(({ name, shape }) => [
        name,
        { shape, values: Float32Array.from(start[name], (value) => value + 0.02 * rng.normal()) },
      ]),
    ),
    metadata: {
      ...describeModel({ model, factor: 2, channels: 1 }),
      name: `tiny ${seed}`,
      normalisation: '{"low":0,"high":255}',
      dataRange: '[0,255]',
    },
  });
  return path;
}

const scan = (): Image =>
  createImage({
    width: 24,
    height: 20,
    dataRange: [0, 255],
    data: Float32Array.from({ length: 480 }, (_, i) => Math.round(120 + 100 * Math.sin(i / 5))),
  });

describe.skipIf(absent !== null)('MODEL of an MLflow server', () => {
  const folder = newFolder();
  const runs: string[] = [];
  let uri = '';
  beforeAll(async () => {
    ({ uri } = await answeringServer());
    writeTiff(join(folder, 'in.tif'), scan(), { type: 'uint8' });
    for (const [seed, psnr] of [
      [1, 24],
      [2, 27],
      [3, 21],
    ] as const) {
      const run = await startRun({
        spoolDir: join(folder, `spool-${seed}`),
        trackingUri: uri,
        experimentName: 'colleagues',
        runName: `tiny ${seed}`,
        env: {},
        tags: { 'lacuna.method': seed === 3 ? 'other' : 'paired' },
      });
      run.logParams({ 'training.select.metric': 'psnr', 'training.select.better': 'higher' });
      run.logMetrics({ 'best_validation/psnr': psnr, 'best_validation/cldice': 1 - psnr / 100 }, { step: 1 });
      await run.logModel({
        name: 'model',
        files: { 'model.safetensors': readFileSync(checkpoint(folder, seed)) },
        params: {},
      });
      await run.end('FINISHED', { timeoutMs: 60_000 });
      if (run.runId === undefined) throw new Error(`tiny ${seed} never reached the server`);
      runs.push(run.runId);
    }
  });

  const made = async (model: string, output: string, more: readonly string[] = []) => {
    const ended = await lacuna(folder, [
      'upscale',
      model,
      'in.tif',
      output,
      '--device',
      'cpu',
      '--tracking-uri',
      uri,
      ...more,
    ]);
    expect(ended.err).toBe('');
    expect(ended.status).toBe(0);
    return { said: ended.out, image: (await readImage(join(folder, output))).data };
  };

  it('is a run by its id, or the best of an experiment: the same image as from the checkpoint', async () => {
    const [own, byRun, best, byMetric] = await Promise.all([
      made('2.safetensors', 'own.tif'),
      made(runs[1], 'run.tif'),
      made('colleagues', 'best.tif'),
      made('colleagues', 'metric.tif', ['--by', 'cldice', '--method', 'paired']),
    ]);
    expect(byRun.image).toEqual(own.image);
    expect(byRun.said).toContain('model: run tiny 2');
    expect(best.image).toEqual(own.image);
    expect(best.said).toContain('model: run tiny 2, best of 3 by validation psnr (27.00)');
    expect(byMetric.said).toContain('model: run tiny 1, best of 2 by validation cldice (0.7600)');
    expect(byMetric.image).not.toEqual(own.image);
  });

  it('that the server does not know is one error', async () => {
    const ended = await lacuna(folder, ['upscale', '0'.repeat(32), 'in.tif', 'none.tif', '--tracking-uri', uri]);
    expect([ended.status, ended.err.trim()]).toEqual([
      2,
      `lacuna: MODEL ${'0'.repeat(32)}: got a run that ${uri} does not know, wanted the id of a run; name ` +
        'its server with --tracking-uri',
    ]);
    expect(readdirSync(folder)).not.toContain('none.tif');
  });
});

describe('OME-Zarr', () => {
  it('goes in and comes out: 16 bits, planes, channels and pixel size', async () => {
    const folder = newFolder();
    const data = Float32Array.from({ length: 40 * 30 * 2 * 2 }, (_, i) => 1000 + 50 * (i % 97));
    writeFileSync(join(folder, 'model.onnx'), exportModel(readTensorFile(checkpoint(folder, 1))));
    writeTiff(
      join(folder, 'in.ome.tif'),
      createImage({
        width: 40,
        height: 30,
        depth: 2,
        channels: 2,
        data,
        dataRange: [0, 65535],
        pixelSize: { x: 0.2, y: 0.2, z: 0.5, unit: 'um' },
      }),
      { type: 'uint16', metadata: 'ome' },
    );
    const to = async (input: string, output: string, more: readonly string[] = []) =>
      lacuna(folder, ['upscale', 'model.onnx', input, output, '--device', 'cpu', '--levels', '1000,5800', ...more]);
    expect((await to('in.ome.tif', 'sr.ome.zarr')).err).toBe('');
    expect((await to('in.ome.tif', 'sr.ome.tif')).status).toBe(0);
    const zarr = await openImage(join(folder, 'sr.ome.zarr'));
    expect(zarr).toMatchObject({
      width: 80,
      height: 60,
      depth: 2,
      channels: 2,
      dtype: 'uint16',
      pixelSize: { x: 0.1, y: 0.1, z: 0.5, unit: 'um' },
    });
    expect((await readImage(join(folder, 'sr.ome.zarr'))).data).toEqual(
      (await readImage(join(folder, 'sr.ome.tif'))).data,
    );
    // It is known again as finished, is an input itself, and gives way to --force.
    expect((await to('in.ome.tif', 'sr.ome.zarr')).out).toContain('done before');
    expect((await to('sr.ome.zarr', 'twice.ome.zarr')).status).toBe(0);
    expect((await openImage(join(folder, 'twice.ome.zarr'))).width).toBe(160);
    expect((await to('in.ome.tif', 'twice.ome.zarr', ['--force'])).status).toBe(0);
    expect((await openImage(join(folder, 'twice.ome.zarr'))).width).toBe(80);
    expect(readdirSync(folder).filter((name) => /part|earlier/.test(name))).toEqual([]);
  });
});

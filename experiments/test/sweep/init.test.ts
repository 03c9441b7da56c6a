import { mkdirSync, writeFileSync } from 'node:fs';
import { beforeEach, describe, expect, it } from 'vitest';
import { createImage, createRng } from '@lacuna/core';
import { writeTiff } from '@lacuna/datasets';
import { readTensorFile, writeTensorFile } from '@lacuna/models';
import { exportModel } from '@lacuna/onnx';
import { checkInit } from '../../src/sweep/checks/check-init.js';
import { describePlan } from '../../src/sweep/plan/plan.js';
import { readInitialWeights } from '../../src/trial/initial-weights.js';
import { at, idOf, model, plan, useFolders, writeModel } from './linked-methods.js';

useFolders('lacuna-init-');

describe('init from a method', () => {
  const methods = `{
    fine: { init: { from: { method: first } } },
    first: { data: { source: lacunocanalicular, width: 64, height: 64, depth: 1 }, regime: { kind: geometry } } }`;

  it('is run behind it, with data of its own, and the plan shows it', () => {
    const sweep = plan(methods);
    expect(sweep.trials.map(({ name }) => name)).toEqual([
      'first, seed 0',
      'first, seed 1',
      'fine, seed 0',
      'fine, seed 1',
    ]);
    expect(sweep.trials.map(({ config }) => config.data.source)).toEqual([
      'lacunocanalicular',
      'lacunocanalicular',
      'dentin',
      'dentin',
    ]);
    const table = describePlan(sweep, 1);
    expect(table).toMatch(/ after +time/);
    expect(table).toMatch(/fine, seed 1 .* first, seed 1 /);
    expect(describePlan(plan('{ first: {} }'), 1)).not.toContain('after');
  });

  it('the other trial is part of the id, its name is not', () => {
    const id = idOf(plan(methods), 'fine');
    expect(idOf(plan(methods.replaceAll('first', 'start')), 'fine')).toBe(id);
    expect(idOf(plan(methods, ['methods.first.training.steps=5']), 'fine')).not.toBe(id);
  });

  it('of another shape, or without training, is refused', async () => {
    const wider = plan('{ fine: { init: { from: { method: first } } }, first: { model: { d: 6 } } }');
    await expect(checkInit(wider.trials, wider)).rejects.toThrow(
      'fine: init.from.method first: got tensor generator.feature.weight of [5, 5, 1, 6], wanted [5, 5, 1, 4]',
    );
    const cubic = '{ fine: { init: { from: { method: first } } }, first: { regime: { kind: interpolation } } }';
    expect(() => plan(cubic)).toThrow('fine: init: got weights of first, which has none (interpolation)');
    expect(() => plan('{ cubic: { regime: { kind: interpolation }, init: { from: { file: a } } } }')).toThrow(
      'cubic: init: got weights for a method without training (interpolation)',
    );
    expect(() => plan('{ fine: { init: { from: {} } } }')).toThrow(/init\.from: got .*, wanted either method or file/);
  });

  it('may have a head, or stacks in a folder, where the other has them too', async () => {
    const head = '{ a: { regime: { kind: geometry, networkHead: 0.1 } }, b: { init: { from: { method: a } } } }';
    const headless = plan(head);
    await expect(checkInit(headless.trials, headless)).rejects.toThrow(
      /b: init\.from\.method a: got tensor generator\.network/,
    );

    mkdirSync(at('stacks'));
    for (const seed of [0, 1, 2]) {
      const rng = createRng(seed);
      const data = Float32Array.from({ length: 64 * 64 * 16 }, () => Math.floor(255 * rng.uniform()));
      const stack = createImage({ data, width: 64, height: 64, depth: 16, dataRange: [0, 255] });
      writeTiff(at('stacks', `${seed}.tif`), stack, { type: 'uint8' });
    }
    const folder = `{ source: folder, path: ${at('stacks')} }`;
    const volumes = plan(
      `{ own: { data: ${folder}, init: { from: { method: first } } },
         first: { data: { source: dentin, width: 64, height: 64, depth: 16 } } }`,
      ['degradation={ kind: bicubic, factor: { x: 4, y: 4, z: 1 } }'],
    );
    await checkInit(volumes.trials, volumes);
  });
});

describe('init from a file', () => {
  const fromFile = '{ fine: { init: { from: { file: models/best.safetensors } } } }';
  const file = () => at('models', 'best.safetensors');
  beforeEach(() => mkdirSync(at('models')));

  it('its content is part of the id, its place is not', async () => {
    writeModel(file());
    const sweep = plan(fromFile);
    await checkInit(sweep.trials, sweep);
    const id = idOf(sweep, 'fine');
    writeModel(at('other.safetensors'));
    expect(idOf(plan(fromFile, [`methods.fine.init.from.file=${at('other.safetensors')}`]), 'fine')).toBe(id);
    writeModel(file(), { value: 0.25 });
    expect(idOf(plan(fromFile), 'fine')).not.toBe(id);
    expect(idOf(plan('{ fine: {} }'), 'fine')).not.toBe(id);
  });

  it('ONNX that was exported from a model gives the same weights', async () => {
    writeModel(file());
    const trained = readTensorFile(file());
    writeFileSync(at('model.onnx'), exportModel(trained));
    const { tensors } = await readInitialWeights('init', at('model.onnx'));
    expect(tensors).toEqual(trained.tensors);
  });

  it('that is missing, no model, or of another model is refused', async () => {
    const check = () => {
      const sweep = plan(fromFile);
      return checkInit(sweep.trials, sweep);
    };
    await expect(check()).rejects.toThrow(
      'best.safetensors: got no such file, wanted a model that Lacuna wrote (best.safetensors, model.onnx)',
    );
    writeFileSync(file(), 'no model');
    await expect(check()).rejects.toThrow('wanted a model that Lacuna wrote (best.safetensors, model.onnx)');
    writeTensorFile(file(), { tensors: {}, metadata: { format: 'lacuna-checkpoint-1' } });
    await expect(check()).rejects.toThrow('got format lacuna-checkpoint-1');
    writeModel(file(), { spec: { ...model, s: 3 } });
    await expect(check()).rejects.toThrow(
      /best\.safetensors: got tensor generator\.\S+ of \[1, 1, 4, 3\], wanted \[1, 1, 4, 2\]/,
    );
  });
});

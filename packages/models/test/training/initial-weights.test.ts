import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { generatorShapes, modelSpec, readTensorFile, requireFit } from '../../src/index.js';
import { newFolder, trainToy } from './toy.js';

const small = modelSpec.parse({ name: 'fsrcnn', d: 4, s: 2, m: 1, upsampler: 'shuffle', skip: 'bilinear' });
const shapes = (model = small, factor: number | number[] = 2) => generatorShapes(model, { factor, channels: 1 });

describe('weights that training begins with', () => {
  it('take the place of drawn ones, and are in the checkpoint afterwards: it goes on with the same bytes', async () => {
    const before = newFolder();
    await trainToy('paired', { folder: before, training: { steps: 6 } });
    const { tensors } = readTensorFile(`${before}/best.safetensors`);
    expect(Object.fromEntries(Object.entries(tensors).map(([name, { shape }]) => [name, shape]))).toEqual(shapes());
    const initial = { who: 'init', tensors };

    const still = newFolder();
    const never = { steps: 1, optimizer: { learningRate: 1e-30 } };
    await trainToy('geometry', { folder: still, initial, training: never });
    // Weights and their average but for rounding: the average is 0.9 of the one and 0.1 of the other.
    for (const [name, { values }] of Object.entries(readTensorFile(`${still}/best.safetensors`).tensors))
      values.forEach((value, i) => expect(value).toBeCloseTo(tensors[name].values[i], 6));

    const whole = newFolder();
    const broken = newFolder();
    await trainToy('geometry', { folder: whole, initial, training: { steps: 6 } });
    const controller = new AbortController();
    const onProgress = ({ step }: { step: number }) => (step === 3 ? controller.abort() : undefined);
    await trainToy('geometry', {
      folder: broken,
      initial,
      training: { steps: 6 },
      signal: controller.signal,
      onProgress,
    });
    await trainToy('geometry', { folder: broken, initial, training: { steps: 6 } });
    const bytesOf = (folder: string) => readFileSync(`${folder}/last.safetensors`);
    expect(bytesOf(broken).equals(bytesOf(whole))).toBe(true);
  });

  it('that do not fit are refused, each by name', async () => {
    const given = Object.fromEntries(
      Object.entries(shapes()).map(([name, shape]) => [name, { shape, values: new Float32Array(0) }]),
    );
    const wider = modelSpec.parse({ ...small, d: 6 });
    const deeper = modelSpec.parse({ ...small, m: 2 });
    expect(() => requireFit('init', given, shapes(wider))).toThrow(
      'init: got tensor generator.feature.weight of [5, 5, 1, 4], wanted [5, 5, 1, 6]; set the model',
    );
    expect(() => requireFit('init', given, shapes(deeper))).toThrow(
      /^init: got no tensor generator\.\S+, wanted one of \[/,
    );
    const surplus = Object.fromEntries(Object.entries(shapes(deeper)).map(([name, shape]) => [name, { shape }]));
    expect(() => requireFit('init', surplus, shapes())).toThrow(/wanted weights of this model alone/);
    expect(() => requireFit('init', given, shapes(small, [1, 2, 2]))).toThrow('wanted [5, 5, 5, 1, 4]');
    await expect(
      trainToy('geometry', { folder: newFolder(), initial: { who: 'init', tensors: {} }, training: { steps: 1 } }),
    ).rejects.toThrow('init: got no tensor generator.feature.weight');
  });
});

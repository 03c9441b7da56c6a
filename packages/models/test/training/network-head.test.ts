import { createRng } from '@lacuna/core';
import { describe, expect, it } from 'vitest';
import {
  averageName,
  describeModel,
  keepsNetworkHead,
  loadModel,
  modelCost,
  modelSpec,
  readTensorFile,
  regimeSpec,
} from '../../src/index.js';
import { engine, newFolder, toyRegime, trainToy } from './toy.js';

const model = modelSpec.parse({ name: 'fsrcnn', d: 4, s: 2, m: 1, upsampler: 'shuffle', skip: 'bilinear' });
const name = 'geometry, a head kept';

const noise = (width: number, height: number) => {
  const rng = createRng(5);
  return { width, height, channels: 1, data: Float32Array.from({ length: width * height }, () => rng.uniform()) };
};
const furthest = (a: Float32Array, b: Float32Array) =>
  a.reduce((most, value, i) => Math.max(most, Math.abs(value - b[i])), 0);

describe('a head for the network that is kept', () => {
  it('is handed over with the model, and gives a probability beside the image, in tiles as whole', async () => {
    const folder = newFolder();
    const regime = toyRegime(name);
    expect(Object.keys(regime.patches).sort()).toEqual(['hr', 'lr', 'mask', 'tube']);
    expect(regime.generator.some((weight) => weight.startsWith('generator.network.'))).toBe(true);
    const metadata = describeModel({ model, factor: 2, channels: 1, networkHead: true });
    await trainToy(name, { folder, metadata, training: { steps: 10 } });
    const path = `${folder}/best.safetensors`;
    const whole = await loadModel(path, { engine: engine(), tile: 64 });
    const tiled = await loadModel(path, { engine: engine(), tile: 24 });
    expect(whole.networkHead).toBe(true);
    const lr = noise(50, 37);
    const [one, other] = [await whole.predict(lr), await tiled.predict(lr)];
    expect(one.network).toHaveLength(100 * 74);
    expect(one.network!.every((value) => value > 0 && value < 1)).toBe(true);
    expect(new Set(one.network).size).toBeGreaterThan(100);
    expect(furthest(one.network!, other.network!)).toBeLessThan(1e-6);
    expect(furthest(one.data, other.data)).toBeLessThan(1e-6);
    whole.dispose();
    tiled.dispose();
    const { tensors } = readTensorFile(path);
    const last = readTensorFile(`${folder}/last.safetensors`).tensors;
    const [weight] = regime.generator.filter((each) => each.startsWith('generator.network.'));
    expect(tensors[weight].values).toEqual(last[averageName(weight)].values);
  });

  it('learns: the probability grows where the network is', async () => {
    const losses: number[] = [];
    await trainToy(name, {
      folder: newFolder(),
      training: { steps: 60 },
      onValues: (_, values, kind) => {
        if (kind === 'training') losses.push(values['loss/network_head']);
      },
    });
    expect(losses.at(-1)!).toBeLessThan(0.9 * losses[0]);
  });

  it('costs what it adds, and sees no further than the model says', () => {
    const [without, kept] = [false, true].map((networkHead) =>
      modelCost(model, { factor: 2, channels: 1, networkHead }),
    );
    // 3 x 3 x 4 features to 4 phases, with as many biases.
    expect(kept.parameters - without.parameters).toBe(3 * 3 * 4 * 4 + 4);
    expect(kept.macsPerPixel - without.macsPerPixel).toBeCloseTo(3 * 3 * 4, 6);
    expect(kept.receptiveField).toBeGreaterThanOrEqual(without.receptiveField!);
  });

  it('is there where the spec asks for it, and nowhere else', () => {
    expect(regimeSpec.parse({ kind: 'geometry' })).not.toHaveProperty('networkHead');
    expect(keepsNetworkHead(regimeSpec.parse({ kind: 'geometry' }))).toBe(false);
    expect(keepsNetworkHead(regimeSpec.parse({ kind: 'geometry', networkHead: 0.1 }))).toBe(true);
    expect(regimeSpec.safeParse({ kind: 'geometry', networkHead: 0 }).success).toBe(false);
    expect(describeModel({ model, factor: 2, channels: 1 })).not.toHaveProperty('networkHead');
  });
});

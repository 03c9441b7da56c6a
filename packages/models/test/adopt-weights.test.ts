import { createRng } from '@lacuna/core';
import { describe, expect, it } from 'vitest';
import {
  Graph,
  adoptWeights,
  buildGenerator,
  createProgram,
  greyWeights,
  modelSpec,
  openEngine,
  type ForeignWeights,
  type TensorFile,
} from '../src/index.js';

type Tensors = TensorFile['tensors'];
const model = modelSpec.parse({ name: 'rlfn', blocks: 1, filters: 4, attention: 2 });
const network = { who: 'weights', model, factor: [2, 2], channels: 3 } as const;

/** Shapes as PyTorch has them, [out, in, rows, columns]. */
const shapes: Record<string, readonly number[]> = {
  conv_1: [4, 3, 3, 3],
  'block_1.c1_r': [4, 4, 3, 3],
  'block_1.c2_r': [4, 4, 3, 3],
  'block_1.c3_r': [4, 4, 3, 3],
  'block_1.c5': [4, 4, 1, 1],
  'block_1.esa.conv1': [2, 4, 1, 1],
  'block_1.esa.conv_f': [2, 2, 1, 1],
  'block_1.esa.conv2': [2, 2, 3, 3],
  'block_1.esa.conv3': [2, 2, 3, 3],
  'block_1.esa.conv4': [4, 2, 1, 1],
  conv_2: [4, 4, 3, 3],
  'upsampler.0': [12, 4, 3, 3],
};
const rng = createRng(5);
const drawn = (shape: readonly number[]) => ({
  shape,
  values: Float32Array.from({ length: shape.reduce((a, b) => a * b, 1) }, () => 0.3 * rng.normal()),
});
const published: Tensors = Object.fromEntries(
  Object.entries(shapes).flatMap(([name, shape]) => [
    [`${name}.weight`, drawn(shape)],
    [`${name}.bias`, drawn([shape[0]])],
  ]),
);
const given: ForeignWeights = { ...network, tensors: published, white: 255 };
const side = 16;

/** What a network with these weights makes of an image, channels last. */
async function run(tensors: Tensors, channels: number, image: Float32Array): Promise<Float32Array> {
  const engine = await openEngine({ prefer: 'cpu' });
  const g = new Graph();
  const lr = g.input('lr', [1, side, side, channels]);
  const { sr } = buildGenerator(g, 'generator', lr, model, { factor: 2, channels, training: false });
  const executable = await engine.compile(createProgram(g, { predict: { fetches: { sr } } }));
  await executable.write(Object.fromEntries(Object.entries(tensors).map(([name, { values }]) => [name, values])));
  const { sr: out } = await executable.run('predict', { lr: image });
  executable.dispose();
  return out;
}

const grey = Float32Array.from({ length: side * side }, () => rng.uniform());
const colour = (image: Float32Array) =>
  Float32Array.from({ length: 3 * image.length }, (_, i) => image[Math.floor(i / 3)]);

describe('weights of others', () => {
  it('have filters, phases and ends as our layers take them', () => {
    const adopted = adoptWeights(given);
    const { shape, values } = adopted['generator.conv_1.weight'];
    expect(shape).toEqual([3, 3, 3, 4]);
    // Row 2, column 1, input 1, output 3: PyTorch's [3][1][2][1], for an image of 0 to 255.
    const at = (o: number, i: number, y: number, x: number) => ((o * 3 + i) * 3 + y) * 3 + x;
    expect(values[((2 * 3 + 1) * 3 + 1) * 4 + 3]).toBeCloseTo(
      255 * published['conv_1.weight'].values[at(3, 1, 2, 1)],
      3,
    );
    expect(adopted['generator.conv_1.bias']).toEqual(published['conv_1.bias']);
    // Phase 3 of channel 2 of a shuffle by 2 x 2: PyTorch's output 2·4 + 3, our 3·3 + 2.
    const bias = adopted['generator.upsampler.0.bias'].values;
    expect(bias[11]).toBeCloseTo(published['upsampler.0.bias'].values[11] / 255, 7);
    expect(bias[3 * 1 + 2]).toBeCloseTo(published['upsampler.0.bias'].values[2 * 4 + 1] / 255, 7);
  });

  it('for grey images give the mean of what three equal channels give', async () => {
    const adopted = adoptWeights(given);
    const wanted = await run(adopted, 3, colour(grey));
    const found = await run(greyWeights(adopted, network), 1, grey);
    found.forEach((value, i) => {
      const mean = (wanted[3 * i] + wanted[3 * i + 1] + wanted[3 * i + 2]) / 3;
      expect(value).toBeCloseTo(mean, 4);
    });
  });

  it('that do not fit are named by their first tensor', () => {
    const without = Object.fromEntries(Object.entries(published).filter(([name]) => name !== 'conv_2.bias'));
    const adopt = (tensors: Tensors) => () => adoptWeights({ ...given, tensors });
    expect(adopt(without)).toThrow(/^weights: got no tensor generator\.conv_2\.bias, wanted one of \[4\]/);
    expect(adopt({ ...published, 'conv_2.bias': drawn([5]) })).toThrow(/tensor generator\.conv_2\.bias of \[5\]/);
    expect(adopt({ ...published, other: drawn([1]) })).toThrow(/tensor generator\.other of \[1\]/);
    const dfcan = modelSpec.parse({ name: 'dfcan' });
    expect(() => greyWeights({}, { ...network, model: dfcan })).toThrow(/dfcan, wanted a model that begins and ends/);
  });
});

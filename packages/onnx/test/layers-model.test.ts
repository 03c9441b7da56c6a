import { describe, expect, it } from 'vitest';
import { exportOnnx, importLayersModel, networkCost, openSession } from '../src/index.js';

const layer = (kind: string, name: string, inputs: readonly string[], config: object = {}) => ({
  class_name: kind,
  name,
  config,
  inbound_nodes: inputs.length > 0 ? [inputs.map((input) => [input, 0, 0, {}])] : [],
});
const conv = (name: string, input: string, more: object = {}) =>
  layer('Conv2D', name, [input], {
    strides: [1, 1],
    padding: 'same',
    dilation_rate: [1, 1],
    groups: 1,
    data_format: 'channels_last',
    use_bias: true,
    activation: 'linear',
    ...more,
  });

/** x to depthToSpace(relu(c1(x)) joined with x, through c2, times 0.5), 2 times as large, one channel. */
const layers = [
  layer('InputLayer', 'LR', [], { batch_input_shape: [null, null, null, 1] }),
  conv('c1', 'LR', { activation: 'relu' }),
  layer('Concatenate', 'joined', ['LR', 'c1'], { axis: 3 }),
  conv('c2', 'joined'),
  layer('MultiplyBeta', 'half', ['c2'], { beta: 0.5 }),
  layer('PixelShuffle2x', 'SR', ['half'], { scale: 2 }),
];
const manifest = [
  {
    paths: ['a.bin', 'b.bin'],
    weights: [
      { name: 'c1/kernel', shape: [1, 1, 1, 2], dtype: 'float32' },
      { name: 'c1/bias', shape: [2], dtype: 'float32' },
      { name: 'c2/kernel', shape: [1, 1, 3, 4], dtype: 'float32' },
      { name: 'c2/bias', shape: [4], dtype: 'float32' },
    ],
  },
];
const numbers = Float32Array.from([2, -1, 0, 1, 1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 10]);
/** Cut in the middle of a number's own weights: files of a group lie one after the other. */
const shard = (path: string) =>
  new Uint8Array(numbers.buffer.slice(path === 'a.bin' ? 0 : 6, path === 'a.bin' ? 6 : undefined));
const text = (change: Partial<{ format: string; layers: readonly object[]; manifest: readonly object[] }> = {}) =>
  JSON.stringify({
    format: change.format ?? 'layers-model',
    modelTopology: { model_config: { config: { layers: change.layers ?? layers, output_layers: [['SR', 0, 0]] } } },
    weightsManifest: change.manifest ?? manifest,
  });

describe('a layers model of TensorFlow.js', () => {
  it('computes what its layers say', async () => {
    const { build, weights } = importLayersModel(text(), shard);
    const bytes = exportOnnx({
      generator: build,
      weights,
      metadata: {
        name: 'tiny',
        factor: 2,
        channels: 1,
        layout: 'nchw',
        multiple: 1,
        receptiveField: 1,
        range: [0, 1],
        normalisation: null,
        dataRange: null,
        level: null,
        pixelSize: null,
        licence: null,
        commit: null,
        spec: null,
        model: null,
        data: null,
      },
    });
    const session = await openSession(
      bytes,
      { name: 'tiny', factor: 2, channels: 1, layout: 'nchw', range: [0, 1], multiple: 1, halo: 1, bytesPerPixel: 1 },
      { device: 'cpu', threads: 1 },
    );
    // c1 makes relu(2 x) and relu(1 - x); c2 passes x, the two and 10; each halved, as a block of 2 x 2.
    const [sr] = await session.run(Float32Array.from([0.25, 3]), 1, 2);
    expect([...sr]).toEqual([0.125, 0.25, 1.5, 3, 0.375, 5, 0, 5]);
    await session.dispose();
    expect(await networkCost(bytes, { name: 'tiny', layout: 'nchw', channels: 1, factor: 2, multiple: 1 })).toEqual({
      parameters: 20,
      macsPerPixel: (2 + 12) / 4,
      receptiveFields: [1, 1],
      receptiveField: 1,
    });
  });

  it.each<[string, string, (path: string) => Uint8Array, string]>([
    [
      'another format',
      text({ format: 'graph-model' }),
      shard,
      'layers model: got format graph-model, wanted a layers model with one output',
    ],
    ['no JSON', '{', shard, 'layers model: got text that is not JSON'],
    [
      'a layer that our graph lacks',
      text({ layers: [...layers.slice(0, 5), layer('LSTM', 'SR', ['half'])] }),
      shard,
      'layer SR of kind LSTM, wanted Conv2D, Activation',
    ],
    [
      'a dilated filter',
      text({ layers: [layers[0], conv('SR', 'LR', { dilation_rate: [2, 2] })] }),
      shard,
      'layer SR with strides 1,1, dilation 2,2',
    ],
    [
      'weights that are cut',
      text(),
      (path) => shard(path).subarray(0, 6),
      'layers model: got 12 bytes of weights, wanted at least 16, for c1/bias',
    ],
    [
      'too many weights',
      text(),
      (path) => new Uint8Array([...shard(path), 0, 0]),
      'layers model: got 84 bytes of weights, wanted 80, as model.json says',
    ],
    [
      'weights of another name',
      text({
        manifest: [
          { ...manifest[0], weights: manifest[0].weights.map((weight) => ({ ...weight, name: `x/${weight.name}` })) },
        ],
      }),
      shard,
      'no weights c1/kernel',
    ],
    [
      'layers in no order',
      text({ layers: [layers[0], ...layers.slice(1).reverse()] }),
      shard,
      'reads half, which comes later',
    ],
  ])('with %s is refused', (_, json, files, words) => {
    expect(() => importLayersModel(json, files)).toThrow(words);
  });
});

import { describe, expect, it } from 'vitest';
import { InputError, LacunaError, createRng } from '@lacuna/core';
import {
  decodeModel,
  encodeModel,
  exportOnnx,
  importOnnx,
  readOnnxMetadata,
  readOnnxSignature,
  type OnnxModel,
} from '../src/index.js';
import { catalogue, prepare } from './catalogue.js';

const bytes = exportOnnx(
  prepare({ title: 'small', spec: { name: 'fsrcnn', d: 4, s: 2, m: 1, skip: 'bicubic' }, factor: 2, channels: 1 }),
);

/** Reads a file in every way; what goes wrong is the user's file, said once, never a crash. */
function readAll(file: Uint8Array): 'read' | 'refused' {
  let outcome: 'read' | 'refused' = 'read';
  for (const read of [readOnnxSignature, readOnnxMetadata, importOnnx]) {
    try {
      read(file);
    } catch (error) {
      if (!(error instanceof LacunaError) || error.exitCode !== 2) throw error;
      outcome = 'refused';
    }
  }
  return outcome;
}

describe('a damaged file is one clear error', () => {
  it('cut anywhere', () => {
    for (let length = 0; length < bytes.length - 1; length += 13)
      expect(readAll(bytes.subarray(0, length)), `${length} bytes`).toMatch(/read|refused/);
    expect(() => importOnnx(bytes.subarray(0, bytes.length / 2))).toThrow(
      /^ONNX file: got .*, wanted a whole ONNX model; export or download it again$/,
    );
    expect(() => readOnnxMetadata(new Uint8Array())).toThrow(
      'ONNX file: got an empty file, wanted a whole ONNX model; export or download it again',
    );
  });

  it('with bytes changed', () => {
    const rng = createRng(5);
    let refused = 0;
    for (let trial = 0; trial < 1500; trial++) {
      const copy = bytes.slice();
      for (let k = 0; k < 3; k++) copy[Math.floor(rng.uniform() * copy.length)] = Math.floor(rng.uniform() * 256);
      if (readAll(copy) === 'refused') refused++;
    }
    expect(refused).toBeGreaterThan(100);
  });

  it('something else', () => {
    for (const file of ['<!doctype html><html></html>', '{"not":"a model"}', 'PK\u0003\u0004 a zip', '\u0089PNG'])
      expect(() => readOnnxSignature(new TextEncoder().encode(file))).toThrow(InputError);
  });
});

const model = decodeModel(bytes);
const changed = (edit: Partial<OnnxModel>) => encodeModel({ ...model, ...edit });
const withMetadata = (key: string, value: string) =>
  changed({ metadata: [...model.metadata!.filter((entry) => entry.key !== key), { key, value }] });

describe('a file that is no model of ours', () => {
  it.each([
    ['factor', '0'],
    ['factor', 'two'],
    ['channels', '1.5'],
    ['volume', '{"factor":[1,2]}'],
    ['layout', 'NCDHW'],
    ['normalisation', '{"low":5,"high":1}'],
    ['normalisation', '{'],
    ['range', '[1,0]'],
    ['range', '0'],
    ['receptive_field', '"all"'],
    ['pixel_size', '{"x":-1}'],
    ['lacuna.format', 'lacuna-onnx-9'],
    ['level', '"high"'],
  ])('metadata %s %s', (key, value) => {
    expect(() => readOnnxMetadata(withMetadata(key, value))).toThrow(
      key === 'lacuna.format' ? 'format lacuna-onnx-9' : `metadata ${key} ${JSON.stringify(value)}`,
    );
  });

  it('names an op that it does not know, and what may still be done', () => {
    const node = model.graph.node.map((each, i) => (i === 0 ? { ...each, opType: 'Convv' } : each));
    expect(() => importOnnx(changed({ graph: { ...model.graph, node } }))).toThrow(
      'ONNX file: got op Convv, wanted ops that our graph has (such as Conv); ' +
        'the file may still run as it is; only its graph cannot be read',
    );
  });

  it('refuses what our graph cannot say', () => {
    const node = model.graph.node.map((each) =>
      each.opType === 'Resize'
        ? { ...each, attribute: each.attribute!.filter(({ name }) => name !== 'cubic_coeff_a') }
        : each,
    );
    expect(() => importOnnx(changed({ graph: { ...model.graph, node } }))).toThrow(/Resize.*cubic at half_pixel/);
  });

  it('has more than an image in and an image out', () => {
    expect(() =>
      importOnnx(changed({ graph: { ...model.graph, input: [...model.graph.input, { name: 'noise' }] } })),
    ).toThrow('2 inputs and 1 outputs');
  });
});

describe('export refuses', () => {
  const options = prepare(catalogue[0]);

  it('a weight that is missing or of another size', () => {
    const { ['generator.feature.weight']: _, ...rest } = options.weights;
    expect(() => exportOnnx({ ...options, weights: rest })).toThrow('no weight generator.feature.weight');
    expect(() =>
      exportOnnx({ ...options, weights: { ...options.weights, 'generator.feature.bias': new Float32Array(3) } }),
    ).toThrow('weight generator.feature.bias: got 3 values, wanted 56 for [56]');
  });

  it('a number that depends on the size of the image', () => {
    expect(() =>
      exportOnnx({ ...options, generator: (g, lr) => g.scale(options.generator(g, lr), 1 / lr.shape[1]) }),
    ).toThrow(/a constant \(constant\/\d+\) that depends on the image's size/);
    expect(() =>
      exportOnnx({
        ...options,
        generator: (g, lr) =>
          g.reshape(g.reshape(options.generator(g, lr), [lr.shape[0], 4 * lr.shape[1] * lr.shape[2]]), [
            lr.shape[0],
            2 * lr.shape[1],
            2 * lr.shape[2],
            1,
          ]),
      }),
    ).toThrow("depends on the image's size");
  });

  it('an op of training alone, and a model of another factor', () => {
    expect(() => exportOnnx({ ...options, generator: (g, lr) => g.node('tanhGradient', [lr, lr], {}) })).toThrow(
      'wanted [1,32,48,1] for LR of [1,16,24,1]',
    );
    expect(() =>
      exportOnnx({
        ...options,
        metadata: { ...options.metadata, factor: 1 },
        generator: (g, lr) => g.node('tanhGradient', [lr, lr], {}),
      }),
    ).toThrow('op tanhGradient');
  });
});

describe('the signature of any file', () => {
  const dims = (...sizes: (number | string)[]) =>
    sizes.map((size) => (typeof size === 'number' ? { dimValue: size } : { dimParam: size }));
  const value = (name: string, ...sizes: (number | string)[]) => ({
    name,
    type: { tensorType: { elemType: 1, shape: { dim: dims(...sizes) } } },
  });
  const foreign = (input: ReturnType<typeof value>, output: ReturnType<typeof value>) =>
    readOnnxSignature(
      changed({
        producerName: 'pytorch',
        metadata: [{ key: 'author', value: 'somebody' }],
        graph: { ...model.graph, input: [input], output: [output] },
      }),
    );

  it('of ours', () => {
    expect(readOnnxSignature(bytes)).toMatchObject({
      layout: 'nchw',
      channels: 1,
      factor: 2,
      opset: 18,
      producer: 'lacuna',
      inputs: [{ name: 'lr', elementType: 1, dims: ['batch', 1, 'height', 'width'] }],
      outputs: [{ name: 'sr' }],
    });
  });

  it.each([
    [
      'planes first',
      value('x', 1, 3, 'h', 'w'),
      value('y', 1, 3, 'H', 'W'),
      { layout: 'nchw', channels: 3, factor: null },
    ],
    ['fixed sizes', value('x', 1, 1, 64, 48), value('y', 1, 1, 256, 192), { layout: 'nchw', channels: 1, factor: 4 }],
    [
      'channels last',
      value('x', 'n', 64, 64, 3),
      value('y', 'n', 128, 128, 3),
      { layout: 'nhwc', channels: 3, factor: 2 },
    ],
    ['unequal factors', value('x', 1, 1, 64, 64), value('y', 1, 1, 128, 64), { factor: null }],
    ['no image', value('x', 1, 1000), value('y', 1, 10), { layout: null, channels: null, factor: null }],
  ])('%s', (_, input, output, expected) => {
    expect(foreign(input, output)).toMatchObject({
      ...expected,
      producer: 'pytorch',
      metadata: { author: 'somebody' },
    });
  });
});

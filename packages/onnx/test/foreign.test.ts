import { InferenceSession, Tensor } from 'onnxruntime-node';
import { describe, expect, it } from 'vitest';
import { createRng } from '@lacuna/core';
import { Graph, createProgram, modelCost, openEngine } from '@lacuna/models';
import { encodeModel, exportOnnx, importOnnx, networkCost, type OnnxAttribute, type OnnxNode } from '../src/index.js';
import { floatTensor } from '../src/proto/tensors.js';
import { catalogue, prepare, volumes } from './catalogue.js';

const ints = (name: string, values: readonly number[]): OnnxAttribute => ({ name, type: 7, ints: values });
const int = (name: string, value: number): OnnxAttribute => ({ name, type: 2, i: value });

/** A network of another maker: convolutions with the given attributes, then depth to space. */
function network(
  convs: readonly { dims: readonly number[]; attribute: readonly OnnxAttribute[] }[],
  ops: readonly OnnxNode[] = [],
): Uint8Array {
  const rng = createRng(4);
  const image = (name: string) => ({
    name,
    type: {
      tensorType: {
        elemType: 1,
        shape: { dim: [{ dimParam: 'n' }, { dimValue: 4 }, { dimParam: 'h' }, { dimParam: 'w' }] },
      },
    },
  });
  const node = convs.map(({ attribute }, i): OnnxNode => ({
    opType: 'Conv',
    input: [i === 0 ? 'x' : `y${i - 1}`, `w${i}`],
    output: [i === convs.length - 1 && ops.length === 0 ? 'y' : `y${i}`],
    attribute,
  }));
  const initializer = convs.map(({ dims }, i) =>
    floatTensor(
      `w${i}`,
      dims,
      Float32Array.from({ length: dims.reduce((a, b) => a * b, 1) }, () => rng.normal()),
    ),
  );
  return encodeModel({
    irVersion: 8,
    opsetImport: [{ domain: '', version: 18 }],
    graph: { name: 'other', node: [...node, ...ops], initializer, input: [image('x')], output: [image('y')] },
  });
}

const grouped = network([
  { dims: [8, 2, 3, 3], attribute: [int('group', 2), ints('pads', [1, 1, 1, 1])] },
  { dims: [8, 1, 3, 3], attribute: [int('group', 8), ints('pads', [2, 2, 2, 2]), ints('dilations', [2, 2])] },
  { dims: [4, 8, 3, 3], attribute: [ints('dilations', [1, 3]), ints('pads', [1, 3, 1, 3])] },
]);

describe('a network of another maker', () => {
  it('with groups and dilation is read: our graph computes what onnxruntime does', async () => {
    const height = 9;
    const width = 11;
    const rng = createRng(1);
    const pixels = Float32Array.from({ length: height * width * 4 }, () => rng.uniform());
    const at = (c: number, p: number) => pixels[p * 4 + c];
    const planes = Float32Array.from({ length: pixels.length }, (_, i) =>
      at(Math.floor(i / (height * width)), i % (height * width)),
    );
    const session = await InferenceSession.create(grouped, { logSeverityLevel: 3 });
    const wanted = (await session.run({ x: new Tensor('float32', planes, [1, 4, height, width]) }))['y']
      .data as Float32Array;
    const engine = await openEngine({ prefer: 'cpu' });
    const g = new Graph();
    const y = importOnnx(grouped).build(g, g.input('x', [1, height, width, 4]));
    const executable = await engine.compile(createProgram(g, { predict: { fetches: { y } } }));
    const { y: got } = await executable.run('predict', { x: pixels });
    executable.dispose();
    const most = got.reduce(
      (furthest, value, i) =>
        Math.max(furthest, Math.abs(value - wanted[(i % 4) * height * width + Math.floor(i / 4)])),
      0,
    );
    expect(most).toBeLessThan(1e-4);
    await session.release();
  });

  it('is counted: weights of the file, work without the zeros between, reach to the farthest tap', async () => {
    expect(
      await networkCost(grouped, { name: 'grouped', layout: 'nchw', channels: 4, factor: 1, multiple: 1 }),
    ).toEqual({
      parameters: 8 * 2 * 9 + 8 * 9 + 4 * 8 * 9,
      macsPerPixel: 8 * 2 * 9 + 8 * 9 + 4 * 8 * 9,
      // Along y and x: the last filter is dilated along x alone.
      receptiveFields: [1 + 2 * (1 + 2 + 1), 1 + 2 * (1 + 2 + 3)],
      receptiveField: 1 + 2 * (1 + 2 + 3),
    });
  });

  it('with an op that our graph lacks is counted all the same; how far it sees stays open', async () => {
    const hard = network(
      [{ dims: [4, 4, 3, 3], attribute: [ints('pads', [1, 1, 1, 1])] }],
      [{ opType: 'HardSwish', input: ['y0'], output: ['y'] }],
    );
    expect(() => importOnnx(hard)).toThrow(/got op HardSwish, wanted ops that our graph has/);
    expect(await networkCost(hard, { name: 'hard', layout: 'nchw', channels: 4, factor: 1, multiple: 1 })).toEqual({
      parameters: 144,
      macsPerPixel: 144,
      receptiveFields: null,
      receptiveField: null,
    });
  });

  it('with groups that do not divide its filters is refused', () => {
    expect(() =>
      importOnnx(network([{ dims: [8, 2, 3, 3], attribute: [int('group', 3), ints('pads', [1, 1, 1, 1])] }])),
    ).toThrow(/3 groups for 8 filters, wanted a divisor/);
    expect(() => importOnnx(network([{ dims: [4, 4, 3, 3], attribute: [ints('dilations', [0, 1])] }]))).toThrow(
      /dilations 0, 1, wanted at least 1/,
    );
  });
});

describe('models of ours', () => {
  it.each(['fsrcnn x2', 'edsr x2 x4 x4, bicubic skip', 'edsr x3 along z, bicubic skip'])(
    '%s, of volumes, is counted as on its graph',
    async (title) => {
      const prepared = prepare(volumes.find((entry) => entry.title === title)!);
      const { channels, layout, volume } = prepared.metadata;
      const { factor } = volume!;
      const counted = await networkCost(exportOnnx(prepared), { name: title, factor, channels, layout, multiple: 1 });
      const own = modelCost(prepared.model, { factor, channels });
      expect(counted.parameters).toBe(own.parameters);
      expect(counted.receptiveFields).toEqual(own.receptiveFields);
      expect(counted.macsPerPixel / own.macsPerPixel).toBeGreaterThan(0.95);
      expect(counted.macsPerPixel / own.macsPerPixel).toBeLessThanOrEqual(1);
    },
  );

  it.each(['srcnn x4', 'edsr x4', 'unet x2', 'rcan x2'])('%s is counted as on its graph', async (title) => {
    const prepared = prepare(catalogue.find((entry) => entry.title === title)!);
    const { factor, channels, layout, multiple } = prepared.metadata;
    const counted = await networkCost(exportOnnx(prepared), { name: title, factor, channels, layout, multiple });
    const own = modelCost(prepared.model, { factor, channels });
    expect(counted.parameters).toBe(own.parameters);
    expect(counted.receptiveField).toBe(own.receptiveField);
    // Skips by interpolation count on our graph, as products with a band.
    expect(counted.macsPerPixel / own.macsPerPixel).toBeGreaterThan(0.98);
    expect(counted.macsPerPixel / own.macsPerPixel).toBeLessThanOrEqual(1);
  });
});

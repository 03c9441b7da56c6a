import { createRng } from '@lacuna/core';
import { beforeAll, expect, test } from 'vitest';
import {
  Graph,
  createProgram,
  createTensorFlowEngine,
  createTfjsEngine,
  gradients,
  sizeOf,
  type Engine,
} from '../../src/index.js';
import { writeProgram } from '../../src/engine/tensorflow/engine.js';

/** A shape for every kernel that TensorFlow's CPU side chooses among, and an op that this choice alone writes. */
const cases = [
  {
    title: 'one output channel, small kernel',
    image: [1, 9, 8, 16],
    filter: [4, 4, 16, 1],
    stride: 1,
    padding: 'valid',
    writes: ['ExtractImagePatches', 'AddN'],
  },
  {
    title: 'one output channel, large kernel',
    image: [2, 9, 10, 33],
    filter: [7, 5, 33, 1],
    stride: 1,
    padding: 'same',
    writes: ['AddN', 'Conv'],
  },
  {
    title: 'one image',
    image: [1, 8, 9, 16],
    filter: [3, 3, 16, 5],
    stride: 1,
    padding: 'same',
    writes: ['Conv', 'EXPLICIT'],
  },
  {
    title: 'one image, stride 2, odd',
    image: [1, 9, 11, 16],
    filter: [3, 3, 16, 5],
    stride: 2,
    padding: 'same',
    writes: ['Conv', 'EXPLICIT'],
  },
  {
    title: 'many images',
    image: [3, 7, 6, 32],
    filter: [3, 3, 32, 8],
    stride: 1,
    padding: 'same',
    writes: ['Conv', 'Transpose'],
  },
  {
    title: 'few input channels',
    image: [2, 8, 7, 3],
    filter: [5, 5, 3, 4],
    stride: 1,
    padding: 'same',
    writes: ['EXPLICIT'],
  },
  {
    title: 'large filter, stride 2',
    image: [1, 6, 4, 256],
    filter: [4, 4, 256, 256],
    stride: 2,
    padding: 'same',
    writes: ['DepthToSpace', 'ExtractImagePatches'],
  },
  {
    title: 'large filter, odd kernel, stride 2, rows left over',
    image: [1, 6, 8, 344],
    filter: [3, 3, 344, 344],
    stride: 2,
    padding: 'valid',
    writes: ['DepthToSpace', 'ExtractImagePatches'],
  },
  {
    title: 'large filter, stride 1',
    image: [2, 4, 5, 256],
    filter: [4, 4, 256, 256],
    stride: 1,
    padding: 'same',
    writes: ['AddN', 'ExtractImagePatches'],
  },
] as const;

let tensorflow: Engine;
let reference: Engine;
beforeAll(async () => {
  tensorflow = createTensorFlowEngine({ threads: 2 });
  reference = await createTfjsEngine('wasm');
});

test.each(cases)(
  '$title: the chosen kernels give what a plain convolution gives',
  async ({ image, filter, stride, padding, writes }) => {
    const g = new Graph();
    const x = g.input('x', image);
    const w = g.input('w', filter);
    const y = g.conv(x, w, { stride, padding });
    const upstream = g.input('dy', y.shape);
    const [dx, dw] = gradients(g, g.sum(g.mul(y, upstream)), [x, w]);
    const program = createProgram(g, { all: { fetches: { y, dx: dx, dw: dw } } });

    const written = Buffer.from(writeProgram(program, { cpu: true, avx512: false })).toString('latin1');
    for (const op of writes) expect(written, `${op} is written`).toContain(op);

    const rng = createRng(3);
    const draw = (shape: readonly number[], scale: number) =>
      Float32Array.from({ length: sizeOf(shape) }, () => scale * (rng.uniform() - 0.5));
    const feeds = {
      x: draw(image, 1),
      w: draw(filter, 2 / Math.sqrt(filter[0] * filter[1] * filter[2])),
      dy: draw(y.shape, 1),
    };
    const [got, wanted] = [
      await (await tensorflow.compile(program)).run('all', feeds),
      await (await reference.compile(program)).run('all', feeds),
    ];
    for (const key of ['y', 'dx', 'dw']) {
      const scale = wanted[key].reduce((max, value) => Math.max(max, Math.abs(value)), 0);
      const worst = got[key].reduce((max, value, i) => Math.max(max, Math.abs(value - wanted[key][i])), 0);
      expect(scale, key).toBeGreaterThan(0);
      expect(worst / scale, key).toBeLessThan(1e-5);
    }
  },
);

test("with AVX-512 the filter gradient of many images is oneDNN's, that to one channel is not", () => {
  const kernelsOf = (channels: number, avx512: boolean) => {
    const g = new Graph();
    const w = g.input('w', [5, 5, 32, channels]);
    const y = g.conv(g.input('x', [3, 7, 6, 32]), w, {});
    const [dw] = gradients(g, g.sum(y), [w]);
    const program = createProgram(g, { all: { fetches: { dw } } });
    const written = Buffer.from(writeProgram(program, { cpu: true, avx512 })).toString('latin1');
    return { stock: written.includes('Conv2DBackpropFilter'), turned: written.includes('Transpose') };
  };
  expect(kernelsOf(8, false)).toEqual({ stock: false, turned: true });
  expect(kernelsOf(8, true)).toEqual({ stock: true, turned: false });
  expect(kernelsOf(1, true)).toEqual({ stock: false, turned: true });
});

test('an odd stride to one channel of a volume goes by phases, and by the stock op in training steps', () => {
  const g = new Graph();
  const image = (stride: number) => g.convTranspose(g.input(`x${stride}`, [1, 2, 3, 4, 2]), kernel, { stride });
  const kernel = g.weight('w', [9, 9, 9, 1, 2], { kind: 'constant', value: 0 });
  const isStock = (stride: number, trains: boolean) => {
    const updates = trains ? [{ kind: 'assign', variable: 'w', value: kernel } as const] : [];
    const program = createProgram(g, { all: { fetches: { y: image(stride) }, updates } });
    return Buffer.from(writeProgram(program, { cpu: true }))
      .toString('latin1')
      .includes('Conv3DBackpropInputV2');
  };
  expect([isStock(3, false), isStock(3, true), isStock(4, false)]).toEqual([false, true, true]);
});

test('on a GPU the stock ops are written, for cuDNN to choose', () => {
  const g = new Graph();
  const x = g.input('x', [1, 8, 8, 16]);
  const y = g.conv(x, g.input('w', [3, 3, 16, 1]), {});
  const program = createProgram(g, { all: { fetches: { dx: gradients(g, g.sum(y), [x])[0], y } } });
  const written = Buffer.from(writeProgram(program, { cpu: false })).toString('latin1');
  expect(written).toContain('Conv2D');
  expect(written).not.toContain('EXPLICIT');
  expect(written).not.toContain('AddN');
});

import type { Graph, OpName, PoolAttributes, Shape, Sides, Tensor, WindowAttributes } from '../../src/index.js';

/** One use of an op: the shapes that it is fed and the graph around it. */
export interface OpCase {
  readonly inputs: readonly Shape[];
  readonly build: (g: Graph, inputs: readonly Tensor[]) => Tensor;
  /** Where the values of the inputs lie: clear of kinks by default, positive for log and roots. */
  readonly values?: 'signed' | 'positive';
}

const image: Shape = [2, 5, 6, 3];
const volume: Shape = [1, 4, 5, 3, 2];
const unary = (build: (g: Graph, x: Tensor) => Tensor, values: OpCase['values'] = 'signed'): OpCase[] => [
  { inputs: [image], build: (g, [x]) => build(g, x), values },
];
const ofVolume = (build: (g: Graph, x: Tensor) => Tensor): OpCase[] => [
  { inputs: [volume], build: (g, [x]) => build(g, x) },
];
/** Equal shapes, a channel's vector, a number, and both sides broadcast. */
const binary = (build: (g: Graph, a: Tensor, b: Tensor) => Tensor): OpCase[] =>
  (
    [
      [image, image],
      [image, [3]],
      [[], image],
      [
        [2, 1, 6, 1],
        [5, 1, 3],
      ],
    ] as Shape[][]
  ).map((inputs) => ({ inputs, build: (g, [a, b]) => build(g, a, b) }));
const reduction = (
  build: (g: Graph, x: Tensor, options: { axes?: number[]; keepDims?: boolean }) => Tensor,
): OpCase[] =>
  [{}, { axes: [1, 2], keepDims: true }, { axes: [0, 3] }].map((options) => ({
    inputs: [image],
    build: (g, [x]) => build(g, x, options),
  }));
/** Windows over planes and over volumes, the latter with unequal sides as well. */
const windows: readonly { readonly shape: Shape; readonly pool: PoolAttributes }[] = [
  { shape: image, pool: { window: [2, 2], stride: [2, 2], padding: 'valid' } },
  { shape: image, pool: { window: [3, 3], stride: [2, 2], padding: 'same' } },
  { shape: image, pool: { window: [3, 3], stride: [1, 1], padding: 'same' } },
  { shape: volume, pool: { window: [2, 2, 2], stride: [2, 2, 2], padding: 'valid' } },
  { shape: volume, pool: { window: [3, 3, 3], stride: [1, 1, 1], padding: 'same' } },
  { shape: volume, pool: { window: [1, 3, 2], stride: [1, 2, 2], padding: 'same' } },
];
interface ConvCase extends WindowAttributes {
  readonly image: Shape;
  readonly kernel: readonly number[];
}
const convolutions: readonly ConvCase[] = [
  { image: [2, 7, 6, 3], kernel: [3, 3], stride: [1, 1], padding: 'same' },
  { image: [2, 7, 6, 3], kernel: [4, 4], stride: [2, 2], padding: 'same' },
  { image: [2, 7, 6, 3], kernel: [3, 3], stride: [2, 2], padding: 'valid' },
  { image: [2, 7, 6, 3], kernel: [1, 1], stride: [1, 1], padding: 'valid' },
  { image: [2, 7, 6, 3], kernel: [5, 5], stride: [3, 3], padding: 'same' },
  { image: [2, 4, 5, 3, 2], kernel: [3, 3, 3], stride: [1, 1, 1], padding: 'same' },
  { image: [1, 5, 4, 6, 2], kernel: [2, 4, 4], stride: [2, 2, 2], padding: 'same' },
  { image: [1, 4, 5, 5, 2], kernel: [2, 3, 3], stride: [2, 2, 2], padding: 'valid' },
  { image: [2, 3, 4, 3, 3], kernel: [1, 1, 1], stride: [1, 1, 1], padding: 'valid' },
  { image: [1, 3, 6, 5, 2], kernel: [1, 3, 3], stride: [1, 2, 2], padding: 'same' },
];
const outputOf = ({ image: [n, ...rest], kernel, stride, padding }: ConvCase): number[] => [
  n,
  ...kernel.map((length, axis) =>
    padding === 'same' ? Math.ceil(rest[axis] / stride[axis]) : Math.floor((rest[axis] - length) / stride[axis]) + 1,
  ),
];
const channelsOf = (shape: Shape) => shape[shape.length - 1];
/** Sides of the spatial axes, none for batch and channels. */
const around = (...sides: Sides[]): Sides[] => [[0, 0], ...sides, [0, 0]];

/** At least one case for every op of the registry; a test holds that. */
export const opCases: Readonly<Record<OpName, readonly OpCase[]>> = {
  input: unary((_, x) => x),
  constant: unary((g, x) => g.add(x, g.constant([1, 2, 3], [3]))),
  fill: unary((g, x) => g.mul(x, g.fill(1.5, image))),
  variable: unary((g, x) => g.add(x, g.weight('w', [3], { kind: 'constant', value: 0.5 }))),
  stopGradient: unary((g, x) => g.mul(x, g.stopGradient(g.fill(2, [3])))),
  conv: [
    ...convolutions.map(({ image: x, kernel, stride, padding }): OpCase => ({
      inputs: [x, [...kernel, channelsOf(x), 4]],
      build: (g, [input, w]) => g.conv(input, w, { stride, padding }),
    })),
    {
      inputs: [
        [1, 3, 4, 3, 2],
        [3, 2, 3, 2, 2],
      ],
      build: (g, [x, w]) => g.conv(x, w, { padding: 1 }),
    },
  ],
  convInputGradient: [
    ...(
      [
        [4, 2],
        [9, 4],
        [3, 1],
      ] as const
    ).map(([kernel, stride]): OpCase => ({
      inputs: [
        [2, 4, 3, 3],
        [kernel, kernel, 2, 3],
      ],
      build: (g, [x, w]) => g.convTranspose(x, w, { stride }),
    })),
    {
      inputs: [
        [2, 3, 3, 3],
        [3, 3, 2, 3],
      ],
      build: (g, [x, w]) => g.convTranspose(x, w, { stride: 2, padding: 'valid' }),
    },
    {
      inputs: [
        [1, 2, 3, 2, 3],
        [4, 4, 4, 2, 3],
      ],
      build: (g, [x, w]) => g.convTranspose(x, w, { stride: 2 }),
    },
    {
      inputs: [
        [1, 3, 2, 2, 2],
        [3, 9, 9, 1, 2],
      ],
      build: (g, [x, w]) => g.convTranspose(x, w, { stride: [1, 4, 4] }),
    },
    {
      inputs: [
        [1, 2, 2, 3, 2],
        [3, 3, 3, 2, 2],
      ],
      build: (g, [x, w]) => g.convTranspose(x, w, { stride: 2, padding: 'valid' }),
    },
    // Odd strides to one channel: TensorFlow writes them as phases where nothing is trained.
    ...(
      [
        [9, 3],
        [4, 3],
        [8, 5],
      ] as const
    ).map(([kernel, stride]): OpCase => ({
      inputs: [
        [2, 2, 3, 4, 2],
        [3, kernel, kernel, 1, 2],
      ],
      build: (g, [x, w]) => g.convTranspose(x, w, { stride: [1, stride, stride] }),
    })),
  ],
  convFilterGradient: convolutions.map((each): OpCase => {
    const { image: x, kernel, stride, padding } = each;
    return {
      inputs: [x, [...outputOf(each), 4]],
      build: (g, [input, dy]) =>
        g.node('convFilterGradient', [input, dy], { stride, padding, shape: [...kernel, channelsOf(x), 4] }),
    };
  }),
  biasAdd: [
    { inputs: [image, [3]], build: (g, [x, b]) => g.biasAdd(x, b) },
    { inputs: [volume, [2]], build: (g, [x, b]) => g.biasAdd(x, b) },
  ],
  biasAddGradient: [
    ...unary((g, x) => g.node('biasAddGradient', [x], {})),
    ...ofVolume((g, x) => g.node('biasAddGradient', [x], {})),
  ],
  add: binary((g, a, b) => g.add(a, b)),
  sub: binary((g, a, b) => g.sub(a, b)),
  mul: binary((g, a, b) => g.mul(a, b)),
  div: binary((g, a, b) => g.div(a, b)),
  maximum: binary((g, a, b) => g.maximum(a, b)),
  minimum: binary((g, a, b) => g.minimum(a, b)),
  greater: binary((g, a, b) => g.greater(a, b)),
  greaterEqual: binary((g, a, b) => g.greaterEqual(a, b)),
  select: [
    { inputs: [image, image], build: (g, [a, b]) => g.select(g.greater(a, g.scalar(0)), a, b) },
    { inputs: [image, [3]], build: (g, [a, b]) => g.select(g.greater(b, g.scalar(0)), a, b) },
  ],
  neg: unary((g, x) => g.neg(x)),
  abs: unary((g, x) => g.abs(x)),
  sign: unary((g, x) => g.sign(x)),
  square: unary((g, x) => g.square(x)),
  sqrt: unary((g, x) => g.sqrt(x), 'positive'),
  rsqrt: unary((g, x) => g.rsqrt(x), 'positive'),
  exp: unary((g, x) => g.exp(x)),
  log: unary((g, x) => g.log(x), 'positive'),
  tanh: unary((g, x) => g.tanh(x)),
  tanhGradient: binary((g, y, dy) => g.node('tanhGradient', [y, dy], {})).slice(0, 1),
  sigmoid: unary((g, x) => g.sigmoid(x)),
  sigmoidGradient: binary((g, y, dy) => g.node('sigmoidGradient', [y, dy], {})).slice(0, 1),
  softplus: unary((g, x) => g.softplus(x)),
  erf: [...unary((g, x) => g.erf(x)), ...unary((g, x) => g.gelu(x))],
  relu: [...unary((g, x) => g.relu(x)), { inputs: [image, [3]], build: (g, [x, slope]) => g.prelu(x, slope) }],
  reluGradient: binary((g, dy, y) => g.node('reluGradient', [dy, y], {})).slice(0, 1),
  leakyRelu: unary((g, x) => g.leakyRelu(x, 0.3)),
  prelu: [
    { inputs: [image, [3]], build: (g, [x, slope]) => g.prelu(x, slope) },
    { inputs: [volume, [2]], build: (g, [x, slope]) => g.prelu(x, slope) },
  ],
  preluGradient: [
    { inputs: [image, image, [3]], build: (g, [dy, x, slope]) => g.node('preluGradient', [dy, x, slope], {}) },
  ],
  leakyReluGradient: binary((g, dy, x) => g.node('leakyReluGradient', [dy, x], { slope: 0.3 })).slice(0, 1),
  sum: [
    ...reduction((g, x, options) => g.sum(x, options)),
    ...ofVolume((g, x) => g.sum(x, { axes: [1, 2, 3], keepDims: true })),
  ],
  mean: [
    ...reduction((g, x, options) => g.mean(x, options)),
    ...ofVolume((g, x) => g.mean(x, { axes: [1, 2, 3], keepDims: true })),
  ],
  max: [
    ...reduction((g, x, options) => g.max(x, options)),
    ...ofVolume((g, x) => g.max(x, { axes: [1, 2, 3], keepDims: true })),
  ],
  matmul: [
    {
      inputs: [
        [4, 3],
        [3, 5],
      ],
      build: (g, [a, b]) => g.matmul(a, b),
    },
    {
      inputs: [
        [3, 4],
        [5, 3],
      ],
      build: (g, [a, b]) => g.matmul(a, b, { transposeA: true, transposeB: true }),
    },
    {
      inputs: [
        [2, 4, 3],
        [2, 4, 5],
      ],
      build: (g, [a, b]) => g.matmul(a, b, { transposeA: true }),
    },
    {
      inputs: [
        [4, 3],
        [2, 5, 3],
      ],
      build: (g, [a, b]) => g.matmul(a, b, { transposeB: true }),
    },
  ],
  reshape: unary((g, x) => g.reshape(x, [10, 18])),
  transpose: [...unary((g, x) => g.transpose(x, [0, 3, 1, 2])), ...ofVolume((g, x) => g.transpose(x, [0, 4, 2, 1, 3]))],
  concat: [
    { inputs: [image, [2, 5, 6, 1]], build: (g, [a, b]) => g.concat([a, b, a], 3) },
    { inputs: [image, [1, 5, 6, 3]], build: (g, [a, b]) => g.concat([a, b], 0) },
    { inputs: [volume, [1, 4, 5, 3, 1]], build: (g, [a, b]) => g.concat([a, b], 4) },
  ],
  slice: [
    ...unary((g, x) => g.slice(x, [0, 1, 2, 0], [2, 3, 4, 2])),
    ...ofVolume((g, x) => g.slice(x, [0, 1, 0, 1, 1], [1, 2, 4, 2, 1])),
  ],
  take: [
    { inputs: [[2, 3]], build: (g, [x]) => g.take(x, [5, 0, 0, 2, 5, 5, 1, 3], [2, 4]) },
    { inputs: [[4]], build: (g, [x]) => g.take(x, [3, 1, 0, 2], [2, 2]) },
  ],
  pad: [
    ...unary((g, x) => g.pad(x, around([1, 2], [3, 0]))),
    ...ofVolume((g, x) => g.pad(x, around([1, 0], [0, 2], [2, 1]))),
  ],
  mirrorPad: [
    ...unary((g, x) => g.pad(x, around([2, 1], [0, 3]), 'reflect')),
    ...unary((g, x) => g.pad(x, around([4, 4], [5, 5]), 'reflect')),
    ...ofVolume((g, x) => g.pad(x, around([1, 1], [2, 0], [0, 1]), 'reflect')),
  ],
  mirrorPadGradient: [
    {
      inputs: [[2, 8, 9, 3]],
      build: (g, [dy]) => g.node('mirrorPadGradient', [dy], { paddings: around([2, 1], [0, 3]), shape: image }),
    },
    {
      inputs: [[1, 6, 6, 5, 2]],
      build: (g, [dy]) =>
        g.node('mirrorPadGradient', [dy], { paddings: around([1, 1], [0, 1], [1, 1]), shape: volume }),
    },
  ],
  depthToSpace: [
    { inputs: [[2, 3, 2, 12]], build: (g, [x]) => g.depthToSpace(x, 2) },
    { inputs: [[1, 3, 2, 12]], build: (g, [x]) => g.depthToSpace(x, [2, 3]) },
    { inputs: [[1, 2, 3, 2, 16]], build: (g, [x]) => g.depthToSpace(x, 2) },
    { inputs: [[1, 3, 2, 2, 12]], build: (g, [x]) => g.depthToSpace(x, [1, 2, 3]) },
  ],
  spaceToDepth: [
    { inputs: [[2, 4, 6, 3]], build: (g, [x]) => g.spaceToDepth(x, 2) },
    { inputs: [[1, 4, 2, 6, 2]], build: (g, [x]) => g.spaceToDepth(x, 2) },
    { inputs: [[1, 2, 4, 6, 1]], build: (g, [x]) => g.spaceToDepth(x, [1, 2, 3]) },
  ],
  maxPool: windows.map(({ shape, pool }) => ({ inputs: [shape], build: (g, [x]) => g.maxPool(x, pool) })),
  maxPoolGradient: windows.map(({ shape, pool }) => ({
    inputs: [shape],
    build: (g, [x]) => {
      const y = g.maxPool(x, pool);
      return g.node('maxPoolGradient', [x, y, g.square(y)], pool);
    },
  })),
  avgPool: windows.map(({ shape, pool }) => ({ inputs: [shape], build: (g, [x]) => g.avgPool(x, pool) })),
  avgPoolGradient: windows.map(({ shape, pool }) => ({
    inputs: [shape],
    build: (g, [x]) => g.node('avgPoolGradient', [g.avgPool(x, pool)], { ...pool, shape }),
  })),
};

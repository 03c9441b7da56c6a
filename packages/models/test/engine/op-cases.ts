import type { Graph, Shape, Tensor } from '../../src/index.js';

/** One use of an op: the shapes that it is fed and the graph around it. */
export interface OpCase {
  readonly inputs: readonly Shape[];
  readonly build: (g: Graph, inputs: readonly Tensor[]) => Tensor;
  /** Where the values of the inputs lie: clear of kinks by default, positive for log and roots. */
  readonly values?: 'signed' | 'positive';
}

const image: Shape = [2, 5, 6, 3];
const unary = (build: (g: Graph, x: Tensor) => Tensor, values: OpCase['values'] = 'signed'): OpCase[] => [
  { inputs: [image], build: (g, [x]) => build(g, x), values },
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
const windows = [
  { window: 2, stride: 2, padding: 'valid' },
  { window: 3, stride: 2, padding: 'same' },
  { window: 3, stride: 1, padding: 'same' },
] as const;
const convolutions = [
  { kernel: 3, stride: 1, padding: 'same' },
  { kernel: 4, stride: 2, padding: 'same' },
  { kernel: 3, stride: 2, padding: 'valid' },
  { kernel: 1, stride: 1, padding: 'valid' },
  { kernel: 5, stride: 3, padding: 'same' },
] as const;
const windowLength = (length: number, kernel: number, stride: number, padding: string) =>
  padding === 'same' ? Math.ceil(length / stride) : Math.floor((length - kernel) / stride) + 1;

/** At least one case for every op of the registry; a test holds that. */
export const opCases: Readonly<Record<string, readonly OpCase[]>> = {
  input: unary((_, x) => x),
  constant: unary((g, x) => g.add(x, g.constant([1, 2, 3], [3]))),
  fill: unary((g, x) => g.mul(x, g.fill(1.5, image))),
  variable: unary((g, x) => g.add(x, g.weight('w', [3], { kind: 'constant', value: 0.5 }))),
  stopGradient: unary((g, x) => g.mul(x, g.stopGradient(g.fill(2, [3])))),
  conv2d: convolutions.map(({ kernel, stride, padding }) => ({
    inputs: [
      [2, 7, 6, 3],
      [kernel, kernel, 3, 4],
    ],
    build: (g, [x, w]) => g.conv2d(x, w, { stride, padding }),
  })),
  conv2dInputGradient: [
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
      build: (g, [x, w]) => g.conv2dTranspose(x, w, { stride }),
    })),
    {
      inputs: [
        [2, 3, 3, 3],
        [3, 3, 2, 3],
      ],
      build: (g, [x, w]) => g.conv2dTranspose(x, w, { stride: 2, padding: 'valid' }),
    },
  ],
  conv2dFilterGradient: convolutions.map(({ kernel, stride, padding }) => ({
    inputs: [
      [2, 7, 6, 3],
      [2, windowLength(7, kernel, stride, padding), windowLength(6, kernel, stride, padding), 4],
    ],
    build: (g, [x, dy]) => g.node('conv2dFilterGradient', [x, dy], { stride, padding, shape: [kernel, kernel, 3, 4] }),
  })),
  biasAdd: [{ inputs: [image, [3]], build: (g, [x, b]) => g.biasAdd(x, b) }],
  biasAddGradient: unary((g, x) => g.node('biasAddGradient', [x], {})),
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
  prelu: [{ inputs: [image, [3]], build: (g, [x, slope]) => g.prelu(x, slope) }],
  preluGradient: [
    { inputs: [image, image, [3]], build: (g, [dy, x, slope]) => g.node('preluGradient', [dy, x, slope], {}) },
  ],
  leakyReluGradient: binary((g, dy, x) => g.node('leakyReluGradient', [dy, x], { slope: 0.3 })).slice(0, 1),
  sum: reduction((g, x, options) => g.sum(x, options)),
  mean: reduction((g, x, options) => g.mean(x, options)),
  max: reduction((g, x, options) => g.max(x, options)),
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
  transpose: unary((g, x) => g.transpose(x, [0, 3, 1, 2])),
  concat: [
    { inputs: [image, [2, 5, 6, 1]], build: (g, [a, b]) => g.concat([a, b, a], 3) },
    { inputs: [image, [1, 5, 6, 3]], build: (g, [a, b]) => g.concat([a, b], 0) },
  ],
  slice: unary((g, x) => g.slice(x, [0, 1, 2, 0], [2, 3, 4, 2])),
  pad: unary((g, x) =>
    g.pad(x, [
      [0, 0],
      [1, 2],
      [3, 0],
      [0, 0],
    ]),
  ),
  mirrorPad: [
    ...unary((g, x) =>
      g.pad(
        x,
        [
          [0, 0],
          [2, 1],
          [0, 3],
          [0, 0],
        ],
        'reflect',
      ),
    ),
    ...unary((g, x) =>
      g.pad(
        x,
        [
          [0, 0],
          [4, 4],
          [5, 5],
          [0, 0],
        ],
        'reflect',
      ),
    ),
  ],
  mirrorPadGradient: [
    {
      inputs: [[2, 8, 9, 3]],
      build: (g, [dy]) =>
        g.node('mirrorPadGradient', [dy], {
          paddings: [
            [0, 0],
            [2, 1],
            [0, 3],
            [0, 0],
          ],
          shape: image,
        }),
    },
  ],
  depthToSpace: [{ inputs: [[2, 3, 2, 12]], build: (g, [x]) => g.depthToSpace(x, 2) }],
  spaceToDepth: [{ inputs: [[2, 4, 6, 3]], build: (g, [x]) => g.spaceToDepth(x, 2) }],
  maxPool: windows.map((options) => ({ inputs: [image], build: (g, [x]) => g.maxPool(x, options) })),
  maxPoolGradient: windows.map((options) => ({
    inputs: [image],
    build: (g, [x]) => {
      const y = g.maxPool(x, options);
      return g.node('maxPoolGradient', [x, y, g.square(y)], options);
    },
  })),
  avgPool: windows.map((options) => ({ inputs: [image], build: (g, [x]) => g.avgPool(x, options) })),
  avgPoolGradient: windows.map((options) => ({
    inputs: [image],
    build: (g, [x]) => g.node('avgPoolGradient', [g.avgPool(x, options)], { ...options, shape: image }),
  })),
};

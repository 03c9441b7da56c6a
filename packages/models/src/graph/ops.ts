import { ShapeError } from '@lacuna/core';
import type { Graph } from './graph.js';
import { broadcastShape, requireEqual, requireRank, windowLength } from './shapes.js';
import { formatShape, sizeOf, type Attributes, type Shape, type Tensor } from './tensor.js';

/** One op: how its shape follows from its inputs, and how its gradient does. Kernels live with the engines. */
export interface OpDefinition {
  readonly shape: (inputs: readonly Shape[], attributes: Attributes) => Shape;
  /** dL/dinput for each input, from dL/doutput; null where an input has none. Absent: the op is a leaf or flat. */
  readonly gradient?: (g: Graph, node: Tensor, upstream: Tensor) => readonly (Tensor | null)[];
}

const same: OpDefinition['shape'] = ([x]) => x;
const own: OpDefinition['shape'] = (_, attributes) => attributes['shape'] as Shape;
const binary =
  (op: string): OpDefinition['shape'] =>
  ([a, b]) =>
    broadcastShape(op, a, b);
const numbers = (attributes: Attributes, name: string) => attributes[name] as readonly number[];

function reducedShape([x]: readonly Shape[], attributes: Attributes): Shape {
  const axes = numbers(attributes, 'axes');
  const kept = x.map((length, axis) => (axes.includes(axis) ? 1 : length));
  return attributes['keepDims'] ? kept : kept.filter((_, axis) => !axes.includes(axis));
}

/** The upstream gradient of a reduction, with the reduced axes back as size 1. */
const restoreAxes = (g: Graph, node: Tensor, upstream: Tensor): Tensor => {
  const axes = numbers(node.attributes, 'axes');
  return g.reshape(
    upstream,
    node.inputs[0].shape.map((length, axis) => (axes.includes(axis) ? 1 : length)),
  );
};
const ones = (g: Graph, shape: Shape): Tensor => g.fill(1, shape);

const unary = (gradient: (g: Graph, x: Tensor, dy: Tensor, y: Tensor) => Tensor): OpDefinition => ({
  shape: same,
  gradient: (g, node, dy) => [gradient(g, node.inputs[0], dy, node)],
});

/**
 * Every op that a graph may hold. Conventions are TensorFlow's: NHWC images, HWIO filters, padding SAME or VALID.
 * A comparison gives 1 or 0 and has no gradient.
 */
export const ops: Readonly<Record<string, OpDefinition>> = {
  input: { shape: own },
  constant: { shape: own },
  fill: { shape: own },
  variable: { shape: own },
  stopGradient: { shape: same },

  conv2d: {
    shape: ([x, w], a) => {
      requireRank('conv2d', 'image', x, 4);
      requireRank('conv2d', 'filter', w, 4);
      requireEqual('conv2d', `image ${formatShape(x)} with filter ${formatShape(w)}: channels`, x[3], w[2]);
      const stride = a['stride'] as number;
      const padding = a['padding'] as string;
      return [
        x[0],
        windowLength('conv2d', x[1], w[0], stride, padding),
        windowLength('conv2d', x[2], w[1], stride, padding),
        w[3],
      ];
    },
    gradient: (g, { inputs: [x, w], attributes }, dy) => [
      g.node('conv2dInputGradient', [dy, w], { ...attributes, shape: x.shape }),
      g.node('conv2dFilterGradient', [x, dy], { ...attributes, shape: w.shape }),
    ],
  },
  // The adjoint of conv2d in its image; forward it is the transposed convolution (filter HWOI as TensorFlow has it).
  conv2dInputGradient: {
    shape: ([dy, w], a) => {
      const shape = a['shape'] as Shape;
      requireEqual('conv2dInputGradient', `filter ${formatShape(w)}: output channels`, dy[3], w[3]);
      requireEqual('conv2dInputGradient', `filter ${formatShape(w)}: input channels`, shape[3], w[2]);
      const stride = a['stride'] as number;
      const padding = a['padding'] as string;
      requireEqual(
        'conv2dInputGradient',
        'height',
        dy[1],
        windowLength('conv2dInputGradient', shape[1], w[0], stride, padding),
      );
      requireEqual(
        'conv2dInputGradient',
        'width',
        dy[2],
        windowLength('conv2dInputGradient', shape[2], w[1], stride, padding),
      );
      return shape;
    },
    gradient: (g, { inputs: [dy, w], attributes: { stride, padding } }, upstream) => [
      g.node('conv2d', [upstream, w], { stride: stride, padding: padding }),
      g.node('conv2dFilterGradient', [upstream, dy], { stride: stride, padding: padding, shape: w.shape }),
    ],
  },
  conv2dFilterGradient: { shape: own },
  biasAdd: {
    shape: ([x, b]) => {
      requireEqual('biasAdd', `image ${formatShape(x)}: channels`, x.at(-1)!, b[0]);
      return x;
    },
    gradient: (g, _, dy) => [dy, g.node('biasAddGradient', [dy], {})],
  },
  biasAddGradient: { shape: ([dy]) => [dy.at(-1)!] },

  add: { shape: binary('add'), gradient: (g, { inputs: [a, b] }, dy) => [g.sumTo(dy, a.shape), g.sumTo(dy, b.shape)] },
  sub: {
    shape: binary('sub'),
    gradient: (g, { inputs: [a, b] }, dy) => [g.sumTo(dy, a.shape), g.sumTo(g.neg(dy), b.shape)],
  },
  mul: {
    shape: binary('mul'),
    gradient: (g, { inputs: [a, b] }, dy) => [g.sumTo(g.mul(dy, b), a.shape), g.sumTo(g.mul(dy, a), b.shape)],
  },
  div: {
    shape: binary('div'),
    gradient: (g, node, dy) => {
      const [a, b] = node.inputs as [Tensor, Tensor];
      const da = g.div(dy, b);
      return [g.sumTo(da, a.shape), g.sumTo(g.neg(g.mul(da, node)), b.shape)];
    },
  },
  // At a tie the first input takes the gradient.
  maximum: {
    shape: binary('maximum'),
    gradient: (g, { inputs: [a, b] }, dy) => splitByChoice(g, a, b, g.greaterEqual(a, b), dy),
  },
  minimum: {
    shape: binary('minimum'),
    gradient: (g, { inputs: [a, b] }, dy) => splitByChoice(g, a, b, g.greaterEqual(b, a), dy),
  },
  greater: { shape: binary('greater') },
  greaterEqual: { shape: binary('greaterEqual') },
  select: {
    shape: ([c, a, b]) => broadcastShape('select', broadcastShape('select', c, a), b),
    gradient: (g, { inputs: [c, a, b], shape }, dy) => [
      null,
      g.sumTo(g.node('select', [c, dy, g.fill(0, shape)], {}), a.shape),
      g.sumTo(g.node('select', [c, g.fill(0, shape), dy], {}), b.shape),
    ],
  },

  neg: unary((g, _, dy) => g.neg(dy)),
  abs: unary((g, x, dy) => g.mul(dy, g.sign(x))),
  sign: { shape: same },
  square: unary((g, x, dy) => g.mul(dy, g.scale(x, 2))),
  sqrt: unary((g, _, dy, y) => g.div(g.scale(dy, 0.5), y)),
  rsqrt: unary((g, _, dy, y) => g.mul(g.scale(dy, -0.5), g.mul(y, g.square(y)))),
  exp: unary((g, _, dy, y) => g.mul(dy, y)),
  log: unary((g, x, dy) => g.div(dy, x)),
  tanh: unary((g, _, dy, y) => g.node('tanhGradient', [y, dy], {})),
  tanhGradient: { shape: same },
  sigmoid: unary((g, _, dy, y) => g.node('sigmoidGradient', [y, dy], {})),
  sigmoidGradient: { shape: same },
  softplus: unary((g, x, dy) => g.mul(dy, g.sigmoid(x))),
  erf: unary((g, x, dy) => g.mul(dy, g.scale(g.exp(g.neg(g.square(x))), 2 / Math.sqrt(Math.PI)))),
  relu: unary((g, _, dy, y) => g.node('reluGradient', [dy, y], {})),
  reluGradient: { shape: same },
  leakyRelu: {
    shape: same,
    gradient: (g, { inputs: [x], attributes }, dy) => [g.node('leakyReluGradient', [dy, x], attributes)],
  },
  leakyReluGradient: { shape: same },
  // x where x > 0, else slope x, one slope a channel.
  prelu: {
    shape: same,
    gradient: (g, { inputs: [x, slope] }, dy) => [
      g.node('preluGradient', [dy, x, slope], {}),
      g.sumTo(g.mul(dy, g.minimum(x, g.scalar(0))), slope.shape),
    ],
  },
  preluGradient: { shape: same },

  sum: {
    shape: reducedShape,
    gradient: (g, node, dy) => [g.mul(restoreAxes(g, node, dy), ones(g, node.inputs[0].shape))],
  },
  mean: {
    shape: reducedShape,
    gradient: (g, node, dy) => {
      const share = sizeOf(node.shape) / sizeOf(node.inputs[0].shape);
      return [g.mul(restoreAxes(g, node, dy), g.fill(share, node.inputs[0].shape))];
    },
  },
  // Ties share the gradient equally, as TensorFlow does.
  max: {
    shape: reducedShape,
    gradient: (g, node, dy) => {
      const x = node.inputs[0];
      const axes = numbers(node.attributes, 'axes');
      const hit = g.greaterEqual(x, restoreAxes(g, node, node));
      return [g.mul(hit, g.div(restoreAxes(g, node, dy), g.sum(hit, { axes, keepDims: true })))];
    },
  },

  // Batched: [..., m, k] x [..., k, n], the leading axes broadcast; either side may be transposed.
  matmul: {
    shape: ([a, b], at) => {
      const left = at['transposeA'] ? [...a.slice(0, -2), a.at(-1)!, a.at(-2)!] : a;
      const right = at['transposeB'] ? [...b.slice(0, -2), b.at(-1)!, b.at(-2)!] : b;
      requireEqual(
        'matmul',
        `${formatShape(left)} with ${formatShape(right)}: inner size`,
        left.at(-1)!,
        right.at(-2)!,
      );
      return [...broadcastShape('matmul', left.slice(0, -2), right.slice(0, -2)), left.at(-2)!, right.at(-1)!];
    },
    gradient: (g, { inputs: [a, b], attributes: { transposeA: ta, transposeB: tb } }, dy) => {
      const da = ta ? g.matmul(b, dy, { transposeA: !!tb, transposeB: true }) : g.matmul(dy, b, { transposeB: !tb });
      const db = tb ? g.matmul(dy, a, { transposeA: true, transposeB: !!ta }) : g.matmul(a, dy, { transposeA: !ta });
      return [g.sumTo(da, a.shape), g.sumTo(db, b.shape)];
    },
  },
  reshape: {
    shape: ([x], a) => {
      const shape = a['shape'] as Shape;
      requireEqual('reshape', `${formatShape(x)} to ${formatShape(shape)}: values`, sizeOf(shape), sizeOf(x));
      return shape;
    },
    gradient: (g, { inputs: [x] }, dy) => [g.reshape(dy, x.shape)],
  },
  transpose: {
    shape: ([x], a) => numbers(a, 'order').map((axis) => x[axis]),
    gradient: (g, { attributes }, dy) => {
      const order = numbers(attributes, 'order');
      return [
        g.transpose(
          dy,
          order.map((_, axis) => order.indexOf(axis)),
        ),
      ];
    },
  },
  concat: {
    shape: (shapes, a) => {
      const axis = a['axis'] as number;
      const first = shapes[0];
      for (const other of shapes) {
        if (other.length !== first.length || other.some((length, i) => i !== axis && length !== first[i])) {
          throw new ShapeError({
            who: 'concat',
            got: shapes.map(formatShape).join(' and '),
            wanted: `equal sizes but for axis ${axis}`,
          });
        }
      }
      return first.map((length, i) => (i === axis ? shapes.reduce((sum, shape) => sum + shape[axis], 0) : length));
    },
    gradient: (g, node, dy) => {
      const axis = node.attributes['axis'] as number;
      let start = 0;
      return node.inputs.map((input) => {
        const begin = dy.shape.map((_, i) => (i === axis ? start : 0));
        start += input.shape[axis];
        return g.slice(dy, begin, input.shape);
      });
    },
  },
  slice: {
    shape: ([x], a) => {
      const begin = numbers(a, 'begin');
      const size = numbers(a, 'size');
      x.forEach((length, axis) => {
        if (begin[axis] < 0 || begin[axis] + size[axis] > length)
          throw new ShapeError({
            who: 'slice',
            got: `${begin[axis]}..${begin[axis] + size[axis]} of axis ${axis}`,
            wanted: `a part of ${formatShape(x)}`,
          });
      });
      return size;
    },
    gradient: (g, { inputs: [x], attributes }, dy) => {
      const begin = numbers(attributes, 'begin');
      return [
        g.pad(
          dy,
          x.shape.map((length, axis) => [begin[axis], length - begin[axis] - dy.shape[axis]]),
        ),
      ];
    },
  },
  pad: {
    shape: ([x], a) =>
      x.map(
        (length, axis) =>
          length + (a['paddings'] as readonly number[][])[axis][0] + (a['paddings'] as readonly number[][])[axis][1],
      ),
    gradient: (g, { inputs: [x], attributes }, dy) => [
      g.slice(
        dy,
        (attributes['paddings'] as readonly number[][]).map((side) => side[0]),
        x.shape,
      ),
    ],
  },
  // Mirrors without repeating the edge pixel: "reflect".
  mirrorPad: {
    shape: ([x], a) =>
      x.map((length, axis) => {
        const [before, after] = (a['paddings'] as readonly number[][])[axis] as [number, number];
        if (Math.max(before, after) >= length)
          throw new ShapeError({
            who: 'mirrorPad',
            got: `padding ${before},${after} of axis ${axis} with length ${length}`,
            wanted: `less than the length`,
          });
        return length + before + after;
      }),
    gradient: (g, { inputs: [x], attributes }, dy) => [
      g.node('mirrorPadGradient', [dy], { ...attributes, shape: x.shape }),
    ],
  },
  mirrorPadGradient: { shape: own },
  depthToSpace: {
    shape: ([x], a) => {
      const block = a['block'] as number;
      if (x[3] % (block * block) !== 0)
        throw new ShapeError({
          who: 'depthToSpace',
          got: `${x[3]} channels`,
          wanted: `a multiple of ${block * block}`,
        });
      return [x[0], x[1] * block, x[2] * block, x[3] / (block * block)];
    },
    gradient: (g, { attributes }, dy) => [g.spaceToDepth(dy, attributes['block'] as number)],
  },
  spaceToDepth: {
    shape: ([x], a) => {
      const block = a['block'] as number;
      if (x[1] % block !== 0 || x[2] % block !== 0)
        throw new ShapeError({
          who: 'spaceToDepth',
          got: formatShape(x),
          wanted: `height and width divisible by ${block}`,
        });
      return [x[0], x[1] / block, x[2] / block, x[3] * block * block];
    },
    gradient: (g, { attributes }, dy) => [g.depthToSpace(dy, attributes['block'] as number)],
  },
  maxPool: {
    shape: poolShape,
    gradient: (g, node, dy) => [g.node('maxPoolGradient', [node.inputs[0], node, dy], node.attributes)],
  },
  maxPoolGradient: { shape: same },
  avgPool: {
    shape: poolShape,
    gradient: (g, node, dy) => [g.node('avgPoolGradient', [dy], { ...node.attributes, shape: node.inputs[0].shape })],
  },
  avgPoolGradient: { shape: own },
};

function poolShape([x]: readonly Shape[], a: Attributes): Shape {
  const window = a['window'] as number;
  const stride = a['stride'] as number;
  const padding = a['padding'] as string;
  requireRank('pool', 'image', x, 4);
  return [
    x[0],
    windowLength('pool', x[1], window, stride, padding),
    windowLength('pool', x[2], window, stride, padding),
    x[3],
  ];
}

function splitByChoice(g: Graph, a: Tensor, b: Tensor, first: Tensor, dy: Tensor): Tensor[] {
  const toFirst = g.mul(dy, first);
  return [g.sumTo(toFirst, a.shape), g.sumTo(g.sub(dy, toFirst), b.shape)];
}

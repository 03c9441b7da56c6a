import type { Builder } from '../builder.js';
import { broadcastShape } from '../shape.js';
import type { Tensor } from '../tensor.js';
import { broadcast, same, type OpDefinitions } from './definition.js';

type Binary = 'add' | 'sub' | 'mul' | 'div' | 'maximum' | 'minimum' | 'greater' | 'greaterEqual' | 'select' | 'prelu';
type Unary =
  | 'neg'
  | 'abs'
  | 'sign'
  | 'square'
  | 'sqrt'
  | 'rsqrt'
  | 'exp'
  | 'log'
  | 'tanh'
  | 'sigmoid'
  | 'softplus'
  | 'erf'
  | 'relu'
  | 'leakyRelu';
type OwnGradients = 'tanhGradient' | 'sigmoidGradient' | 'reluGradient' | 'leakyReluGradient' | 'preluGradient';

const unary = (gradient: (g: Builder, x: Tensor, dy: Tensor, y: Tensor) => Tensor) => ({
  shape: same,
  gradient: (g: Builder, node: Tensor, dy: Tensor) => [gradient(g, node.inputs[0], dy, node)],
});

/** The slope goes to where the choice fell. */
function splitByChoice(g: Builder, a: Tensor, b: Tensor, first: Tensor, dy: Tensor): Tensor[] {
  const toFirst = g.mul(dy, first);
  return [g.sumTo(toFirst, a.shape), g.sumTo(g.sub(dy, toFirst), b.shape)];
}

/**
 * Ops that act on each number alone, beside each other by broadcasting. A comparison gives 1 or 0, without gradient.
 */
export const elementwise: OpDefinitions<Binary | Unary | OwnGradients> = {
  add: {
    shape: broadcast('add'),
    gradient: (g, { inputs: [a, b] }, dy) => [g.sumTo(dy, a.shape), g.sumTo(dy, b.shape)],
  },
  sub: {
    shape: broadcast('sub'),
    gradient: (g, { inputs: [a, b] }, dy) => [g.sumTo(dy, a.shape), g.sumTo(g.neg(dy), b.shape)],
  },
  mul: {
    shape: broadcast('mul'),
    gradient: (g, { inputs: [a, b] }, dy) => [g.sumTo(g.mul(dy, b), a.shape), g.sumTo(g.mul(dy, a), b.shape)],
  },
  div: {
    shape: broadcast('div'),
    gradient: (g, node, dy) => {
      const [a, b] = node.inputs;
      const da = g.div(dy, b);
      return [g.sumTo(da, a.shape), g.sumTo(g.neg(g.mul(da, node)), b.shape)];
    },
  },
  // At a tie the first input takes the gradient.
  maximum: {
    shape: broadcast('maximum'),
    gradient: (g, { inputs: [a, b] }, dy) => splitByChoice(g, a, b, g.greaterEqual(a, b), dy),
  },
  minimum: {
    shape: broadcast('minimum'),
    gradient: (g, { inputs: [a, b] }, dy) => splitByChoice(g, a, b, g.greaterEqual(b, a), dy),
  },
  greater: { shape: broadcast('greater') },
  greaterEqual: { shape: broadcast('greaterEqual') },
  select: {
    shape: ([c, a, b]) => broadcastShape('select', broadcastShape('select', c, a), b),
    gradient: (g, { inputs: [c, a, b], shape }, dy) => [
      null,
      g.sumTo(g.select(c, dy, g.fill(0, shape)), a.shape),
      g.sumTo(g.select(c, g.fill(0, shape), dy), b.shape),
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
};

import type { ReduceAttributes } from '../attributes.js';
import type { Builder } from '../builder.js';
import { sizeOf, type Shape } from '../shape.js';
import type { Node, Tensor } from '../tensor.js';
import type { OpDefinitions } from './definition.js';

function reducedShape([x]: readonly Shape[], { axes, keepDims }: ReduceAttributes): Shape {
  const kept = x.map((length, axis) => (axes.includes(axis) ? 1 : length));
  return keepDims ? kept : kept.filter((_, axis) => !axes.includes(axis));
}

/** A value of a reduction's shape, with the reduced axes back as size 1. */
function restoreAxes(g: Builder, node: Node<'sum' | 'mean' | 'max'>, value: Tensor): Tensor {
  const { axes } = node.attributes;
  return g.reshape(
    value,
    node.inputs[0].shape.map((length, axis) => (axes.includes(axis) ? 1 : length)),
  );
}

/** Reductions over any axes. */
export const reductions: OpDefinitions<'sum' | 'mean' | 'max'> = {
  sum: {
    shape: reducedShape,
    gradient: (g, node, dy) => [g.mul(restoreAxes(g, node, dy), g.fill(1, node.inputs[0].shape))],
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
      const { axes } = node.attributes;
      const hit = g.greaterEqual(x, restoreAxes(g, node, node));
      return [g.mul(hit, g.div(restoreAxes(g, node, dy), g.sum(hit, { axes, keepDims: true })))];
    },
  },
};

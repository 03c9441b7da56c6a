import type { Tensor as Values } from '@tensorflow/tfjs-core';
import { sizeOf, spatialSizes, type Node, type Shape } from '../../graph/index.js';
import { shapeOf, type TfCore } from './run-kernel.js';

/**
 * Axis by axis: [.., len, after, b, rest] to [.., len·b, after, rest] is one transposition between two reshapes, and
 * the last axis, whose block lies beside it already, needs none.
 */
export function depthToSpace(tf: TfCore, [x]: readonly Values[], node: Node<'depthToSpace'>): Values {
  const { block } = node.attributes;
  const y = block.reduce((sum: Values, b, axis) => {
    const { lines, after, rest } = around(x.shape, node.shape, block, axis);
    const split = tf.reshape(sum, [lines, after, b, rest]);
    return after === 1 || b === 1 ? split : tf.transpose(split, [0, 2, 1, 3]);
  }, x);
  return tf.reshape(y, shapeOf(node));
}

/** The steps of {@link depthToSpace} backwards. */
export function spaceToDepth(tf: TfCore, [x]: readonly Values[], node: Node<'spaceToDepth'>): Values {
  const { block } = node.attributes;
  const y = block.reduceRight((sum: Values, b, axis) => {
    const { lines, after, rest } = around(node.shape, x.shape, block, axis);
    const split = tf.reshape(sum, [lines, b, after, rest]);
    return after === 1 || b === 1 ? split : tf.transpose(split, [0, 2, 1, 3]);
  }, x);
  return tf.reshape(y, shapeOf(node));
}

/**
 * Sizes around an axis while it is spread: the lines up to it (axes before it enlarged already), the small spatial axes
 * after it, and the channels that are left once its block is taken from them.
 */
function around(small: Shape, large: Shape, block: readonly number[], axis: number) {
  return {
    lines: large[0] * sizeOf(spatialSizes(large).slice(0, axis)) * spatialSizes(small)[axis],
    after: sizeOf(spatialSizes(small).slice(axis + 1)),
    rest: sizeOf(block.slice(axis + 1)) * large[large.length - 1],
  };
}

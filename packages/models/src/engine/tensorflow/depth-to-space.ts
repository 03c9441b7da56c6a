import { sizeOf, spatialSizes, type Node, type Shape } from '../../graph/index.js';
import { T, reshape, transpose, type Emitter } from './emitter.js';

/**
 * Depth-to-space and its inverse. TensorFlow has them for planes with one block size; all else goes axis by axis:
 * [.., len, after, b, rest] to [.., len·b, after, rest] is one transposition between two reshapes, and the last axis,
 * whose block lies beside it already, needs none.
 */
export function emitDepthToSpace(
  emit: Emitter,
  name: string,
  node: Node<'depthToSpace'>,
  [x]: readonly string[],
): string {
  const { block } = node.attributes;
  if (isStock(block)) return emit.writer.node(name, 'DepthToSpace', [x], { ...T(emit), block_size: { int: block[0] } });
  return spreadDepth(emit, name, x, { small: node.inputs[0].shape, large: node.shape, block });
}

/** {@link emitDepthToSpace} axis by axis: of planes and volumes, with any block. */
export function spreadDepth(
  emit: Emitter,
  name: string,
  x: string,
  { small, large, block }: { readonly small: Shape; readonly large: Shape; readonly block: readonly number[] },
): string {
  const sizes = spatialSizes(small);
  let y = x;
  block.forEach((b, axis) => {
    if (b === 1) return;
    const { before, after, rest } = around(small, large, block, axis);
    y = reshape(emit, y, [before * sizes[axis], after, b, rest]);
    if (after > 1) y = transpose(emit, y, [0, 2, 1, 3]);
  });
  return reshape(emit, y, large, name);
}

/** The steps of {@link emitDepthToSpace} backwards. */
export function emitSpaceToDepth(
  emit: Emitter,
  name: string,
  node: Node<'spaceToDepth'>,
  [x]: readonly string[],
): string {
  const { block } = node.attributes;
  if (isStock(block)) return emit.writer.node(name, 'SpaceToDepth', [x], { ...T(emit), block_size: { int: block[0] } });
  const sizes = spatialSizes(node.shape);
  let y = x;
  for (let axis = block.length - 1; axis >= 0; axis--) {
    if (block[axis] === 1) continue;
    const { before, after, rest } = around(node.shape, node.inputs[0].shape, block, axis);
    y = reshape(emit, y, [before * sizes[axis], block[axis], after, rest]);
    if (after > 1) y = transpose(emit, y, [0, 2, 1, 3]);
  }
  return reshape(emit, y, node.shape, name);
}

const isStock = (block: readonly number[]): boolean => block.length === 2 && block[0] === block[1];

/**
 * Sizes around an axis while it is spread: what stands before it (enlarged already), the small spatial axes after it,
 * and the channels that are left once its block is taken from them.
 */
function around(small: Shape, large: Shape, block: readonly number[], axis: number) {
  return {
    before: large[0] * sizeOf(spatialSizes(large).slice(0, axis)),
    after: sizeOf(spatialSizes(small).slice(axis + 1)),
    rest: sizeOf(block.slice(axis + 1)) * large[large.length - 1],
  };
}

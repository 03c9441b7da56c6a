import { InputError } from '@lacuna/core';
import { type ComputedOp, type Node, type OpName, type Tensor } from '@lacuna/models';
import { channelsFirst, channelsLast } from '../axes.js';
import { dataTypes } from '../proto/tensors.js';
import { lowerDepthToSpace, lowerSpaceToDepth } from './composites.js';
import type { AttributeValue } from './node-list.js';
import { isLeaf, type Lowered, type Lowering } from './lowering.js';

/** Writes one op. */
type Operation<Op extends OpName> = (ctx: Lowering, node: Node<Op>) => Lowered;
/** What every op has, whatever its attributes. */
type AnyNode = { readonly op: OpName; readonly inputs: readonly Tensor[] };

/** Ops that act on each number alone keep the layout of what they are given. */
const unary =
  (opType: string) =>
  (ctx: Lowering, node: AnyNode): Lowered => {
    const { name, layout } = operand(ctx, node.inputs[0]);
    return { name: ctx.list.node(opType, [name]), layout };
  };

function operand(ctx: Lowering, x: Tensor): Lowered {
  return ctx.layout(x) === 'image' ? { name: ctx.image(x), layout: 'image' } : { name: ctx.plain(x), layout: 'plain' };
}

/** Operands of an op that broadcasts: beside an image, all come to its layout. */
function broadcast(ctx: Lowering, inputs: readonly Tensor[]): { names: string[]; layout: Lowered['layout'] } {
  const rank = inputs.find((input) => ctx.layout(input) === 'image')?.shape.length;
  if (rank === undefined || !inputs.every((input) => isLeaf(input) || input.shape.length === rank))
    return { names: inputs.map((input) => ctx.plain(input)), layout: 'plain' };
  return {
    names: inputs.map((input) => (isLeaf(input) ? ctx.besideImage(input, rank) : ctx.image(input))),
    layout: 'image',
  };
}

const elementwise =
  (opType: string) =>
  (ctx: Lowering, node: AnyNode): Lowered => {
    const { names, layout } = broadcast(ctx, node.inputs);
    return { name: ctx.list.node(opType, names), layout };
  };

/** A comparison gives a truth value in ONNX; ours gives 1 and 0. */
const compare =
  (opType: string) =>
  (ctx: Lowering, node: AnyNode): Lowered => {
    const { names, layout } = broadcast(ctx, node.inputs);
    return { name: ctx.list.node('Cast', [ctx.list.node(opType, names)], { to: dataTypes.float }), layout };
  };

const reduce =
  (opType: string) =>
  (ctx: Lowering, node: Node<'sum' | 'mean' | 'max'>): Lowered => {
    const x = node.inputs[0];
    const { axes, keepDims } = node.attributes;
    const image = ctx.layout(x) === 'image' && keepDims;
    const written = image ? axes.map((axis) => channelsLast(x.shape.length)[axis]) : axes;
    const name = ctx.list.node(
      opType,
      [image ? ctx.image(x) : ctx.plain(x), ctx.list.ints([...written].sort((a, b) => a - b))],
      { keepdims: keepDims ? 1 : 0 },
    );
    return { name, layout: image ? 'image' : 'plain' };
  };

const pool =
  (opType: string) =>
  (ctx: Lowering, node: Node<'maxPool' | 'avgPool'>): Lowered => {
    const { window, stride, padding } = node.attributes;
    const attributes: Record<string, AttributeValue> = { kernel_shape: window, strides: stride };
    if (padding === 'same') attributes['auto_pad'] = 'SAME_UPPER';
    return { name: ctx.list.node(opType, [ctx.image(node.inputs[0])], attributes), layout: 'image' };
  };

const pad =
  (mode: 'constant' | 'reflect') =>
  (ctx: Lowering, node: Node<'pad' | 'mirrorPad'>): Lowered => {
    const x = node.inputs[0];
    const { paddings: sides } = node.attributes;
    const { name, layout } = operand(ctx, x);
    const order = layout === 'image' ? channelsFirst(x.shape.length) : sides.map((_, axis) => axis);
    const pads = ctx.list.ints([...order.map((axis) => sides[axis][0]), ...order.map((axis) => sides[axis][1])]);
    return { name: ctx.list.node('Pad', [name, pads], { mode }), layout };
  };

/** ONNX has shuffles for planes with one block size. */
const isStock = (block: readonly number[]): boolean => block.length === 2 && block[0] === block[1];

const depthToSpace: Operation<'depthToSpace'> = (ctx, node) => {
  const { block } = node.attributes;
  if (!isStock(block)) return lowerDepthToSpace(ctx, node);
  const attributes = { blocksize: block[0], mode: 'DCR' };
  return { name: ctx.list.node('DepthToSpace', [ctx.image(node.inputs[0])], attributes), layout: 'image' };
};

const spaceToDepth: Operation<'spaceToDepth'> = (ctx, node) => {
  const { block } = node.attributes;
  if (!isStock(block)) return lowerSpaceToDepth(ctx, node);
  const attributes = { blocksize: block[0] };
  return { name: ctx.list.node('SpaceToDepth', [ctx.image(node.inputs[0])], attributes), layout: 'image' };
};

/** "To the end", for whatever the length. */
const END = Number.MAX_SAFE_INTEGER;

/** Counted from the end where the part's size follows the image's: a crop then holds for every size. */
const slice: Operation<'slice'> = (ctx, node) => {
  const x = node.inputs[0];
  const { begin } = node.attributes;
  const { name, layout } = operand(ctx, x);
  const axes = x.shape.map((_, axis) => axis).filter((axis) => begin[axis] !== 0 || node.shape[axis] !== x.shape[axis]);
  const ends = axes.map((axis) =>
    axis === x.shape.length - 1
      ? begin[axis] + node.shape[axis]
      : begin[axis] + node.shape[axis] - x.shape[axis] || END,
  );
  const written = axes.map((axis) => (layout === 'image' ? channelsLast(x.shape.length)[axis] : axis));
  return {
    name: ctx.list.node('Slice', [
      name,
      ctx.list.ints(axes.map((axis) => begin[axis])),
      ctx.list.ints(ends),
      ctx.list.ints(written),
    ]),
    layout,
  };
};

const concat: Operation<'concat'> = (ctx, node) => {
  const { axis } = node.attributes;
  const { names, layout } = broadcast(ctx, node.inputs);
  return {
    name: ctx.list.node('Concat', names, {
      axis: layout === 'image' ? channelsLast(node.shape.length)[axis] : axis,
    }),
    layout,
  };
};

/** `a` and `b` with their last two axes swapped where the op says so. */
const matmul: Operation<'matmul'> = (ctx, node) => {
  const turned = (x: Tensor, turn: boolean) => {
    const rank = x.shape.length;
    const order = x.shape.map((_, axis) => axis);
    return turn
      ? ctx.list.node('Transpose', [ctx.plain(x)], { perm: [...order.slice(0, -2), rank - 1, rank - 2] })
      : ctx.plain(x);
  };
  const [a, b] = node.inputs;
  return {
    name: ctx.list.node('MatMul', [turned(a, node.attributes.transposeA), turned(b, node.attributes.transposeB)]),
    layout: 'plain',
  };
};

const select: Operation<'select'> = (ctx, node) => {
  const { names, layout } = broadcast(ctx, node.inputs);
  return {
    name: ctx.list.node('Where', [ctx.list.node('Cast', [names[0]], { to: dataTypes.bool }), names[1], names[2]]),
    layout,
  };
};

/** What Reshape reads as "as long as before". */
const SAME_LENGTH = 0;

/** The axes that a reshape leaves as they are, from the first on: their lengths may be the image's. */
function keptAxes({ shape, inputs: [x] }: Node<'reshape'>): number {
  const changed = shape.findIndex((length, axis) => length !== x.shape[axis]);
  return changed === -1 ? shape.length : changed;
}

/** How each op of our graph is written for ONNX, besides convolutions and the patterns that ONNX has an op for. */
const operations: { readonly [Op in ComputedOp]?: Operation<Op> } = {
  stopGradient: unary('Identity'),
  biasAdd: elementwise('Add'),
  add: elementwise('Add'),
  sub: elementwise('Sub'),
  mul: elementwise('Mul'),
  div: elementwise('Div'),
  maximum: elementwise('Max'),
  minimum: elementwise('Min'),
  greater: compare('Greater'),
  greaterEqual: compare('GreaterOrEqual'),
  select,
  neg: unary('Neg'),
  abs: unary('Abs'),
  sign: unary('Sign'),
  sqrt: unary('Sqrt'),
  exp: unary('Exp'),
  log: unary('Log'),
  tanh: unary('Tanh'),
  sigmoid: unary('Sigmoid'),
  softplus: unary('Softplus'),
  erf: unary('Erf'),
  relu: unary('Relu'),
  leakyRelu: (ctx, node) => {
    const { name, layout } = operand(ctx, node.inputs[0]);
    return { name: ctx.list.node('LeakyRelu', [name], { alpha: { float: node.attributes.slope } }), layout };
  },
  square: (ctx, node) => {
    const { name, layout } = operand(ctx, node.inputs[0]);
    return { name: ctx.list.node('Mul', [name, name]), layout };
  },
  rsqrt: (ctx, node) => {
    const { name, layout } = operand(ctx, node.inputs[0]);
    return { name: ctx.list.node('Reciprocal', [ctx.list.node('Sqrt', [name])]), layout };
  },
  prelu: elementwise('PRelu'),
  sum: reduce('ReduceSum'),
  mean: reduce('ReduceMean'),
  max: reduce('ReduceMax'),
  matmul,
  reshape: (ctx, node) => ({
    name: ctx.list.node('Reshape', [
      ctx.plain(node.inputs[0]),
      ctx.list.ints(node.shape.map((length, axis) => (axis < keptAxes(node) ? SAME_LENGTH : length))),
    ]),
    layout: 'plain',
  }),
  transpose: (ctx, node) => ({
    name: ctx.list.node('Transpose', [ctx.plain(node.inputs[0])], {
      perm: node.attributes.order,
    }),
    layout: 'plain',
  }),
  concat,
  slice,
  pad: pad('constant'),
  mirrorPad: pad('reflect'),
  depthToSpace,
  spaceToDepth,
  maxPool: pool('MaxPool'),
  avgPool: pool('AveragePool'),
};

/** Writes an op that stands for itself. */
export function lowerOperation<Op extends OpName>(ctx: Lowering, node: Node<Op>): Lowered {
  const table: { readonly [Each in OpName]?: Operation<Each> } = operations;
  const operation: Operation<Op> | undefined = table[node.op];
  if (!operation)
    throw new InputError({
      who: 'ONNX export',
      got: `op ${node.op}`,
      wanted: `an op of inference: conv, ${Object.keys(operations).join(', ')}`,
    });
  return operation(ctx, node);
}

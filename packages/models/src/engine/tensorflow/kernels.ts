import {
  sizeOf,
  spatialRank,
  type ComputedOp,
  type Node,
  type PoolAttributes,
  type ReduceAttributes,
  type Shape,
  type Sides,
} from '../../graph/index.js';
import { emitConvolution, emitFilterGradient, emitInputGradient } from './convolution.js';
import { emitDepthToSpace, emitSpaceToDepth } from './depth-to-space.js';
import { T, reshape, slice, transpose, withIndex, type Emitter, type NodeAttributes } from './emitter.js';

type Kernel<Op extends ComputedOp> = (emit: Emitter, name: string, node: Node<Op>, inputs: readonly string[]) => string;
type AnyKernel = (emit: Emitter, name: string, node: unknown, inputs: readonly string[]) => string;

const plain =
  (op: string): AnyKernel =>
  (emit, name, _, inputs) =>
    emit.writer.node(name, op, inputs, T(emit));

/** A comparison gives bool in TensorFlow; ours gives 1 and 0. */
const compare =
  (op: string): AnyKernel =>
  (emit, name, _, inputs) => {
    const truth = emit.writer.node(emit.name(op), op, inputs, T(emit));
    return emit.writer.node(name, 'Cast', [truth], { SrcT: { type: 'bool' }, DstT: { type: 'float' } });
  };

const reduce =
  (op: string) =>
  (emit: Emitter, name: string, node: { readonly attributes: ReduceAttributes }, inputs: readonly string[]): string =>
    emit.writer.node(name, op, [inputs[0], emit.ints(node.attributes.axes)], {
      ...withIndex(emit, 'Tidx'),
      keep_dims: { bool: node.attributes.keepDims },
    });

const pooling = (emit: Emitter, { window, stride, padding }: PoolAttributes): NodeAttributes => ({
  ...T(emit),
  ksize: { ints: [1, ...window, 1] },
  strides: { ints: [1, ...stride, 1] },
  padding: { text: padding.toUpperCase() },
});
/** TensorFlow's name of an op for planes, or of the one for volumes. */
const ofRank = (op: string, image: Shape): string => (spatialRank(image) === 3 ? op.replace('Pool', 'Pool3D') : op);
const paddings = (emit: Emitter, sides: readonly Sides[]): string => emit.ints(sides.flat(), [sides.length, 2]);

const zero = (emit: Emitter): string =>
  emit.writer.node(emit.name('zero'), 'Const', [], { dtype: { type: 'float' }, value: { repeated: 0, of: [] } });

/**
 * image · scale, one number a channel. A broadcast along a few channels is slow in TensorFlow; along a whole row of
 * pixels it is not, so that rows are taken as they lie and the numbers are repeated for one of them.
 */
function scaleChannels(emit: Emitter, image: string, scale: string, shape: Shape, name = emit.name('scaled')): string {
  const channels = shape.at(-1)!;
  const width = shape.length > 2 ? shape.at(-2)! : 1;
  const rows = sizeOf(shape) / (width * channels);
  const row = emit.writer.node(
    emit.name('row'),
    'BroadcastTo',
    [scale, emit.ints([width, channels])],
    withIndex(emit, 'Tidx'),
  );
  const operands = [reshape(emit, image, [rows, width * channels]), reshape(emit, row, [1, width * channels])];
  return reshape(emit, emit.writer.node(emit.name('product'), 'Mul', operands, T(emit)), shape, name);
}

/** max(x, 0) + slope min(x, 0), as x + (slope - 1) min(x, 0). */
function prelu(emit: Emitter, name: string, node: Node<'prelu'>, [x, slope]: readonly string[]): string {
  const one = emit.writer.node(emit.name('one'), 'Const', [], {
    dtype: { type: 'float' },
    value: { repeated: 1, of: [] },
  });
  const below = emit.writer.node(emit.name('below'), 'Minimum', [x, zero(emit)], T(emit));
  const less = emit.writer.node(emit.name('less'), 'Sub', [slope, one], T(emit));
  return emit.writer.node(name, 'AddV2', [x, scaleChannels(emit, below, less, node.shape)], T(emit));
}

/** dy where x > 0, else slope dy. */
function preluGradient(
  emit: Emitter,
  name: string,
  node: Node<'preluGradient'>,
  [dy, x, slope]: readonly string[],
): string {
  const above = emit.writer.node(emit.name('above'), 'ReluGrad', [dy, x], T(emit));
  const below = emit.writer.node(emit.name('below'), 'Sub', [dy, above], T(emit));
  return emit.writer.node(name, 'AddV2', [above, scaleChannels(emit, below, slope, node.shape)], T(emit));
}

/**
 * The adjoint of mirrored padding. TensorFlow's kernel goes pixel by pixel; here what lies in the margins is added to
 * the rows, then to the columns, that it mirrors, and everything else is copied.
 */
function mirrorPadGradient(
  emit: Emitter,
  name: string,
  node: Node<'mirrorPadGradient'>,
  [dy]: readonly string[],
): string {
  const sides = node.attributes.paddings;
  const fits = sides.every(([before, after], axis) => before + after + 2 <= node.shape[axis] || before + after === 0);
  if (!emit.cpu || !fits)
    return emit.writer.node(name, 'MirrorPadGrad', [dy, paddings(emit, sides)], {
      ...withIndex(emit, 'Tpaddings'),
      mode: { text: 'REFLECT' },
    });
  let shape = node.inputs[0].shape;
  let folded = dy;
  sides.forEach(([before, after], axis) => {
    if (before === 0 && after === 0) return;
    const length = node.shape[axis];
    const from = folded;
    const of = shape;
    const part = (start: number, count: number) =>
      slice(
        emit,
        from,
        of.map((_, i) => (i === axis ? start : 0)),
        of.map((size, i) => (i === axis ? count : size)),
        emit.name('part'),
      );
    const mirrored = (start: number, count: number) =>
      emit.writer.node(
        emit.name('mirrored'),
        'ReverseV2',
        [part(start, count), emit.ints([axis])],
        withIndex(emit, 'Tidx'),
      );
    const plus = (a: string, b: string) => emit.writer.node(emit.name('sum'), 'AddV2', [a, b], T(emit));
    const pieces = [part(before, 1)];
    if (before > 0) pieces.push(plus(part(before + 1, before), mirrored(0, before)));
    pieces.push(part(2 * before + 1, length - before - after - 2));
    if (after > 0) pieces.push(plus(part(before + length - 1 - after, after), mirrored(before + length, after)));
    pieces.push(part(before + length - 1, 1));
    folded = emit.writer.node(emit.name('folded'), 'ConcatV2', [...pieces, emit.ints([axis], [])], {
      ...withIndex(emit, 'Tidx'),
      N: { int: pieces.length },
    });
    shape = shape.map((size, i) => (i === axis ? length : size));
  });
  return emit.writer.node(name, 'Identity', [folded], T(emit));
}

/** How each op of the graph is written for TensorFlow. Inputs, constants and variables are the compiler's own. */
export const tensorflowKernels: { readonly [Op in ComputedOp]: Kernel<Op> } = {
  stopGradient: plain('StopGradient'),
  conv: emitConvolution,
  convInputGradient: emitInputGradient,
  convFilterGradient: emitFilterGradient,
  biasAdd: plain('BiasAdd'),
  biasAddGradient: plain('BiasAddGrad'),
  add: plain('AddV2'),
  sub: plain('Sub'),
  mul: plain('Mul'),
  div: plain('RealDiv'),
  maximum: plain('Maximum'),
  minimum: plain('Minimum'),
  greater: compare('Greater'),
  greaterEqual: compare('GreaterEqual'),
  select: (emit, name, _, [condition, a, b]) => {
    const truth = emit.writer.node(emit.name('truth'), 'NotEqual', [condition, zero(emit)], T(emit));
    return emit.writer.node(name, 'SelectV2', [truth, a, b], T(emit));
  },
  neg: plain('Neg'),
  abs: plain('Abs'),
  sign: plain('Sign'),
  square: plain('Square'),
  sqrt: plain('Sqrt'),
  rsqrt: plain('Rsqrt'),
  exp: plain('Exp'),
  log: plain('Log'),
  tanh: plain('Tanh'),
  tanhGradient: plain('TanhGrad'),
  sigmoid: plain('Sigmoid'),
  sigmoidGradient: plain('SigmoidGrad'),
  softplus: plain('Softplus'),
  erf: plain('Erf'),
  relu: plain('Relu'),
  reluGradient: plain('ReluGrad'),
  leakyRelu: (emit, name, node, inputs) =>
    emit.writer.node(name, 'LeakyRelu', inputs, { ...T(emit), alpha: { float: node.attributes.slope } }),
  prelu,
  preluGradient,
  leakyReluGradient: (emit, name, node, inputs) =>
    emit.writer.node(name, 'LeakyReluGrad', inputs, { ...T(emit), alpha: { float: node.attributes.slope } }),
  sum: reduce('Sum'),
  mean: reduce('Mean'),
  max: reduce('Max'),
  matmul: (emit, name, node, inputs) => {
    const { transposeA, transposeB } = node.attributes;
    return node.shape.length === 2 && node.inputs.every((input) => input.shape.length === 2)
      ? emit.writer.node(name, 'MatMul', inputs, {
          ...T(emit),
          transpose_a: { bool: transposeA },
          transpose_b: { bool: transposeB },
        })
      : emit.writer.node(name, 'BatchMatMulV2', inputs, {
          ...T(emit),
          adj_x: { bool: transposeA },
          adj_y: { bool: transposeB },
        });
  },
  reshape: (emit, name, node, [x]) => reshape(emit, x, node.shape, name),
  transpose: (emit, name, node, [x]) => transpose(emit, x, node.attributes.order, name),
  concat: (emit, name, node, inputs) =>
    emit.writer.node(name, 'ConcatV2', [...inputs, emit.ints([node.attributes.axis], [])], {
      ...withIndex(emit, 'Tidx'),
      N: { int: inputs.length },
    }),
  slice: (emit, name, node, [x]) => slice(emit, x, node.attributes.begin, node.shape, name),
  take: (emit, name, node, [x]) => {
    const { indices, shape } = node.attributes;
    const flat = reshape(emit, x, [sizeOf(node.inputs[0].shape)]);
    const taken = emit.writer.node(emit.name('taken'), 'GatherV2', [flat, emit.ints(indices), emit.ints([0], [])], {
      Tparams: { type: 'float' },
      Tindices: { type: 'int32' },
      Taxis: { type: 'int32' },
    });
    return reshape(emit, taken, shape, name);
  },
  pad: (emit, name, node, [x]) =>
    emit.writer.node(name, 'Pad', [x, paddings(emit, node.attributes.paddings)], withIndex(emit, 'Tpaddings')),
  mirrorPad: (emit, name, node, [x]) =>
    emit.writer.node(name, 'MirrorPad', [x, paddings(emit, node.attributes.paddings)], {
      ...withIndex(emit, 'Tpaddings'),
      mode: { text: 'REFLECT' },
    }),
  mirrorPadGradient,
  depthToSpace: emitDepthToSpace,
  spaceToDepth: emitSpaceToDepth,
  maxPool: (emit, name, node, inputs) =>
    emit.writer.node(name, ofRank('MaxPool', node.shape), inputs, pooling(emit, node.attributes)),
  maxPoolGradient: (emit, name, node, inputs) =>
    emit.writer.node(name, ofRank('MaxPoolGrad', node.shape), inputs, {
      ...pooling(emit, node.attributes),
      ...(spatialRank(node.shape) === 3 ? { TInput: { type: 'float' } } : {}),
    }),
  avgPool: (emit, name, node, inputs) =>
    emit.writer.node(name, ofRank('AvgPool', node.shape), inputs, pooling(emit, node.attributes)),
  avgPoolGradient: (emit, name, node, [dy]) =>
    emit.writer.node(
      name,
      ofRank('AvgPoolGrad', node.shape),
      [emit.ints(node.shape), dy],
      pooling(emit, node.attributes),
    ),
};

import { sizeOf, type Attributes, type Shape, type Tensor } from '../graph/index.js';
import type { NodeAttribute, SavedModelWriter } from './saved-model.js';
import { emitConvolution, emitFilterGradient, emitInputGradient } from './tensorflow-convolution.js';

/** Where a kernel writes its nodes: names are unique within the action. */
export interface Emitter {
  readonly writer: SavedModelWriter;
  /** Whether the program runs on the CPU, where a convolution's kernel is chosen by its shape. */
  readonly cpu: boolean;
  /** Fresh name for a node that helps. */
  name(hint: string): string;
  /** An int32 constant (shapes, axes, paddings). */
  ints(values: readonly number[], shape?: readonly number[]): string;
}

type Kernel = (emit: Emitter, name: string, node: Tensor, inputs: readonly string[]) => string;

const T: Readonly<Record<string, NodeAttribute>> = { T: { type: 'float' } };
const index = (name: string): Readonly<Record<string, NodeAttribute>> => ({ ...T, [name]: { type: 'int32' } });

const plain =
  (op: string): Kernel =>
  (emit, name, _, inputs) =>
    emit.writer.node(name, op, inputs, T);

/** A comparison gives bool in TensorFlow; ours gives 1 and 0. */
const compare =
  (op: string): Kernel =>
  (emit, name, _, inputs) => {
    const truth = emit.writer.node(emit.name(op), op, inputs, T);
    return emit.writer.node(name, 'Cast', [truth], { SrcT: { type: 'bool' }, DstT: { type: 'float' } });
  };

const reduce =
  (op: string): Kernel =>
  (emit, name, { attributes }, inputs) =>
    emit.writer.node(name, op, [inputs[0], emit.ints(attributes['axes'] as number[])], {
      ...index('Tidx'),
      keep_dims: { bool: attributes['keepDims'] as boolean },
    });

const pooling = ({ window, stride, padding }: Attributes): Readonly<Record<string, NodeAttribute>> => ({
  ...T,
  ksize: { ints: [1, window as number, window as number, 1] },
  strides: { ints: [1, stride as number, stride as number, 1] },
  padding: { text: (padding as string).toUpperCase() },
});
const paddings = (emit: Emitter, { attributes }: Tensor) => {
  const sides = attributes['paddings'] as readonly number[][];
  return emit.ints(sides.flat(), [sides.length, 2]);
};

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
  const reshape = (x: string, to: Shape, as = emit.name('rows')) =>
    emit.writer.node(as, 'Reshape', [x, emit.ints(to)], index('Tshape'));
  const row = emit.writer.node(emit.name('row'), 'BroadcastTo', [scale, emit.ints([width, channels])], index('Tidx'));
  return reshape(
    emit.writer.node(
      emit.name('product'),
      'Mul',
      [reshape(image, [rows, width * channels]), reshape(row, [1, width * channels])],
      T,
    ),
    shape,
    name,
  );
}

/** max(x, 0) + slope min(x, 0), as x + (slope - 1) min(x, 0). */
function prelu(emit: Emitter, name: string, node: Tensor, [x, slope]: readonly string[]): string {
  const one = emit.writer.node(emit.name('one'), 'Const', [], {
    dtype: { type: 'float' },
    value: { repeated: 1, of: [] },
  });
  const below = emit.writer.node(emit.name('below'), 'Minimum', [x, zero(emit)], T);
  const less = emit.writer.node(emit.name('less'), 'Sub', [slope, one], T);
  return emit.writer.node(name, 'AddV2', [x, scaleChannels(emit, below, less, node.shape)], T);
}

/** dy where x > 0, else slope dy. */
function preluGradient(emit: Emitter, name: string, node: Tensor, [dy, x, slope]: readonly string[]): string {
  const above = emit.writer.node(emit.name('above'), 'ReluGrad', [dy, x], T);
  const below = emit.writer.node(emit.name('below'), 'Sub', [dy, above], T);
  return emit.writer.node(name, 'AddV2', [above, scaleChannels(emit, below, slope, node.shape)], T);
}

/**
 * The adjoint of mirrored padding. TensorFlow's kernel goes pixel by pixel; here what lies in the margins is added to
 * the rows, then to the columns, that it mirrors, and everything else is copied.
 */
function mirrorPadGradient(emit: Emitter, name: string, node: Tensor, [dy]: readonly string[]): string {
  const sides = node.attributes['paddings'] as readonly (readonly number[])[];
  const fits = sides.every(([before, after], axis) => before + after + 2 <= node.shape[axis] || before + after === 0);
  if (!emit.cpu || !fits)
    return emit.writer.node(name, 'MirrorPadGrad', [dy, paddings(emit, node)], {
      ...index('Tpaddings'),
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
      emit.writer.node(
        emit.name('part'),
        'Slice',
        [
          from,
          emit.ints(of.map((_, i) => (i === axis ? start : 0))),
          emit.ints(of.map((size, i) => (i === axis ? count : size))),
        ],
        index('Index'),
      );
    const mirrored = (start: number, count: number) =>
      emit.writer.node(emit.name('mirrored'), 'ReverseV2', [part(start, count), emit.ints([axis])], index('Tidx'));
    const plus = (a: string, b: string) => emit.writer.node(emit.name('sum'), 'AddV2', [a, b], T);
    const pieces = [part(before, 1)];
    if (before > 0) pieces.push(plus(part(before + 1, before), mirrored(0, before)));
    pieces.push(part(2 * before + 1, length - before - after - 2));
    if (after > 0) pieces.push(plus(part(before + length - 1 - after, after), mirrored(before + length, after)));
    pieces.push(part(before + length - 1, 1));
    folded = emit.writer.node(emit.name('folded'), 'ConcatV2', [...pieces, emit.ints([axis], [])], {
      ...index('Tidx'),
      N: { int: pieces.length },
    });
    shape = shape.map((size, i) => (i === axis ? length : size));
  });
  return emit.writer.node(name, 'Identity', [folded], T);
}

/** How each op of the graph is written for TensorFlow. Inputs, constants and variables are the compiler's own. */
export const tensorflowKernels: Readonly<Record<string, Kernel>> = {
  stopGradient: plain('StopGradient'),
  conv2d: emitConvolution,
  conv2dInputGradient: emitInputGradient,
  conv2dFilterGradient: emitFilterGradient,
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
    const truth = emit.writer.node(emit.name('truth'), 'NotEqual', [condition, zero(emit)], T);
    return emit.writer.node(name, 'SelectV2', [truth, a, b], T);
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
    emit.writer.node(name, 'LeakyRelu', inputs, { ...T, alpha: { float: node.attributes['slope'] as number } }),
  prelu,
  preluGradient,
  leakyReluGradient: (emit, name, node, inputs) =>
    emit.writer.node(name, 'LeakyReluGrad', inputs, { ...T, alpha: { float: node.attributes['slope'] as number } }),
  sum: reduce('Sum'),
  mean: reduce('Mean'),
  max: reduce('Max'),
  matmul: (emit, name, node, inputs) => {
    const transposeA = node.attributes['transposeA'] as boolean;
    const transposeB = node.attributes['transposeB'] as boolean;
    return node.shape.length === 2 && node.inputs.every((input) => input.shape.length === 2)
      ? emit.writer.node(name, 'MatMul', inputs, {
          ...T,
          transpose_a: { bool: transposeA },
          transpose_b: { bool: transposeB },
        })
      : emit.writer.node(name, 'BatchMatMulV2', inputs, {
          ...T,
          adj_x: { bool: transposeA },
          adj_y: { bool: transposeB },
        });
  },
  reshape: (emit, name, node, [x]) => emit.writer.node(name, 'Reshape', [x, emit.ints(node.shape)], index('Tshape')),
  transpose: (emit, name, node, [x]) =>
    emit.writer.node(name, 'Transpose', [x, emit.ints(node.attributes['order'] as number[])], index('Tperm')),
  concat: (emit, name, node, inputs) =>
    emit.writer.node(name, 'ConcatV2', [...inputs, emit.ints([node.attributes['axis'] as number], [])], {
      ...index('Tidx'),
      N: { int: inputs.length },
    }),
  slice: (emit, name, node, [x]) =>
    emit.writer.node(
      name,
      'Slice',
      [x, emit.ints(node.attributes['begin'] as number[]), emit.ints(node.shape)],
      index('Index'),
    ),
  pad: (emit, name, node, [x]) => emit.writer.node(name, 'Pad', [x, paddings(emit, node)], index('Tpaddings')),
  mirrorPad: (emit, name, node, [x]) =>
    emit.writer.node(name, 'MirrorPad', [x, paddings(emit, node)], {
      ...index('Tpaddings'),
      mode: { text: 'REFLECT' },
    }),
  mirrorPadGradient,
  depthToSpace: (emit, name, node, inputs) =>
    emit.writer.node(name, 'DepthToSpace', inputs, { ...T, block_size: { int: node.attributes['block'] as number } }),
  spaceToDepth: (emit, name, node, inputs) =>
    emit.writer.node(name, 'SpaceToDepth', inputs, { ...T, block_size: { int: node.attributes['block'] as number } }),
  maxPool: (emit, name, node, inputs) => emit.writer.node(name, 'MaxPool', inputs, pooling(node.attributes)),
  maxPoolGradient: (emit, name, node, inputs) =>
    emit.writer.node(name, 'MaxPoolGrad', inputs, pooling(node.attributes)),
  avgPool: (emit, name, node, inputs) => emit.writer.node(name, 'AvgPool', inputs, pooling(node.attributes)),
  avgPoolGradient: (emit, name, node, [dy]) =>
    emit.writer.node(name, 'AvgPoolGrad', [emit.ints(node.shape), dy], pooling(node.attributes)),
};

import type { Attributes, Tensor } from '../graph/index.js';
import type { NodeAttribute, SavedModelWriter } from './saved-model.js';

/** Where a kernel writes its nodes: names are unique within the action. */
export interface Emitter {
  readonly writer: SavedModelWriter;
  /** Fresh name for a node that helps. */
  name(hint: string): string;
  /** An int32 constant (shapes, axes, paddings). */
  ints(values: readonly number[], shape?: readonly number[]): string;
}

type Kernel = (emit: Emitter, name: string, node: Tensor, inputs: readonly string[]) => string;

const T: Readonly<Record<string, NodeAttribute>> = { T: { type: 'float' } };
const index = (name: string): Readonly<Record<string, NodeAttribute>> => ({ ...T, [name]: { type: 'int32' } });

const plain = (op: string): Kernel => (emit, name, _, inputs) => emit.writer.node(name, op, inputs, T);

/** A comparison gives bool in TensorFlow; ours gives 1 and 0. */
const compare = (op: string): Kernel => (emit, name, _, inputs) => {
  const truth = emit.writer.node(emit.name(op), op, inputs, T);
  return emit.writer.node(name, 'Cast', [truth], { SrcT: { type: 'bool' }, DstT: { type: 'float' } });
};

const reduce = (op: string): Kernel => (emit, name, { attributes }, inputs) =>
  emit.writer.node(name, op, [inputs[0]!, emit.ints(attributes['axes'] as number[])], { ...index('Tidx'), keep_dims: { bool: attributes['keepDims'] as boolean } });

const convolution = ({ stride, padding }: Attributes): Readonly<Record<string, NodeAttribute>> => ({
  ...T, strides: { ints: [1, stride as number, stride as number, 1] }, padding: { text: (padding as string).toUpperCase() },
});
const pooling = ({ window, stride, padding }: Attributes): Readonly<Record<string, NodeAttribute>> => ({
  ...T, ksize: { ints: [1, window as number, window as number, 1] }, strides: { ints: [1, stride as number, stride as number, 1] }, padding: { text: (padding as string).toUpperCase() },
});
const paddings = (emit: Emitter, { attributes }: Tensor) => {
  const sides = attributes['paddings'] as readonly number[][];
  return emit.ints(sides.flat(), [sides.length, 2]);
};

/** `values` where x > 0, else slope times `values`: three kernels, one of them writing single bytes. */
function slopeWhereNegative(emit: Emitter, name: string, x: string, values: string, slope: string): string {
  const zero = emit.writer.node(emit.name('zero'), 'Const', [], { dtype: { type: 'float' }, value: { repeated: 0, of: [] } });
  const positive = emit.writer.node(emit.name('positive'), 'Greater', [x, zero], T);
  const scaled = emit.writer.node(emit.name('scaled'), 'Mul', [values, slope], T);
  return emit.writer.node(name, 'SelectV2', [positive, values, scaled], T);
}

/** How each op of the graph is written for TensorFlow. Inputs, constants and variables are the compiler's own. */
export const tensorflowKernels: Readonly<Record<string, Kernel>> = {
  stopGradient: plain('StopGradient'),
  conv2d: (emit, name, node, inputs) => emit.writer.node(name, 'Conv2D', inputs, convolution(node.attributes)),
  conv2dInputGradient: (emit, name, node, [dy, w]) => emit.writer.node(name, 'Conv2DBackpropInput', [emit.ints(node.shape), w!, dy!], convolution(node.attributes)),
  conv2dFilterGradient: (emit, name, node, [x, dy]) => emit.writer.node(name, 'Conv2DBackpropFilter', [x!, emit.ints(node.shape), dy!], convolution(node.attributes)),
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
    const zero = emit.writer.node(emit.name('zero'), 'Const', [], { dtype: { type: 'float' }, value: { repeated: 0, of: [] } });
    const truth = emit.writer.node(emit.name('truth'), 'NotEqual', [condition!, zero], T);
    return emit.writer.node(name, 'SelectV2', [truth, a!, b!], T);
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
  leakyRelu: (emit, name, node, inputs) => emit.writer.node(name, 'LeakyRelu', inputs, { ...T, alpha: { float: node.attributes['slope'] as number } }),
  prelu: (emit, name, _, [x, slope]) => slopeWhereNegative(emit, name, x!, x!, slope!),
  preluGradient: (emit, name, _, [dy, x, slope]) => slopeWhereNegative(emit, name, x!, dy!, slope!),
  leakyReluGradient: (emit, name, node, inputs) => emit.writer.node(name, 'LeakyReluGrad', inputs, { ...T, alpha: { float: node.attributes['slope'] as number } }),
  sum: reduce('Sum'),
  mean: reduce('Mean'),
  max: reduce('Max'),
  matmul: (emit, name, node, inputs) => {
    const transposeA = node.attributes['transposeA'] as boolean, transposeB = node.attributes['transposeB'] as boolean;
    return node.shape.length === 2 && node.inputs.every((input) => input.shape.length === 2)
      ? emit.writer.node(name, 'MatMul', inputs, { ...T, transpose_a: { bool: transposeA }, transpose_b: { bool: transposeB } })
      : emit.writer.node(name, 'BatchMatMulV2', inputs, { ...T, adj_x: { bool: transposeA }, adj_y: { bool: transposeB } });
  },
  reshape: (emit, name, node, [x]) => emit.writer.node(name, 'Reshape', [x!, emit.ints(node.shape)], index('Tshape')),
  transpose: (emit, name, node, [x]) => emit.writer.node(name, 'Transpose', [x!, emit.ints(node.attributes['order'] as number[])], index('Tperm')),
  concat: (emit, name, node, inputs) => emit.writer.node(name, 'ConcatV2', [...inputs, emit.ints([node.attributes['axis'] as number], [])], { ...index('Tidx'), N: { int: inputs.length } }),
  slice: (emit, name, node, [x]) => emit.writer.node(name, 'Slice', [x!, emit.ints(node.attributes['begin'] as number[]), emit.ints(node.shape)], index('Index')),
  pad: (emit, name, node, [x]) => emit.writer.node(name, 'Pad', [x!, paddings(emit, node)], index('Tpaddings')),
  mirrorPad: (emit, name, node, [x]) => emit.writer.node(name, 'MirrorPad', [x!, paddings(emit, node)], { ...index('Tpaddings'), mode: { text: 'REFLECT' } }),
  mirrorPadGradient: (emit, name, node, [dy]) => emit.writer.node(name, 'MirrorPadGrad', [dy!, paddings(emit, node)], { ...index('Tpaddings'), mode: { text: 'REFLECT' } }),
  depthToSpace: (emit, name, node, inputs) => emit.writer.node(name, 'DepthToSpace', inputs, { ...T, block_size: { int: node.attributes['block'] as number } }),
  spaceToDepth: (emit, name, node, inputs) => emit.writer.node(name, 'SpaceToDepth', inputs, { ...T, block_size: { int: node.attributes['block'] as number } }),
  maxPool: (emit, name, node, inputs) => emit.writer.node(name, 'MaxPool', inputs, pooling(node.attributes)),
  maxPoolGradient: (emit, name, node, inputs) => emit.writer.node(name, 'MaxPoolGrad', inputs, pooling(node.attributes)),
  avgPool: (emit, name, node, inputs) => emit.writer.node(name, 'AvgPool', inputs, pooling(node.attributes)),
  avgPoolGradient: (emit, name, node, [dy]) => emit.writer.node(name, 'AvgPoolGrad', [emit.ints(node.shape), dy!], pooling(node.attributes)),
};

import {
  channelsOf,
  instanceNorm,
  normalise,
  resizeTo,
  sizeOf,
  spatialAxes,
  spatialSizes,
  upsample,
  type Graph,
  type Sides,
  type Tensor,
} from '@lacuna/models';
import { channelsFirst, channelsLast } from '../axes.js';
import { ACROSS_BATCH } from '../export/lower.js';
import { dataTypes } from '../proto/tensors.js';
import { readConv, readConvTranspose, readPool } from './convolution.js';
import type { Reading, Value } from './reading.js';

type Reader = (r: Reading) => Value;

const image = (tensor: Tensor): Value => ({ kind: 'tensor', tensor, layout: 'image' });
const plain = (tensor: Tensor): Value => ({ kind: 'tensor', tensor, layout: 'plain' });

/** The file's axis in our order, negative ones counted from the end. */
const axisOf = (axis: number, rank: number, layout: 'image' | 'plain'): number => {
  const positive = axis < 0 ? axis + rank : axis;
  return layout === 'image' ? channelsFirst(rank)[positive] : positive;
};

const unary =
  (op: (g: Graph, x: Tensor, r: Reading) => Tensor): Reader =>
  (r) => {
    const value = r.value(0);
    return value.kind === 'tensor' && value.layout === 'image'
      ? image(op(r.g, value.tensor, r))
      : plain(op(r.g, r.plain(0), r));
  };

/** Operands beside each other, in the layout that all of them can take. */
const broadcast =
  (op: (g: Graph, inputs: readonly Tensor[]) => Tensor): Reader =>
  (r) => {
    const rank = r.imageRank();
    const inputs = r.node.input.map((_, i) => (rank === null ? r.plain(i) : r.besideImage(i, rank)));
    return rank === null ? plain(op(r.g, inputs)) : image(op(r.g, inputs));
  };

const binary = (op: (g: Graph, a: Tensor, b: Tensor) => Tensor): Reader =>
  broadcast((g, inputs) => inputs.slice(1).reduce((sum, input) => op(g, sum, input), inputs[0]));

/** x times itself is our square; all else is a product. */
const multiply: Reader = (r) =>
  r.node.input[0] === r.node.input[1] ? unary((g, x) => g.square(x))(r) : binary((g, a, b) => g.mul(a, b))(r);

const reduce =
  (op: 'sum' | 'mean' | 'max'): Reader =>
  (r) => {
    const value = r.value(0);
    const keepDims = r.int('keepdims', 1) === 1;
    const asImage = value.kind === 'tensor' && value.layout === 'image' && keepDims;
    const x = asImage ? r.image(0) : r.plain(0);
    const rank = x.shape.length;
    const given = r.has(1) ? r.numbers(1) : (r.ints('axes') ?? x.shape.map((_, axis) => axis));
    const axes = given.map((axis) => axisOf(axis, rank, asImage ? 'image' : 'plain')).sort((a, b) => a - b);
    const y = r.g[op](x, { axes, keepDims });
    return asImage ? image(y) : plain(y);
  };

/** The largest enlargement of one step: what stands in a file may ask for any memory. */
const MOST = 64;

/** Resize by whole factors, in the three ways that our graph has, or to larger sizes, linear. */
const resize: Reader = (r) => {
  const x = r.image(0);
  if (r.has(3)) return stretch(r, x);
  const scales = r.has(2) ? r.numbers(2) : [];
  const [batch, channel, ...factor] = scales;
  const isWhole = (each: number) => Number.isInteger(each) && each >= 1 && each <= MOST;
  if (scales.length !== x.shape.length || batch !== 1 || channel !== 1 || !factor.every(isWhole))
    throw r.refuse(
      `scales ${scales.join(', ') || 'none'}`,
      `whole factors from 1 to ${MOST} for the spatial axes, 1 for batch and channels`,
    );
  const mode = r.text('mode', 'nearest');
  const coordinates = r.text('coordinate_transformation_mode', 'half_pixel');
  if (mode === 'nearest' && coordinates === 'asymmetric' && r.text('nearest_mode', 'round_prefer_floor') === 'floor')
    return image(upsample(r.g, x, factor, 'nearest'));
  if (mode === 'linear' && coordinates === 'half_pixel') return image(upsample(r.g, x, factor, 'bilinear'));
  if (
    mode === 'cubic' &&
    coordinates === 'half_pixel' &&
    r.float('cubic_coeff_a', -0.75) === -0.5 &&
    r.int('exclude_outside', 0) === 0
  )
    return image(upsample(r.g, x, factor, 'bicubic'));
  throw r.refuse(
    `${mode} at ${coordinates}`,
    'nearest (asymmetric, floor), linear (half_pixel) or cubic (half_pixel, a = -0.5)',
  );
};

function stretch(r: Reading, x: Tensor): Value {
  const [, , ...sizes] = r.numbers(3);
  const from = spatialSizes(x.shape);
  const isLarger = sizes.every((length, axis) => length >= from[axis] && length <= MOST * from[axis]);
  if (sizes.length !== from.length || !isLarger)
    throw r.refuse(`sizes ${sizes.join(' x ')} of ${from.join(' x ')}`, `up to ${MOST} times larger ones`);
  if (r.text('mode', 'nearest') !== 'linear' || r.text('coordinate_transformation_mode', 'half_pixel') !== 'half_pixel')
    throw r.refuse('another interpolation to given sizes', 'linear (half_pixel)');
  return image(resizeTo(r.g, x, sizes));
}

const norm: Reader = (r) => {
  const x = r.image(0);
  const epsilon = r.float('epsilon', 1e-5);
  const scale = r.numbers(1);
  const shift = r.numbers(2);
  // Text marks what ONNX cannot say: in training the statistics span the batch.
  const normalised =
    r.node.docString === ACROSS_BATCH
      ? normalise(r.g, x, [0, ...spatialAxes(x.shape)], epsilon)
      : instanceNorm(r.g, '', x, { epsilon });
  if (
    scale.every((value) => value === 1) &&
    shift.every((value) => value === 0) &&
    r.node.input[1].startsWith('constant/')
  )
    return image(normalised);
  return image(r.g.add(r.g.mul(normalised, r.filter(1, [0])), r.filter(2, [0])));
};

const pad: Reader = (r) => {
  const value = r.value(0);
  const layout = value.kind === 'tensor' ? value.layout : 'plain';
  const x = layout === 'image' ? r.image(0) : r.plain(0);
  const rank = x.shape.length;
  const pads = r.has(1) ? r.numbers(1) : [...(r.ints('pads') ?? [])];
  const mode = r.text('mode', 'constant');
  if (pads.length !== 2 * rank || pads.some((side) => side < 0))
    throw r.refuse(`pads ${pads.join(', ')}`, `${2 * rank} paddings of at least 0`);
  if (
    (mode !== 'reflect' && mode !== 'constant') ||
    (mode === 'constant' && r.has(2) && r.numbers(2).some((number) => number !== 0))
  )
    throw r.refuse(`mode ${mode}`, 'reflect, or constant zeros');
  const sides: Sides[] = [];
  for (let axis = 0; axis < rank; axis++) sides[axisOf(axis, rank, layout)] = [pads[axis], pads[axis + rank]];
  const y = r.g.pad(x, sides, mode === 'reflect' ? 'reflect' : 'zero');
  return layout === 'image' ? image(y) : plain(y);
};

const slice: Reader = (r) => {
  const value = r.value(0);
  const layout = value.kind === 'tensor' ? value.layout : 'plain';
  const x = layout === 'image' ? r.image(0) : r.plain(0);
  const rank = x.shape.length;
  const starts = r.numbers(1);
  const ends = r.numbers(2);
  const axes = r.has(3) ? r.numbers(3) : starts.map((_, i) => i);
  if (r.has(4) && r.numbers(4).some((step) => step !== 1)) throw r.refuse('steps', 'every value');
  const begin = x.shape.map(() => 0);
  const size = [...x.shape];
  axes.forEach((given, i) => {
    const axis = axisOf(given, rank, layout);
    const length = x.shape[axis];
    const at = (position: number) => Math.min(length, Math.max(0, position < 0 ? position + length : position));
    begin[axis] = at(starts[i]);
    size[axis] = at(ends[i]) - begin[axis];
  });
  const y = r.g.slice(x, begin, size);
  return layout === 'image' ? image(y) : plain(y);
};

const concat: Reader = (r) => {
  const isImage = r.imageRank() !== null;
  const inputs = r.node.input.map((_, i) => (isImage ? r.image(i) : r.plain(i)));
  const axis = axisOf(r.int('axis', 0), inputs[0].shape.length, isImage ? 'image' : 'plain');
  return isImage ? image(r.g.concat(inputs, axis)) : plain(r.g.concat(inputs, axis));
};

/** Truth values are numbers in our graph: casts to them and back change nothing; float16 weights widen. */
const cast: Reader = (r) => {
  const to = r.int('to', dataTypes.float);
  if (to !== dataTypes.float && to !== dataTypes.bool) throw r.refuse(`type ${to}`, 'float32');
  return r.value(0);
};

const reshape: Reader = (r) => {
  const x = r.plain(0);
  const wanted = r.numbers(1).map((length, axis) => (length === 0 ? x.shape[axis] : length));
  const rest = sizeOf(x.shape) / sizeOf(wanted.filter((length) => length !== -1));
  return plain(
    r.g.reshape(
      x,
      wanted.map((length) => (length === -1 ? rest : length)),
    ),
  );
};

const transpose: Reader = (r) => {
  const value = r.value(0);
  const order = r.ints('perm');
  if (order === null) throw r.refuse('no perm', 'the order of the axes');
  // An image whose channels go from first to last lies as ours does.
  if (value.kind === 'tensor' && value.layout === 'image' && order.join() === channelsLast(order.length).join())
    return plain(value.tensor);
  if (value.kind === 'tensor' && value.layout === 'plain' && order.join() === channelsFirst(order.length).join())
    return image(value.tensor);
  return plain(r.g.transpose(r.plain(0), order));
};

/**
 * How ONNX's ops become ours: all that {@link exportOnnx} writes, and what convolutional SR models of other makers use
 * besides.
 */
export const readers: Readonly<Record<string, Reader>> = {
  Conv: (r) => image(readConv(r)),
  ConvTranspose: (r) => image(readConvTranspose(r)),
  MaxPool: (r) => image(readPool(r)),
  AveragePool: (r) => image(readPool(r)),
  GlobalAveragePool: (r) => {
    const x = r.image(0);
    return image(r.g.mean(x, { axes: spatialAxes(x.shape), keepDims: true }));
  },
  Resize: resize,
  InstanceNormalization: norm,
  Pad: pad,
  Slice: slice,
  Concat: concat,
  Cast: cast,
  Reshape: reshape,
  Transpose: transpose,
  DepthToSpace: (r) => {
    const x = r.image(0);
    const block = r.int('blocksize', 1);
    if (r.text('mode', 'DCR') !== 'DCR' && channelsOf(x.shape) !== block * block) throw r.refuse('mode CRD', 'DCR');
    return image(r.g.depthToSpace(x, block));
  },
  SpaceToDepth: (r) => image(r.g.spaceToDepth(r.image(0), r.int('blocksize', 1))),
  Add: binary((g, a, b) => g.add(a, b)),
  Sub: binary((g, a, b) => g.sub(a, b)),
  Mul: multiply,
  Div: binary((g, a, b) => g.div(a, b)),
  Max: binary((g, a, b) => g.maximum(a, b)),
  Min: binary((g, a, b) => g.minimum(a, b)),
  Greater: binary((g, a, b) => g.greater(a, b)),
  GreaterOrEqual: binary((g, a, b) => g.greaterEqual(a, b)),
  Where: broadcast((g, [condition, a, b]) => g.select(condition, a, b)),
  PRelu: binary((g, x, slope) => g.prelu(x, slope)),
  Identity: unary((g, x) => g.stopGradient(x)),
  Neg: unary((g, x) => g.neg(x)),
  Abs: unary((g, x) => g.abs(x)),
  Sign: unary((g, x) => g.sign(x)),
  Sqrt: unary((g, x) => g.sqrt(x)),
  Exp: unary((g, x) => g.exp(x)),
  Log: unary((g, x) => g.log(x)),
  Tanh: unary((g, x) => g.tanh(x)),
  Sigmoid: unary((g, x) => g.sigmoid(x)),
  Softplus: unary((g, x) => g.softplus(x)),
  Erf: unary((g, x) => g.erf(x)),
  Relu: unary((g, x) => g.relu(x)),
  LeakyRelu: unary((g, x, r) => g.leakyRelu(x, r.float('alpha', 0.01))),
  // Our graph has the two as one op; the square root that was written before it goes unread.
  Reciprocal: unary((g, x) => (x.op === 'sqrt' ? g.rsqrt(x.inputs[0]) : g.div(g.scalar(1), x))),
  ReduceSum: reduce('sum'),
  ReduceMean: reduce('mean'),
  ReduceMax: reduce('max'),
  MatMul: (r) => plain(r.g.matmul(r.plain(0), r.plain(1))),
};

import { InputError, ShapeError } from '@lacuna/core';
import { formatShape, sizeOf, type Shape, type Tensor } from '@lacuna/models';
import { channelsFirst, channelsLast, isImageRank } from '../axes.js';
import type { NodeList } from './node-list.js';

/** Where a value stands in the ONNX graph: images lie there with channels first, all else as in ours. */
export interface Lowered {
  readonly name: string;
  readonly layout: 'image' | 'plain';
}

/** Weights by name, row-major, in the shapes of our graph. */
export type Weights = Readonly<Record<string, Float32Array | { readonly values: Float32Array }>>;

/** What is known while a graph is written: names of the values so far, in the layout that they have. */
export class Lowering {
  readonly list: NodeList;
  private readonly weights: Weights;
  private readonly values = new Map<number, Lowered>();

  constructor(list: NodeList, weights: Weights) {
    this.list = list;
    this.weights = weights;
  }

  set(tensor: Tensor, value: Lowered): void {
    this.values.set(tensor.id, value);
  }

  layout(tensor: Tensor): 'image' | 'plain' | 'leaf' {
    if (isLeaf(tensor)) return 'leaf';
    return this.required(tensor).layout;
  }

  /** Name of an image's value with channels first. */
  image(tensor: Tensor): string {
    const rank = tensor.shape.length;
    if (!isImageRank(rank))
      throw new ShapeError({
        who: `ONNX export of ${tensor.op}`,
        got: formatShape(tensor.shape),
        wanted: 'a plane of four axes or a volume of five',
      });
    if (isLeaf(tensor)) return this.permuted(tensor, channelsFirst(rank));
    const { name, layout } = this.required(tensor);
    return layout === 'image' ? name : this.list.node('Transpose', [name], { perm: channelsFirst(rank) });
  }

  /** Name of a value with the axes that our graph gives it. */
  plain(tensor: Tensor): string {
    if (isLeaf(tensor))
      return this.permuted(
        tensor,
        tensor.shape.map((_, axis) => axis),
      );
    const { name, layout } = this.required(tensor);
    return layout === 'plain' ? name : this.list.node('Transpose', [name], { perm: channelsLast(tensor.shape.length) });
  }

  /** A leaf as it broadcasts against an image of `rank` axes with channels first: [C] becomes [C,1,1]. */
  besideImage(tensor: Tensor<LeafOp>, rank: number): string {
    const { shape } = tensor;
    // A filled image is one number, whatever the image's size.
    if (tensor.op === 'fill') return this.list.constant([], [tensor.attributes.value]);
    const values = this.leafValues(tensor);
    if (shape.length === 0) return this.store(tensor, [], values);
    if (shape.length === rank) return this.permuted(tensor, channelsFirst(rank));
    // Aligned at the last axis, as broadcasting does, then with that axis in front.
    const full = [...new Array<number>(rank - 1 - shape.length).fill(1), ...shape];
    const order = [full.length - 1, ...full.slice(0, -1).map((_, axis) => axis)];
    return this.store(
      tensor,
      order.map((axis) => full[axis]),
      permute(values, full, order),
    );
  }

  /** A leaf, or a value computed from leaves, with its axes in another order: filters. */
  permuted(tensor: Tensor, order: readonly number[]): string {
    const still = order.every((axis, i) => axis === i);
    if (!isLeaf(tensor))
      return still ? this.plain(tensor) : this.list.node('Transpose', [this.plain(tensor)], { perm: order });
    const values = this.leafValues(tensor);
    return this.store(
      tensor,
      order.map((axis) => tensor.shape[axis]),
      still ? values : permute(values, tensor.shape, order),
    );
  }

  private store(tensor: Tensor<LeafOp>, dims: Shape, values: Float32Array): string {
    const source = tensor.op === 'take' ? tensor.inputs[0] : tensor;
    return source.op === 'variable'
      ? this.list.weight(source.attributes.name, dims, values)
      : this.list.constant(dims, values);
  }

  private leafValues(tensor: Tensor<LeafOp>): Float32Array {
    if (tensor.op === 'fill') return new Float32Array(sizeOf(tensor.shape)).fill(tensor.attributes.value);
    if (tensor.op === 'constant') return tensor.attributes.values;
    if (tensor.op === 'take') {
      const [source] = tensor.inputs;
      const from = this.leafValues(source as Tensor<LeafOp>);
      return Float32Array.from(tensor.attributes.indices, (index) => from[index]);
    }
    const { name } = tensor.attributes;
    const given = this.weights[name];
    if (given === undefined)
      throw new InputError({ who: 'ONNX export', got: `no weight ${name}`, wanted: 'every weight of the model' });
    const values = given instanceof Float32Array ? given : given.values;
    if (values.length !== sizeOf(tensor.shape))
      throw new ShapeError({
        who: `weight ${name}`,
        got: `${values.length} values`,
        wanted: `${sizeOf(tensor.shape)} for ${formatShape(tensor.shape)}`,
      });
    return values;
  }

  private required(tensor: Tensor): Lowered {
    const value = this.values.get(tensor.id);
    if (!value)
      throw new InputError({
        who: 'ONNX export',
        got: `${tensor.op} with an input that was not written`,
        wanted: 'a graph of the model alone',
      });
    return value;
  }
}

/** Ops whose numbers stand in the file; what is taken of a leaf stands there as it was taken. */
export type LeafOp = 'constant' | 'variable' | 'fill' | 'take';

/** Whether a tensor's numbers stand in the file. */
export function isLeaf(tensor: Tensor): tensor is Tensor<LeafOp> {
  if (tensor.op === 'take') return isLeaf(tensor.inputs[0]);
  return tensor.op === 'constant' || tensor.op === 'variable' || tensor.op === 'fill';
}

/** Row-major values with their axes in another order. */
export function permute(values: Float32Array, shape: Shape, order: readonly number[]): Float32Array {
  const strides = shape.map((_, axis) => sizeOf(shape.slice(axis + 1)));
  const sizes = order.map((axis) => shape[axis]);
  const steps = order.map((axis) => strides[axis]);
  const out = new Float32Array(values.length);
  const index = sizes.map(() => 0);
  for (let i = 0, from = 0; i < out.length; i++) {
    out[i] = values[from];
    for (let axis = sizes.length - 1; axis >= 0; axis--) {
      from += steps[axis];
      if (++index[axis] < sizes[axis]) break;
      from -= steps[axis] * sizes[axis];
      index[axis] = 0;
    }
  }
  return out;
}

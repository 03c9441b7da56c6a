import { InputError, ShapeError } from '@lacuna/core';
import { formatShape, sizeOf, type Shape, type Tensor } from '@lacuna/models';
import type { NodeList } from './node-list.js';

/** Where a value stands in the ONNX graph: images of four axes lie there as NCHW, all else as in ours. */
export interface Lowered {
  readonly name: string;
  readonly layout: 'image' | 'plain';
}

/** Weights by name, row-major, in the shapes of our graph. */
export type Weights = Readonly<Record<string, Float32Array | { readonly values: Float32Array }>>;

/** NHWC axis to NCHW axis. */
export const imageAxis: readonly number[] = [0, 2, 3, 1];
const TO_NCHW = [0, 3, 1, 2];
const TO_NHWC = [0, 2, 3, 1];

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

  /** Name of an image's value in NCHW. */
  image(tensor: Tensor): string {
    if (tensor.shape.length !== 4)
      throw new ShapeError({
        who: `ONNX export of ${tensor.op}`,
        got: formatShape(tensor.shape),
        wanted: 'an image of four axes',
      });
    if (isLeaf(tensor)) return this.permuted(tensor, TO_NCHW);
    const { name, layout } = this.required(tensor);
    return layout === 'image' ? name : this.list.node('Transpose', [name], { perm: TO_NCHW });
  }

  /** Name of a value with the axes that our graph gives it. */
  plain(tensor: Tensor): string {
    if (isLeaf(tensor))
      return this.permuted(
        tensor,
        tensor.shape.map((_, axis) => axis),
      );
    const { name, layout } = this.required(tensor);
    return layout === 'plain' ? name : this.list.node('Transpose', [name], { perm: TO_NHWC });
  }

  /** A leaf as it broadcasts against an NCHW image: [C] becomes [C,1,1], [H,W,C] becomes [C,H,W]. */
  besideImage(tensor: Tensor): string {
    const { shape } = tensor;
    const rank = shape.length;
    const values = this.leafValues(tensor);
    // A filled image is one number, whatever the image's size.
    if (values === null) return this.list.constant([], [tensor.attributes['value'] as number]);
    if (rank === 0) return this.store(tensor, [], values);
    if (rank === 1) return this.store(tensor, [shape[0], 1, 1], values);
    if (rank === 2) return this.store(tensor, [shape[1], 1, shape[0]], permute(values, shape, [1, 0]));
    return this.permuted(tensor, rank === 3 ? [2, 0, 1] : TO_NCHW);
  }

  /** A leaf, or a value computed from leaves, with its axes in another order: filters. */
  permuted(tensor: Tensor, order: readonly number[]): string {
    const still = order.every((axis, i) => axis === i);
    if (!isLeaf(tensor))
      return still ? this.plain(tensor) : this.list.node('Transpose', [this.plain(tensor)], { perm: order });
    const values =
      this.leafValues(tensor) ?? new Float32Array(sizeOf(tensor.shape)).fill(tensor.attributes['value'] as number);
    return this.store(
      tensor,
      order.map((axis) => tensor.shape[axis]),
      still ? values : permute(values, tensor.shape, order),
    );
  }

  private store(tensor: Tensor, dims: Shape, values: Float32Array): string {
    return tensor.op === 'variable'
      ? this.list.weight(tensor.attributes['name'] as string, dims, values)
      : this.list.constant(dims, values);
  }

  /** Numbers of a constant or a weight; null for a fill. */
  private leafValues(tensor: Tensor): Float32Array | null {
    if (tensor.op === 'fill') return null;
    if (tensor.op === 'constant') return tensor.attributes['values'] as Float32Array;
    const name = tensor.attributes['name'] as string;
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

/** Numbers that stand in the file. */
export function isLeaf(tensor: Tensor): boolean {
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
    out[i] = values[from]!;
    for (let axis = sizes.length - 1; axis >= 0; axis--) {
      from += steps[axis];
      if (++index[axis] < sizes[axis]) break;
      from -= steps[axis] * sizes[axis];
      index[axis] = 0;
    }
  }
  return out;
}

import { InputError } from '@lacuna/core';
import { formatShape, sizeOf, zeros, type Graph, type Tensor } from '@lacuna/models';
import { channelsFirst, channelsLast, isImageRank } from '../axes.js';
import { CONSTANT } from '../export/node-list.js';
import { permute } from '../export/lowering.js';
import type { OnnxAttribute, OnnxNode, OnnxTensor } from '../proto/model.js';
import { tensorValues } from '../proto/tensors.js';

/**
 * A value while the graph is built again: a tensor of ours (images channels last), or numbers of the file that no op
 * has taken yet.
 */
export type Value =
  | { readonly kind: 'tensor'; readonly tensor: Tensor; readonly layout: 'image' | 'plain' }
  | {
      readonly kind: 'numbers';
      readonly name: string;
      readonly dims: readonly number[];
      readonly values: Float32Array | Float64Array;
    };

/** A node of the file, with its attributes read and its inputs looked up. */
export class Reading {
  readonly g: Graph;
  readonly node: OnnxNode;
  /** Weights of the file in our shapes, filled as ops take them. */
  private readonly weights: Map<string, { shape: readonly number[]; values: Float32Array }>;
  private readonly values: ReadonlyMap<string, Value>;

  constructor(
    g: Graph,
    node: OnnxNode,
    values: ReadonlyMap<string, Value>,
    weights: Map<string, { shape: readonly number[]; values: Float32Array }>,
  ) {
    this.g = g;
    this.node = node;
    this.values = values;
    this.weights = weights;
  }

  refuse(got: string, wanted: string): InputError {
    const { opType, name } = this.node;
    return new InputError({
      who: `ONNX node ${opType}${name ? ` (${name})` : ''}`,
      got,
      wanted,
      remedy: 'the file may still run as it is; only its graph cannot be read',
    });
  }

  has(index: number): boolean {
    return !!this.node.input[index];
  }

  value(index: number): Value {
    const name = this.node.input[index];
    const value = name ? this.values.get(name) : undefined;
    if (!value)
      throw this.refuse(
        name ? `input ${name}, which nothing made` : `no input ${index + 1}`,
        'a value that a node before it made',
      );
    return value;
  }

  /** An image as a tensor of ours, channels last. */
  image(index: number): Tensor {
    const value = this.value(index);
    if (value.kind === 'numbers') {
      if (!isImageRank(value.dims.length)) throw this.refuse(`numbers of ${value.dims.length} axes`, 'an image');
      return this.leaf(value, channelsLast(value.dims.length));
    }
    if (value.layout === 'image') return value.tensor;
    const { shape } = value.tensor;
    if (!isImageRank(shape.length)) throw this.refuse(`a value of shape ${formatShape(shape)}`, 'an image');
    return this.g.transpose(value.tensor, channelsLast(shape.length));
  }

  /** A value with its axes as the file has them. */
  plain(index: number): Tensor {
    const value = this.value(index);
    if (value.kind === 'numbers')
      return this.leaf(
        value,
        value.dims.map((_, axis) => axis),
      );
    if (value.layout === 'plain') return value.tensor;
    return this.g.transpose(value.tensor, channelsFirst(value.tensor.shape.length));
  }

  /** Numbers that the node's meaning depends on: axes, paddings, scales. */
  numbers(index: number): number[] {
    const value = this.value(index);
    if (value.kind !== 'numbers')
      throw this.refuse(`input ${index + 1} that is computed`, 'numbers that stand in the file');
    return [...value.values];
  }

  /** The sizes of numbers that stand in the file. */
  sizes(index: number): readonly number[] {
    const value = this.value(index);
    if (value.kind === 'numbers') return value.dims;
    const { shape } = value.tensor;
    return value.layout === 'plain' ? shape : channelsFirst(shape.length).map((axis) => shape[axis]);
  }

  /** A filter or vector with its axes in our order, as a weight or a constant. */
  filter(index: number, order: readonly number[]): Tensor {
    const value = this.value(index);
    if (value.kind === 'numbers' && value.dims.length === order.length) return this.leaf(value, order);
    if (value.kind === 'tensor' && value.tensor.shape.length === order.length)
      return this.g.transpose(this.plain(index), order);
    throw this.refuse(`input ${index + 1} of another rank`, `${order.length} axes`);
  }

  /** Numbers as they broadcast against an image of `rank` axes: [C,1,1] becomes [C], a single number stays one. */
  besideImage(index: number, rank: number): Tensor {
    const value = this.value(index);
    if (value.kind === 'tensor') {
      if (value.tensor.shape.length === 0) return value.tensor;
      return this.image(index);
    }
    const { dims } = value;
    if (dims.length === rank - 1 && dims.slice(1).every((length) => length === 1))
      return this.leaf({ ...value, dims: [dims[0]] }, [0]);
    if (dims.length === rank - 1) return this.leaf(value, [...dims.slice(1).map((_, axis) => axis + 1), 0]);
    if (dims.length === rank) return this.leaf(value, channelsLast(rank));
    if (sizeOf(dims) === 1) return this.leaf({ ...value, dims: [] }, []);
    throw this.refuse(`numbers of size ${dims.join(' x ')} beside an image`, 'one for each channel');
  }

  /**
   * Axes of the images that the op works on; null where there is none, or another operand cannot stand beside it.
   */
  imageRank(): number | null {
    const values = this.node.input.map((_, i) => this.value(i));
    const image = values.find((value) => value.kind === 'tensor' && value.layout === 'image');
    const fits = values.every(
      (value) => value.kind === 'numbers' || value.layout === 'image' || value.tensor.shape.length === 0,
    );
    return image?.kind === 'tensor' && fits ? image.tensor.shape.length : null;
  }

  private leaf(value: Extract<Value, { kind: 'numbers' }>, order: readonly number[]): Tensor {
    const { name, dims } = value;
    const shape = order.map((axis) => dims[axis]);
    const numbers = Float32Array.from(value.values);
    const still = order.every((axis, i) => axis === i);
    const values = still ? numbers : permute(numbers, dims, order);
    if (name.startsWith(CONSTANT) || shape.length === 0) return this.g.constant(values, shape);
    const known = this.weights.get(name);
    if (known && formatShape(known.shape) !== formatShape(shape)) return this.g.constant(values, shape);
    this.weights.set(name, { shape, values });
    return this.g.weight(name, shape, zeros);
  }

  attribute(name: string): OnnxAttribute | undefined {
    return this.node.attribute?.find((attribute) => attribute.name === name);
  }

  int(name: string, otherwise: number): number {
    return this.attribute(name)?.i ?? otherwise;
  }

  /** The shortest decimal that is this float32: 0.2 comes back as 0.2, not as 0.20000000298. */
  float(name: string, otherwise: number): number {
    const value = this.attribute(name)?.f;
    if (value === undefined) return otherwise;
    for (let digits = 1; digits <= 9; digits++) {
      const short = Number(value.toPrecision(digits));
      if (Math.fround(short) === value) return short;
    }
    return value;
  }

  ints(name: string): readonly number[] | null {
    return this.attribute(name)?.ints ?? null;
  }

  text(name: string, otherwise: string): string {
    const bytes = this.attribute(name)?.s;
    return bytes ? new TextDecoder().decode(bytes) : otherwise;
  }
}

/** Numbers of the file as a value. */
export function numbersOf(name: string, tensor: OnnxTensor): Value {
  return { kind: 'numbers', name, ...tensorValues(tensor) };
}

import { ShapeError } from '@lacuna/core';
import type { OpAttributes, OpName, PoolAttributes, Sides } from './attributes.js';
import {
  broadcastAxes,
  formatShape,
  perAxis,
  requireImage,
  sizeOf,
  spatialRank,
  spatialSizes,
  type PerAxis,
  type Shape,
} from './shape.js';
import type { Node, Tensor } from './tensor.js';

/** Padding of a convolution: TensorFlow's two, or zeros on every side, or zeros for each side of each spatial axis. */
export type Padding = 'same' | 'valid' | number | readonly Sides[];

/** Options of a reduction; all axes by default. */
export interface ReduceOptions {
  readonly axes?: readonly number[];
  readonly keepDims?: boolean;
}

/** Options of a pooling; the stride is the window's size by default. */
export interface PoolOptions {
  readonly window: PerAxis;
  readonly stride?: PerAxis;
  readonly padding?: 'same' | 'valid';
}

/**
 * The ops as methods. Numbers that go along the spatial axes of an image may be given as one for all of them or as a
 * list: z, y, x of a volume, y, x of a plane.
 */
export abstract class Builder {
  /** Adds an op; its shape follows from the registry. */
  abstract node<Op extends OpName>(op: Op, inputs: readonly Tensor[], attributes: OpAttributes[Op]): Node<Op>;

  constant(values: Float32Array | readonly number[], shape: Shape): Tensor<'constant'> {
    const array = Float32Array.from(values);
    if (array.length !== sizeOf(shape))
      throw new ShapeError({
        who: 'constant',
        got: `${array.length} values`,
        wanted: `${sizeOf(shape)} for ${formatShape(shape)}`,
      });
    return this.node('constant', [], { values: array, shape });
  }

  scalar(value: number): Tensor {
    return this.constant([value], []);
  }

  fill(value: number, shape: Shape): Tensor {
    return this.node('fill', [], { value, shape });
  }

  stopGradient(x: Tensor): Tensor {
    return this.node('stopGradient', [x], {});
  }

  /** Convolution with a filter [spatial axes, in, out]. */
  conv(x: Tensor, w: Tensor, options: { stride?: PerAxis; padding?: Padding } = {}): Tensor {
    const { padding = 'same' } = options;
    const rank = requireImage('conv', x.shape);
    const stride = perAxis('conv: stride', options.stride ?? 1, rank);
    if (padding === 'same' || padding === 'valid') return this.node('conv', [x, w], { stride, padding });
    const sides = typeof padding === 'number' ? stride.map((): Sides => [padding, padding]) : padding;
    return this.node('conv', [this.padSpatial(x, sides), w], { stride, padding: 'valid' });
  }

  /**
   * Transposed convolution: `w` is [spatial axes, out, in]; with padding same the output is `stride` times as large.
   * @param options.size spatial sizes of the output where several would give the input's.
   */
  convTranspose(
    x: Tensor,
    w: Tensor,
    options: { stride: PerAxis; padding?: 'same' | 'valid'; size?: readonly number[] },
  ): Tensor {
    const { padding = 'same' } = options;
    const stride = perAxis('convTranspose: stride', options.stride, requireImage('convTranspose', x.shape));
    const grow = (length: number, axis: number) =>
      padding === 'same' ? length * stride[axis] : (length - 1) * stride[axis] + w.shape[axis];
    const size = options.size ?? spatialSizes(x.shape).map(grow);
    return this.node('convInputGradient', [x, w], { stride, padding, shape: [x.shape[0], ...size, w.shape.at(-2)!] });
  }

  biasAdd(x: Tensor, bias: Tensor): Tensor {
    return this.node('biasAdd', [x, bias], {});
  }

  add(a: Tensor, b: Tensor): Tensor {
    return this.node('add', [a, b], {});
  }
  sub(a: Tensor, b: Tensor): Tensor {
    return this.node('sub', [a, b], {});
  }
  mul(a: Tensor, b: Tensor): Tensor {
    return this.node('mul', [a, b], {});
  }
  div(a: Tensor, b: Tensor): Tensor {
    return this.node('div', [a, b], {});
  }
  maximum(a: Tensor, b: Tensor): Tensor {
    return this.node('maximum', [a, b], {});
  }
  minimum(a: Tensor, b: Tensor): Tensor {
    return this.node('minimum', [a, b], {});
  }
  /** 1 where a > b, else 0. */
  greater(a: Tensor, b: Tensor): Tensor {
    return this.node('greater', [a, b], {});
  }
  greaterEqual(a: Tensor, b: Tensor): Tensor {
    return this.node('greaterEqual', [a, b], {});
  }
  /** a where the condition is not 0, else b. */
  select(condition: Tensor, a: Tensor, b: Tensor): Tensor {
    return this.node('select', [condition, a, b], {});
  }
  /** x times a number. */
  scale(x: Tensor, factor: number): Tensor {
    return factor === 1 ? x : this.mul(x, this.scalar(factor));
  }
  /** x plus a number. */
  shift(x: Tensor, offset: number): Tensor {
    return offset === 0 ? x : this.add(x, this.scalar(offset));
  }
  clip(x: Tensor, low: number, high: number): Tensor {
    return this.minimum(this.maximum(x, this.scalar(low)), this.scalar(high));
  }

  neg(x: Tensor): Tensor {
    return this.node('neg', [x], {});
  }
  abs(x: Tensor): Tensor {
    return this.node('abs', [x], {});
  }
  sign(x: Tensor): Tensor {
    return this.node('sign', [x], {});
  }
  square(x: Tensor): Tensor {
    return this.node('square', [x], {});
  }
  sqrt(x: Tensor): Tensor {
    return this.node('sqrt', [x], {});
  }
  rsqrt(x: Tensor): Tensor {
    return this.node('rsqrt', [x], {});
  }
  exp(x: Tensor): Tensor {
    return this.node('exp', [x], {});
  }
  log(x: Tensor): Tensor {
    return this.node('log', [x], {});
  }
  tanh(x: Tensor): Tensor {
    return this.node('tanh', [x], {});
  }
  sigmoid(x: Tensor): Tensor {
    return this.node('sigmoid', [x], {});
  }
  /** log(1 + exp x), without overflow. */
  softplus(x: Tensor): Tensor {
    return this.node('softplus', [x], {});
  }
  erf(x: Tensor): Tensor {
    return this.node('erf', [x], {});
  }
  relu(x: Tensor): Tensor {
    return this.node('relu', [x], {});
  }
  leakyRelu(x: Tensor, slope = 0.2): Tensor {
    return this.node('leakyRelu', [x], { slope });
  }
  /** max(x, 0) + slope min(x, 0), one slope a channel. */
  prelu(x: Tensor, slope: Tensor): Tensor {
    return this.node('prelu', [x, slope], {});
  }
  /** x Phi(x), with the error function. */
  gelu(x: Tensor): Tensor {
    return this.mul(this.scale(x, 0.5), this.shift(this.erf(this.scale(x, Math.SQRT1_2)), 1));
  }

  sum(x: Tensor, options: ReduceOptions = {}): Tensor {
    return this.reduce('sum', x, options);
  }
  mean(x: Tensor, options: ReduceOptions = {}): Tensor {
    return this.reduce('mean', x, options);
  }
  max(x: Tensor, options: ReduceOptions = {}): Tensor {
    return this.reduce('max', x, options);
  }
  private reduce(
    op: 'sum' | 'mean' | 'max',
    x: Tensor,
    { axes = x.shape.map((_, axis) => axis), keepDims = false }: ReduceOptions,
  ): Tensor {
    return axes.length === 0 ? x : this.node(op, [x], { axes, keepDims });
  }

  /** Sums over the axes along which `shape` was broadcast to x's shape. */
  sumTo(x: Tensor, shape: Shape): Tensor {
    const axes = broadcastAxes(shape, x.shape);
    const summed = axes.length === 0 ? x : this.sum(x, { axes, keepDims: true });
    return formatShape(summed.shape) === formatShape(shape) ? summed : this.reshape(summed, shape);
  }

  matmul(a: Tensor, b: Tensor, options: { transposeA?: boolean; transposeB?: boolean } = {}): Tensor {
    return this.node('matmul', [a, b], {
      transposeA: options.transposeA ?? false,
      transposeB: options.transposeB ?? false,
    });
  }

  reshape(x: Tensor, shape: Shape): Tensor {
    return formatShape(x.shape) === formatShape(shape) ? x : this.node('reshape', [x], { shape });
  }
  transpose(x: Tensor, order: readonly number[]): Tensor {
    return this.node('transpose', [x], { order });
  }
  concat(parts: readonly Tensor[], axis: number): Tensor {
    return parts.length === 1 ? parts[0] : this.node('concat', parts, { axis });
  }
  slice(x: Tensor, begin: readonly number[], size: Shape): Tensor {
    return formatShape(x.shape) === formatShape(size) ? x : this.node('slice', [x], { begin, size });
  }
  /** The values of x at flat indices, in order, as an array of `shape`; a value may be taken any number of times. */
  take(x: Tensor, indices: readonly number[], shape: Shape): Tensor {
    return this.node('take', [x], { indices, shape });
  }
  /** Pads each axis by [before, after]: zeros, or mirrored without the edge. */
  pad(x: Tensor, paddings: readonly Sides[], mode: 'zero' | 'reflect' = 'zero'): Tensor {
    if (paddings.every(([before, after]) => before === 0 && after === 0)) return x;
    return this.node(mode === 'zero' ? 'pad' : 'mirrorPad', [x], { paddings });
  }

  /** Pads the spatial axes of an image by [before, after]. */
  padSpatial(x: Tensor, sides: readonly Sides[], mode: 'zero' | 'reflect' = 'zero'): Tensor {
    if (sides.length !== spatialRank(x.shape))
      throw new ShapeError({
        who: 'pad',
        got: `${sides.length} pairs for an image of shape ${formatShape(x.shape)}`,
        wanted: `${spatialRank(x.shape)}, one for each spatial axis`,
      });
    return this.pad(x, [[0, 0], ...sides, [0, 0]], mode);
  }

  /**
   * [n, spatial, c·b²] to [n, spatial·b, c]; channel (i·b + j)·c + k of a plane goes to row offset i, column offset j,
   * and channel ((h·b + i)·b + j)·c + k of a volume to depth offset h as well.
   */
  depthToSpace(x: Tensor, block: PerAxis): Tensor {
    const blocks = perAxis('depthToSpace: block', block, requireImage('depthToSpace', x.shape));
    return blocks.every((length) => length === 1) ? x : this.node('depthToSpace', [x], { block: blocks });
  }

  spaceToDepth(x: Tensor, block: PerAxis): Tensor {
    const blocks = perAxis('spaceToDepth: block', block, requireImage('spaceToDepth', x.shape));
    return blocks.every((length) => length === 1) ? x : this.node('spaceToDepth', [x], { block: blocks });
  }

  maxPool(x: Tensor, options: PoolOptions): Tensor {
    return this.node('maxPool', [x], this.poolAttributes(x, options));
  }

  avgPool(x: Tensor, options: PoolOptions): Tensor {
    return this.node('avgPool', [x], this.poolAttributes(x, options));
  }

  private poolAttributes(x: Tensor, { window, stride = window, padding = 'valid' }: PoolOptions): PoolAttributes {
    const rank = requireImage('pool', x.shape);
    return { window: perAxis('pool: window', window, rank), stride: perAxis('pool: stride', stride, rank), padding };
  }
}

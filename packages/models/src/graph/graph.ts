import { InputError, ShapeError, type Rng } from '@lacuna/core';
import { ops } from './ops.js';
import { initialValues, type Initializer } from './initializers.js';
import { broadcastAxes } from './shapes.js';
import { formatShape, sizeOf, type Attributes, type Shape, type Tensor } from './tensor.js';

/** A named array that outlives a call: a weight, an optimiser's slot, a running mean. */
export interface Variable {
  readonly name: string;
  readonly shape: Shape;
  readonly initializer: Initializer;
  /** Trained by the optimiser, and counted as a parameter. */
  readonly trainable: boolean;
}

/** Padding of a convolution: TensorFlow's two, or zeros given for each side, [[top, bottom], [left, right]]. */
export type Padding = 'same' | 'valid' | readonly [readonly [number, number], readonly [number, number]];

/** Options of a reduction; all axes by default. */
export interface ReduceOptions {
  readonly axes?: readonly number[];
  readonly keepDims?: boolean;
}

/**
 * Builds a graph of ops: shapes are checked at once, nothing is computed.
 *
 * One builder serves a whole program, so that actions share variables. The same `variable` name gives the same
 * variable.
 */
export class Graph {
  readonly variables = new Map<string, Variable>();
  private readonly reads = new Map<string, Tensor>();
  private readonly scopes: string[] = [];
  private updatedReads: Map<string, Tensor> | null = null;
  private rename: (name: string) => string = (name) => name;
  private nextId = 0;

  /** Adds an op; its shape follows from the registry. */
  node(op: string, inputs: readonly Tensor[], attributes: Attributes): Tensor {
    const definition = ops[op];
    if (!definition)
      throw new InputError({ who: 'graph', got: `op ${op}`, wanted: `one of ${Object.keys(ops).join(', ')}` });
    return {
      id: this.nextId++,
      op,
      inputs,
      attributes,
      shape: definition.shape(
        inputs.map((input) => input.shape),
        attributes,
      ),
    };
  }

  /** Runs `build` with `name.` before the names of all weights made inside. */
  scope<T>(name: string, build: () => T): T {
    this.scopes.push(name);
    try {
      return build();
    } finally {
      this.scopes.pop();
    }
  }

  input(name: string, shape: Shape): Tensor {
    return this.node('input', [], { name, shape });
  }

  constant(values: Float32Array | readonly number[], shape: Shape): Tensor {
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

  /** The value of a variable, in the current scope, as it was before the action's updates. */
  weight(name: string, shape: Shape, initializer: Initializer, options: { trainable?: boolean } = {}): Tensor {
    const full = [...this.scopes, name].join('.');
    const known = this.variables.get(full);
    if (known) {
      if (formatShape(known.shape) !== formatShape(shape))
        throw new ShapeError({
          who: `weight ${full}`,
          got: formatShape(shape),
          wanted: `${formatShape(known.shape)}, as before`,
        });
    } else {
      this.variables.set(full, { name: full, shape, initializer, trainable: options.trainable ?? true });
    }
    const read = this.rename(full);
    return this.updatedReads ? this.readOnceUpdated(read, this.updatedReads) : this.read(read);
  }

  /** Runs `build` with other variables in place of weights: running averages in place of what is trained. */
  withRenamedWeights<T>(rename: (name: string) => string, build: () => T): T {
    const outer = this.rename;
    this.rename = rename;
    try {
      return build();
    } finally {
      this.rename = outer;
    }
  }

  /**
   * Runs `build` with weights as they are after the action's updates (a generator that sees the trained discriminator).
   */
  withUpdatedWeights<T>(build: () => T): T {
    const outer = this.updatedReads;
    this.updatedReads = new Map();
    try {
      return build();
    } finally {
      this.updatedReads = outer;
    }
  }

  private readOnceUpdated(name: string, reads: Map<string, Tensor>): Tensor {
    let read = reads.get(name);
    if (!read) reads.set(name, (read = this.readUpdated(name)));
    return read;
  }

  /** The value of a variable by its full name, before the action's updates. */
  read(name: string): Tensor {
    let read = this.reads.get(name);
    if (!read) {
      const variable = this.requireVariable(name);
      read = this.node('variable', [], { name, shape: variable.shape, after: false });
      this.reads.set(name, read);
    }
    return read;
  }

  /** The value of a variable after the action's updates of it. */
  readUpdated(name: string): Tensor {
    return this.node('variable', [], { name, shape: this.requireVariable(name).shape, after: true });
  }

  requireVariable(name: string): Variable {
    const variable = this.variables.get(name);
    if (!variable)
      throw new InputError({ who: 'graph', got: `variable ${name}`, wanted: 'the name of a variable made before' });
    return variable;
  }

  stopGradient(x: Tensor): Tensor {
    return this.node('stopGradient', [x], {});
  }

  conv2d(x: Tensor, w: Tensor, options: { stride?: number; padding?: Padding } = {}): Tensor {
    const { stride = 1, padding = 'same' } = options;
    if (typeof padding === 'string') return this.node('conv2d', [x, w], { stride, padding });
    return this.node('conv2d', [this.pad(x, [[0, 0], ...padding, [0, 0]]), w], { stride, padding: 'valid' });
  }

  /**
   * Transposed convolution: `w` is [kernel, kernel, out, in] (HWOI); the output is `stride` times as large with padding
   * same.
   */
  conv2dTranspose(
    x: Tensor,
    w: Tensor,
    options: { stride: number; padding?: 'same' | 'valid'; height?: number; width?: number },
  ): Tensor {
    const { stride, padding = 'same' } = options;
    const grow = (length: number, kernel: number) =>
      padding === 'same' ? length * stride : (length - 1) * stride + kernel;
    const height = options.height ?? grow(x.shape[1], w.shape[0]);
    const width = options.width ?? grow(x.shape[2], w.shape[1]);
    return this.node('conv2dInputGradient', [x, w], {
      stride,
      padding,
      shape: [x.shape[0], height, width, w.shape[2]],
    });
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
    op: string,
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
  /** Pads each axis by [before, after]: zeros, or mirrored without the edge. */
  pad(x: Tensor, paddings: readonly (readonly number[])[], mode: 'zero' | 'reflect' = 'zero'): Tensor {
    if (paddings.every(([before, after]) => before === 0 && after === 0)) return x;
    return this.node(mode === 'zero' ? 'pad' : 'mirrorPad', [x], { paddings });
  }

  /** [n,h,w,c·b²] to [n,h·b,w·b,c]; channel (i·b + j)·c + k goes to row offset i, column offset j. */
  depthToSpace(x: Tensor, block: number): Tensor {
    return block === 1 ? x : this.node('depthToSpace', [x], { block });
  }
  spaceToDepth(x: Tensor, block: number): Tensor {
    return block === 1 ? x : this.node('spaceToDepth', [x], { block });
  }
  maxPool(x: Tensor, options: { window: number; stride?: number; padding?: 'same' | 'valid' }): Tensor {
    return this.node('maxPool', [x], {
      window: options.window,
      stride: options.stride ?? options.window,
      padding: options.padding ?? 'valid',
    });
  }
  avgPool(x: Tensor, options: { window: number; stride?: number; padding?: 'same' | 'valid' }): Tensor {
    return this.node('avgPool', [x], {
      window: options.window,
      stride: options.stride ?? options.window,
      padding: options.padding ?? 'valid',
    });
  }

  /** The values that a variable starts with; they depend on the stream and the variable's name alone. */
  initialValues(name: string, rng: Rng): Float32Array {
    const { initializer, shape } = this.requireVariable(name);
    return initialValues(initializer, shape, rng.fork(name));
  }
}

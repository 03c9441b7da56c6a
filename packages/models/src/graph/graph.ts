import { InputError, ShapeError, type Rng } from '@lacuna/core';
import type { OpAttributes, OpName } from './attributes.js';
import { Builder } from './builder.js';
import { initialValues, type Initializer } from './initializers.js';
import { ops } from './ops/index.js';
import { formatShape, type Shape } from './shape.js';
import type { Node, Tensor } from './tensor.js';

/** A named array that outlives a call: a weight, an optimiser's slot, a running mean. */
export interface Variable {
  readonly name: string;
  readonly shape: Shape;
  readonly initializer: Initializer;
  /** A weight belongs to the model and is counted; state is an optimiser's slot or a running average. */
  readonly role: 'weight' | 'state';
  /** Trained by the optimiser. */
  readonly trainable: boolean;
}

/**
 * Builds a graph of ops: shapes are checked at once, nothing is computed.
 *
 * One builder serves a whole program, so that actions share variables. The same `variable` name gives the same
 * variable.
 */
export class Graph extends Builder {
  readonly variables = new Map<string, Variable>();
  private readonly reads = new Map<string, Tensor>();
  private readonly scopes: string[] = [];
  private updatedReads: Map<string, Tensor> | null = null;
  private rename: (name: string) => string = (name) => name;
  private nextId = 0;

  node<Op extends OpName>(op: Op, inputs: readonly Tensor[], attributes: OpAttributes[Op]): Node<Op> {
    const shapes = inputs.map((input) => input.shape);
    return { id: this.nextId++, op, inputs, attributes, shape: ops[op].shape(shapes, attributes) };
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
      this.variables.set(full, {
        name: full,
        shape,
        initializer,
        role: 'weight',
        trainable: options.trainable ?? true,
      });
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

  /**
   * The values that a variable starts with; they depend on the stream and the variable's name alone.
   * @throws {InputError} for a weight that is fitted: nothing can be drawn in its place.
   */
  initialValues(name: string, rng: Rng): Float32Array {
    const { initializer, shape } = this.requireVariable(name);
    if (initializer.kind === 'fitted')
      throw new InputError({ who: `weight ${name}`, got: 'no value', wanted: 'what was fitted to the training pairs' });
    return initialValues(initializer, shape, rng.fork(name));
  }
}

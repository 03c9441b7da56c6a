import type { OpAttributes, OpName } from '../attributes.js';
import type { Builder } from '../builder.js';
import { broadcastShape, type Shape } from '../shape.js';
import type { Node, Tensor } from '../tensor.js';

/** One op: how its shape follows from its inputs, and how its gradient does. Kernels live with the engines. */
export interface OpDefinition<Op extends OpName> {
  readonly shape: (inputs: readonly Shape[], attributes: OpAttributes[Op]) => Shape;
  /** dL/dinput for each input, from dL/doutput; null where an input has none. Absent: the op is a leaf or flat. */
  readonly gradient?: (g: Builder, node: Node<Op>, upstream: Tensor) => readonly (Tensor | null)[];
}

/** Definitions of some ops by name. */
export type OpDefinitions<Op extends OpName> = { readonly [Each in Op]: OpDefinition<Each> };

/** The shape of the first input. */
export const same = ([x]: readonly Shape[]): Shape => x;
/** The shape that the attributes say. */
export const own = (_: readonly Shape[], { shape }: { readonly shape: Shape }): Shape => shape;
/** The shape to which two inputs broadcast. */
export const broadcast =
  (op: string) =>
  ([a, b]: readonly Shape[]): Shape =>
    broadcastShape(op, a, b);

import type { OpAttributes, OpName } from './attributes.js';
import type { Shape } from './shape.js';

/** The result of one op. */
export interface Node<Op extends OpName> {
  readonly id: number;
  readonly op: Op;
  readonly shape: Shape;
  readonly inputs: readonly Tensor[];
  readonly attributes: OpAttributes[Op];
}

/** One value of a graph, float32 throughout: `op` says which op made it, and so which attributes it has. */
export type Tensor<Op extends OpName = OpName> = { [Each in Op]: Node<Each> }[Op];

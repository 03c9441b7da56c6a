import { InputError, type Rng } from '@lacuna/core';
import type { Graph } from './graph.js';
import { averageName } from './names.js';
import { sizeOf } from './shape.js';
import type { Tensor } from './tensor.js';

/** A change of one variable at the end of an action. Updates of one variable happen in the order of the list. */
export type Update =
  | { readonly kind: 'assign'; readonly variable: string; readonly value: Tensor }
  | {
      readonly kind: 'adam';
      readonly variable: string;
      readonly m: string;
      readonly v: string;
      readonly gradient: Tensor;
      /** Numbers: the learning rate, and beta1, beta2 to the power of this step (1, 2, ...). */
      readonly learningRate: Tensor;
      readonly beta1Power: Tensor;
      readonly beta2Power: Tensor;
      readonly beta1: number;
      readonly beta2: number;
      readonly epsilon: number;
    };

/**
 * What convolutions compute with. `bf16`: their operands are rounded to bfloat16 (8 bits of significand), sums are
 * float32; everything else, variables above all, is float32.
 */
export type Precision = 'float32' | 'bf16';

/** Something to run: what it is fed, what it gives back, what it changes. */
export interface Action {
  readonly precision: Precision;
  readonly inputs: Readonly<Record<string, Tensor>>;
  readonly fetches: Readonly<Record<string, Tensor>>;
  readonly updates: readonly Update[];
}

/** Named actions over shared variables: all that an engine needs. */
export interface Program {
  readonly graph: Graph;
  readonly actions: Readonly<Record<string, Action>>;
}

/** What {@link createProgram} makes an action of. */
export interface PlannedAction {
  readonly fetches: Readonly<Record<string, Tensor>>;
  readonly updates?: readonly Update[];
  /** float32 by default. */
  readonly precision?: Precision;
}

/**
 * Puts a program together; inputs are found by walking from fetches and updates.
 * @throws {InputError} if two inputs of an action share a name, or an update names no variable.
 */
export function createProgram(graph: Graph, actions: Readonly<Record<string, PlannedAction>>): Program {
  const built: Record<string, Action> = {};
  for (const [name, { fetches, updates = [], precision = 'float32' }] of Object.entries(actions)) {
    const inputs: Record<string, Tensor> = {};
    for (const tensor of reachable(actionRoots(fetches, updates))) {
      if (tensor.op !== 'input') continue;
      const label = tensor.attributes.name;
      if (inputs[label] && inputs[label] !== tensor)
        throw new InputError({
          who: `action ${name}`,
          got: `two inputs named ${label}`,
          wanted: 'one tensor for each name',
        });
      inputs[label] = tensor;
    }
    for (const update of updates) graph.requireVariable(update.variable);
    built[name] = { precision, inputs, fetches, updates };
  }
  return { graph, actions: built };
}

/** The tensors that an action computes: its fetches and what its updates take. */
export function actionRoots(fetches: Readonly<Record<string, Tensor>>, updates: readonly Update[]): Tensor[] {
  return [
    ...Object.values(fetches),
    ...updates.flatMap((update) =>
      update.kind === 'assign'
        ? [update.value]
        : [update.gradient, update.learningRate, update.beta1Power, update.beta2Power],
    ),
  ];
}

function reachable(roots: readonly Tensor[]): Set<Tensor> {
  const seen = new Set<Tensor>();
  const stack = [...roots];
  while (stack.length > 0) {
    const tensor = stack.pop()!;
    if (seen.has(tensor)) continue;
    seen.add(tensor);
    stack.push(...tensor.inputs);
  }
  return seen;
}

/**
 * First values of every variable: a function of the stream and the variables' names alone, but for those that are
 * given.
 * @throws {InputError} for a fitted weight that is not given, and for a given one that the graph lacks or that has
 *   another size.
 */
export function initialVariables(
  graph: Graph,
  rng: Rng,
  given: Readonly<Record<string, Float32Array>> = {},
): Record<string, Float32Array> {
  for (const [name, { length }] of Object.entries(given)) {
    const wanted = sizeOf(graph.requireVariable(name).shape);
    if (length !== wanted)
      throw new InputError({ who: `weight ${name}`, got: `${length} values`, wanted: String(wanted) });
  }
  const values = Object.fromEntries(
    [...graph.variables.keys()].map((name) => [name, given[name]?.slice() ?? graph.initialValues(name, rng)]),
  );
  for (const name of graph.variables.keys())
    if (graph.variables.has(averageName(name))) values[averageName(name)] = values[name].slice();
  return values;
}

import { InputError } from '@lacuna/core';
import { buildGenerator, sizeMultiples, type GeneratorContext, type ModelSpec } from '../architectures/index.js';
import { Graph, factorOf, perAxis } from '../graph/index.js';
import { GENERATOR } from '../regimes/index.js';
import type { TensorFile } from './safetensors.js';

/** Weights that training begins with, in place of drawn ones. */
export interface InitialWeights {
  /** Where they come from, for errors. */
  readonly who: string;
  readonly tensors: TensorFile['tensors'];
}

/** Shapes of a generator's weights by name, as model files have them. */
export function generatorShapes(
  model: ModelSpec,
  context: Omit<GeneratorContext, 'training'>,
): Readonly<Record<string, readonly number[]>> {
  const factor = factorOf(context.factor);
  const multiples = perAxis('generator', sizeMultiples(model, factor), factor.length);
  const g = new Graph();
  const sizes = multiples.map((each) => Math.ceil(16 / each) * each);
  const lr = g.input('lr', [1, ...sizes, context.channels * (context.planes ?? 1)]);
  buildGenerator(g, GENERATOR, lr, model, { ...context, training: false });
  return Object.fromEntries([...g.variables.values()].map(({ name, shape }) => [name, shape]));
}

/**
 * Holds weights to those that a generator has: every one must be there, in its shape, and no other.
 * @throws {InputError} naming the first that does not fit.
 */
export function requireFit(
  who: string,
  given: Readonly<Record<string, { readonly shape: readonly number[] }>>,
  wanted: Readonly<Record<string, readonly number[]>>,
): void {
  const remedy = 'set the model (and factor) of both alike';
  const text = (shape: readonly number[]) => `[${shape.join(', ')}]`;
  for (const [name, shape] of Object.entries(wanted)) {
    const tensor = given[name];
    if (!tensor) throw new InputError({ who, got: `no tensor ${name}`, wanted: `one of ${text(shape)}`, remedy });
    if (text(tensor.shape) !== text(shape))
      throw new InputError({ who, got: `tensor ${name} of ${text(tensor.shape)}`, wanted: text(shape), remedy });
  }
  const extra = Object.keys(given).find((name) => !(name in wanted));
  if (extra === undefined) return;
  const got = `tensor ${extra} of ${text(given[extra].shape)}`;
  throw new InputError({ who, got, wanted: 'weights of this model alone', remedy });
}

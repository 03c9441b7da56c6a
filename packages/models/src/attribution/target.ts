import { ShapeError } from '@lacuna/core';
import type { Engine, Executable } from '../engine/index.js';
import { Graph, createProgram, formatShape, gradients, sizeOf, type Tensor } from '../graph/index.js';
import type { TargetGradient } from './path-attribution.js';

/** A weighted mean of a model's output as a function of its input. */
export interface CompiledTarget {
  at(input: Float32Array): Promise<TargetGradient>;
  dispose(): void;
}

/**
 * Compiles T(x) = Σ w · f(x) of a model f, with its gradient in x.
 * @param options.build adds the model to a graph. @param options.shape of the input, [1, spatial, channels].
 * @param options.weights w, one for each value of the output. @param options.variables values by name.
 * @throws {ShapeError} for weights of another size than the output.
 */
export async function compileTarget(
  engine: Engine,
  options: {
    readonly build: (g: Graph, input: Tensor) => Tensor;
    readonly shape: readonly number[];
    readonly weights: Float32Array;
    readonly variables: Readonly<Record<string, Float32Array>>;
  },
): Promise<CompiledTarget> {
  const { build, shape, weights, variables } = options;
  const g = new Graph();
  const input = g.input('input', [...shape]);
  const output = build(g, input);
  if (sizeOf(output.shape) !== weights.length)
    throw new ShapeError({
      who: 'target of an attribution',
      got: `${weights.length} weights`,
      wanted: `${sizeOf(output.shape)} for ${formatShape(output.shape)}`,
    });
  const value = g.sum(g.mul(output, g.constant(weights, output.shape)));
  const [gradient] = gradients(g, value, [input]);
  const program = createProgram(g, { target: { fetches: { value, gradient } } });
  const executable: Executable = await engine.compile(program);
  await executable.write(variables);
  return {
    async at(image) {
      const found = await executable.run('target', { input: image });
      return { value: found['value'][0], gradient: Float32Array.from(found['gradient']) };
    },
    dispose: () => executable.dispose(),
  };
}

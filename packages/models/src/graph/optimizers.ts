import { gradients } from './gradients.js';
import type { Graph } from './graph.js';
import { zeros } from './initializers.js';
import { averageName } from './names.js';
import type { Update } from './program.js';
import type { Tensor } from './tensor.js';

/** Adam's numbers; AdamW when `weightDecay` is not 0. */
export interface AdamOptions {
  readonly beta1: number;
  readonly beta2: number;
  readonly epsilon: number;
  /** Decoupled weight decay (Loshchilov & Hutter, arXiv:1711.05101): w -= learningRate · weightDecay · w. */
  readonly weightDecay: number;
  /** Gradients are scaled down together when their joint Euclidean norm is larger; null leaves them. */
  readonly clipNorm: number | null;
}

/** Numbers that change from step to step; the loop feeds them. */
export interface StepNumbers {
  readonly learningRate: Tensor;
  readonly beta1Power: Tensor;
  readonly beta2Power: Tensor;
}

/** Inputs `learningRate`, `beta1Power`, `beta2Power`, shared by all optimisers of an action. */
export function stepNumbers(g: Graph): StepNumbers {
  return {
    learningRate: g.input('learningRate', []),
    beta1Power: g.input('beta1Power', []),
    beta2Power: g.input('beta2Power', []),
  };
}

/**
 * One Adam step (Kingma & Ba, arXiv:1412.6980, the efficient form at the end of section 2):
 * m = b1 m + (1-b1) g, v = b2 v + (1-b2) g², w -= lr sqrt(1-b2^t)/(1-b1^t) · m / (sqrt v + eps).
 * @returns the updates, and the gradients' joint norm before clipping (0-d) where clipping asks for it.
 */
export function adam(
  g: Graph,
  loss: Tensor,
  names: readonly string[],
  numbers: StepNumbers,
  options: AdamOptions,
): { updates: Update[]; gradientNorm: Tensor | null } {
  const weights = names.map((name) => g.read(name));
  let slopes = gradients(g, loss, weights);
  let gradientNorm: Tensor | null = null;
  if (options.clipNorm !== null) {
    gradientNorm = g.sqrt(slopes.map((slope) => g.sum(g.square(slope))).reduce((sum, square) => g.add(sum, square)));
    const factor = g.minimum(g.scalar(1), g.div(g.scalar(options.clipNorm), g.shift(gradientNorm, 1e-6)));
    slopes = slopes.map((slope) => g.mul(slope, factor));
  }
  const updates: Update[] = [];
  names.forEach((variable, i) => {
    const weight = weights[i];
    const m = `${variable}/m`;
    const v = `${variable}/v`;
    for (const slot of [m, v])
      if (!g.variables.has(slot))
        g.variables.set(slot, { name: slot, shape: weight.shape, initializer: zeros, role: 'state', trainable: false });
    if (options.weightDecay !== 0) {
      updates.push({
        kind: 'assign',
        variable,
        value: g.sub(weight, g.mul(weight, g.scale(numbers.learningRate, options.weightDecay))),
      });
    }
    updates.push({
      kind: 'adam',
      variable,
      m,
      v,
      gradient: slopes[i],
      ...numbers,
      beta1: options.beta1,
      beta2: options.beta2,
      epsilon: options.epsilon,
    });
  });
  return { updates, gradientNorm };
}

/**
 * Exponential moving average of weights after their update: e = decay e + (1 - decay) w; it starts at the first
 * weights.
 */
export function movingAverage(g: Graph, names: readonly string[], decay: number): Update[] {
  return names.map((name) => {
    const average = averageName(name);
    const { shape } = g.requireVariable(name);
    if (!g.variables.has(average))
      g.variables.set(average, { name: average, shape, initializer: zeros, role: 'state', trainable: false });
    return {
      kind: 'assign',
      variable: average,
      value: g.add(g.scale(g.read(average), decay), g.scale(g.readUpdated(name), 1 - decay)),
    };
  });
}

import type { Rng } from '@lacuna/core';
import { sizeOf, type Shape } from './shape.js';

/**
 * How a variable starts. Fans are counted for filters [spatial axes, in, out] (`transposed`: [.., out, in]).
 * - `he-normal`: N(0, sqrt(2 / fanIn)) (He et al. 2015); `he-uniform`: U(±sqrt(6 / fanIn)).
 * - `torch`: U(±1 / sqrt(fanIn)), what PyTorch gives conv weights and biases by default; a bias names its filter's fan.
 * - `fitted`: nothing is drawn; the value is computed from training pairs and handed to {@link initialVariables}.
 * - `glorot-uniform`: U(±sqrt(6 / (fanIn + fanOut))).
 */
export type Initializer =
  | { readonly kind: 'constant'; readonly value: number }
  | { readonly kind: 'normal'; readonly std: number; readonly mean?: number }
  | {
      readonly kind: 'he-normal' | 'he-uniform';
      readonly gain?: number;
      readonly fanIn?: number;
      readonly transposed?: boolean;
    }
  | { readonly kind: 'glorot-uniform'; readonly gain?: number; readonly transposed?: boolean }
  | { readonly kind: 'torch'; readonly fanIn?: number; readonly transposed?: boolean }
  | { readonly kind: 'fitted' }
  | { readonly kind: 'values'; readonly values: Float32Array };

export const zeros: Initializer = { kind: 'constant', value: 0 };
export const ones: Initializer = { kind: 'constant', value: 1 };
export const fitted: Initializer = { kind: 'fitted' };
export const normal = (std: number, mean = 0): Initializer => ({ kind: 'normal', std, mean });

/** Draws a variable's first values. */
export function initialValues(
  initializer: Exclude<Initializer, { kind: 'fitted' }>,
  shape: Shape,
  rng: Rng,
): Float32Array {
  const out = new Float32Array(sizeOf(shape));
  const draw = (next: () => number) => {
    for (let i = 0; i < out.length; i++) out[i] = next();
    return out;
  };
  const uniform = (bound: number) => draw(() => (2 * rng.uniform() - 1) * bound);
  switch (initializer.kind) {
    case 'constant':
      return out.fill(initializer.value);
    case 'values':
      return initializer.values.slice();
    case 'normal':
      return draw(() => (initializer.mean ?? 0) + initializer.std * rng.normal());
    case 'he-normal':
      return draw(() => (initializer.gain ?? 1) * Math.sqrt(2 / fanInOf(initializer, shape)) * rng.normal());
    case 'he-uniform':
      return uniform((initializer.gain ?? 1) * Math.sqrt(6 / fanInOf(initializer, shape)));
    case 'glorot-uniform': {
      const { fanIn, fanOut } = fans(shape, initializer.transposed);
      return uniform((initializer.gain ?? 1) * Math.sqrt(6 / (fanIn + fanOut)));
    }
    case 'torch':
      return uniform(1 / Math.sqrt(fanInOf(initializer, shape)));
  }
}

/** The fan that is named, or else counted. */
const fanInOf = ({ fanIn, transposed }: { fanIn?: number; transposed?: boolean }, shape: Shape): number =>
  fanIn ?? fans(shape, transposed).fanIn;

function fans(shape: Shape, transposed = false): { fanIn: number; fanOut: number } {
  const window = sizeOf(shape.slice(0, -2));
  const a = shape.at(-2) ?? 1;
  const b = shape.at(-1) ?? 1;
  return transposed ? { fanIn: window * b, fanOut: window * a } : { fanIn: window * a, fanOut: window * b };
}

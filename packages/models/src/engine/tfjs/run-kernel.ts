import type { NamedAttrMap, Tensor as Values } from '@tensorflow/tfjs-core';

/** The core of tfjs, handed in so that importing this file loads nothing. */
export type TfCore = typeof import('@tensorflow/tfjs-core');

/** Calls a kernel of the backend at hand by its name: what the public functions of tfjs do after their checks. */
export function runKernel(
  tf: TfCore,
  name: string,
  inputs: Record<string, Values>,
  attributes: Record<string, unknown> = {},
): Values {
  return tf.engine().runKernel(name, inputs, attributes as unknown as NamedAttrMap) as Values;
}

/** A shape as tfjs wants it, an array that may be written. */
export const shapeOf = ({ shape }: { readonly shape: readonly number[] }): number[] => [...shape];

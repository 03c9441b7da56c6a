import { InputError } from '@lacuna/core';

/** What a target is at an input, and how it changes with each of its values. */
export interface TargetGradient {
  readonly value: number;
  readonly gradient: Float32Array;
}

/** How much each value of an input has to do with a target. */
export interface Attribution {
  /** Like the input; their sum is the change of the target along the path, up to the error of the steps. */
  readonly values: Float32Array;
  /** The target where the path begins, and where it ends. */
  readonly from: number;
  readonly to: number;
}

/**
 * Attribution by the gradient integrated along a path γ from a baseline (t = 0) to the input (t = 1):
 *
 *     a_i = ∫ ∂T(γ(t))/∂γ_i · dγ_i/dt dt
 *
 * by the midpoint rule, dγ taken between the ends of each step. With a straight path these are integrated gradients
 * (Sundararajan, Taly and Yan 2017, arXiv:1703.01365); with an image that grows sharp, local attribution maps (Gu and
 * Dong 2021, arXiv:2011.11036).
 * @throws {InputError} for fewer than one step.
 */
export async function attributeAlong(
  path: (t: number) => Float32Array,
  gradientAt: (input: Float32Array) => Promise<TargetGradient>,
  steps: number,
): Promise<Attribution> {
  if (!Number.isInteger(steps) || steps < 1)
    throw new InputError({ who: 'attribution', got: `${steps} steps`, wanted: 'a whole number of at least 1' });
  let before = path(0);
  const { value: from } = await gradientAt(before);
  const sums = new Float64Array(before.length);
  for (let k = 0; k < steps; k++) {
    const after = path((k + 1) / steps);
    const { gradient } = await gradientAt(path((k + 0.5) / steps));
    for (let i = 0; i < sums.length; i++) sums[i] += gradient[i] * (after[i] - before[i]);
    before = after;
  }
  const { value: to } = await gradientAt(before);
  return { values: Float32Array.from(sums), from, to };
}

/**
 * Gini's coefficient of magnitudes: 0 where all are equal, towards 1 where one has everything; 0 of nothing.
 * Σ (2k - n - 1) x_k / (n Σ x_k) over ascending x.
 */
export function giniCoefficient(values: ArrayLike<number>): number {
  const sorted = Float64Array.from(values, Math.abs).sort();
  const n = sorted.length;
  let weighted = 0;
  let total = 0;
  sorted.forEach((value, k) => {
    weighted += (2 * (k + 1) - n - 1) * value;
    total += value;
  });
  return total > 0 ? weighted / (n * total) : 0;
}

/**
 * The diffusion index of an attribution (arXiv:2011.11036), 100 · (1 - Gini): the larger, the more of the input takes
 * part. It depends on how large a field is given: compare those of equal fields.
 */
export const diffusionIndex = (values: ArrayLike<number>): number => 100 * (1 - giniCoefficient(values));

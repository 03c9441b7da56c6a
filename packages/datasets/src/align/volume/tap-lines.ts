import { clampIndex } from '@lacuna/core';
import { Layout } from '@lacuna/core/wasm';
import { linesKernel } from './kernels/sum-lines.js';

/** Outputs at places along an axis: output i is the sum over k of weights[i · count + k] · input[from[i] + k]. */
export interface AxisTaps {
  readonly from: Int32Array;
  readonly weights: Float64Array;
  readonly count: number;
}

/** Columns that are summed side by side: what all taps read of them stays in the nearer caches. */
export const BLOCK = 128;
const PITCH = 4 * BLOCK;

/** What the taps of an axis read of {@link BLOCK} columns, and what they make of it. */
export interface TapLines {
  /** The place along the axis that each line of the input is read at; outside the volume its edge is repeated. */
  readonly indices: Int32Array;
  /** How many lines an output has. */
  readonly places: number;
  /** Lines of {@link BLOCK} values, one for each of `indices`. */
  readonly input: Float32Array;
  /** For each of the taps lines of {@link BLOCK} values, one for each place. */
  readonly outputs: readonly Float32Array[];
  /** Makes the outputs of the input. */
  readonly sum: () => void;
}

/**
 * Opens the memory of the kernel for one axis, until the next call of this function.
 * @param each taps of the same places, that read as many voxels.
 * @param length voxels along the axis.
 */
export function openTapLines(each: readonly AxisTaps[], length: number): TapLines {
  const [{ from, count }] = each;
  const places = from.length;
  const first = from.reduce((least, place) => Math.min(least, place), Infinity);
  const last = from.reduce((most, place) => Math.max(most, place), -Infinity) + count - 1;
  const indices = Int32Array.from({ length: last - first + 1 }, (_, i) => clampIndex(first + i, length));
  const layout = new Layout();
  const input = layout.take(PITCH * indices.length);
  const parts = each.map(({ weights }) => ({
    weights,
    factors: layout.take(weights.byteLength),
    output: layout.take(PITCH * places),
  }));
  const { functions, buffer } = linesKernel().reserve(layout.bytes);
  for (const { weights, factors } of parts) new Float64Array(buffer, factors, weights.length).set(weights);
  return {
    indices,
    places,
    input: new Float32Array(buffer, input, BLOCK * indices.length),
    outputs: parts.map(({ output }) => new Float32Array(buffer, output, BLOCK * places)),
    sum() {
      for (const { factors, output } of parts)
        for (let i = 0; i < places; i++) {
          const lines = input + PITCH * (from[i] - first);
          functions.sumLines(lines, PITCH, factors + 8 * count * i, count, output + PITCH * i, BLOCK);
        }
    },
  };
}

import type { Graph } from './graph.js';
import type { Initializer } from './initializers.js';
import { sizeOf, type Shape } from './shape.js';
import type { Tensor } from './tensor.js';

/** Which elements of an array are one number: `count` are stored, element i is number `indices[i]`. */
export interface Tie {
  readonly count: number;
  readonly indices: readonly number[];
}

/**
 * Ties what a group moves into each other. `moves` has one entry for each axis of the array; entry[r][i] is where
 * element r of the group takes index i of that axis.
 */
export function orbits(moves: readonly (readonly (readonly number[])[])[]): Tie {
  const sides = moves.map(([first]) => first.length);
  const indices = new Array<number>(sizeOf(sides)).fill(-1);
  const order = moves[0].length;
  let count = 0;
  const place = sides.map(() => 0);
  for (let i = 0; i < indices.length; i++) {
    if (indices[i] === -1) {
      for (let r = 0; r < order; r++) {
        let moved = 0;
        for (let axis = 0; axis < sides.length; axis++) moved = moved * sides[axis] + moves[axis][r][place[axis]];
        indices[moved] = count;
      }
      count++;
    }
    for (let axis = sides.length - 1; axis >= 0 && ++place[axis] === sides[axis]; axis--) place[axis] = 0;
  }
  return { count, indices };
}

/** The mean over each set of tied elements: what of an array a tie can hold, in the sense of least squares. */
export function meanByTie({ count, indices }: Tie, values: Float32Array): Float32Array {
  const sums = new Float64Array(count);
  const sizes = new Float64Array(count);
  indices.forEach((index, i) => {
    sums[index] += values[i];
    sizes[index]++;
  });
  return Float32Array.from(sums, (sum, index) => sum / sizes[index]);
}

/** A weight of `shape`, of which a tie stores as many numbers as differ. */
export function tiedWeight(
  g: Graph,
  name: string,
  shape: Shape,
  options: { readonly initializer: Initializer; readonly trainable?: boolean; readonly tie: Tie | undefined },
): Tensor {
  const { initializer, trainable = true, tie } = options;
  if (!tie || tie.count === sizeOf(shape)) return g.weight(name, shape, initializer, { trainable });
  // What is stored has no axes to count a fan by.
  const fanIn = sizeOf(shape.slice(0, -1));
  const start = 'fanIn' in initializer || !hasFan(initializer) ? initializer : { ...initializer, fanIn };
  return g.take(g.weight(name, [tie.count], start, { trainable }), tie.indices, shape);
}

const hasFan = ({ kind }: Initializer): boolean => kind === 'torch' || kind === 'he-normal' || kind === 'he-uniform';

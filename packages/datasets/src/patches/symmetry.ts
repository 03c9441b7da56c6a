import type { Rng } from '@lacuna/core';

/**
 * Which axes may take one another's place: `xy` those of a plane, `xyz` those of a volume of cubic voxels, `none` where
 * they are not alike.
 */
export type Exchange = 'none' | 'xy' | 'xyz';

/** How patches are turned: not at all, by mirrors, or by mirrors and exchanges of axes. */
export type Augment = 'none' | 'flips' | 'flips-and-rotations';

/** Axes of a field in the order x, y, z. */
type Axis = 0 | 1 | 2;

/**
 * A symmetry of the square (8), of a square prism (16) or of the cube (48): axis i of the patch runs along axis
 * `from[i]` of the field, backwards where `flip[from[i]]`.
 */
export interface Symmetry {
  readonly from: readonly [Axis, Axis, Axis];
  /** By axis of the field. */
  readonly flip: readonly [boolean, boolean, boolean];
}

const still: Symmetry['from'] = [0, 1, 2];
const transposed: Symmetry['from'] = [1, 0, 2];
const orders: readonly Symmetry['from'][] = [
  [0, 1, 2],
  [1, 0, 2],
  [0, 2, 1],
  [2, 1, 0],
  [1, 2, 0],
  [2, 0, 1],
];

/** Draws a symmetry, each with the same probability. Planes without neighbours are never mirrored in z. */
export function drawSymmetry(
  draw: Rng,
  {
    augment,
    exchange,
    isVolume,
  }: { readonly augment: Augment; readonly exchange: Exchange; readonly isVolume: boolean },
): Symmetry {
  const mirrors = augment !== 'none';
  const flipX = mirrors && draw.uniform() < 0.5;
  const flipY = mirrors && draw.uniform() < 0.5;
  const flipZ = mirrors && isVolume && draw.uniform() < 0.5;
  const flip = [flipX, flipY, flipZ] as const;
  if (augment !== 'flips-and-rotations' || exchange === 'none') return { from: still, flip };
  if (exchange === 'xyz') return { from: orders[Math.floor(draw.uniform() * orders.length)], flip };
  return { from: draw.uniform() < 0.5 ? transposed : still, flip };
}

/** What a symmetry does to each channel of a field: where its value comes from, and its sign. */
export interface ChannelMap {
  readonly from: readonly number[];
  readonly sign: readonly number[];
}

/**
 * Mirroring one axis takes a direction θ in the plane to -θ, exchanging the axes takes it to 90° - θ; the field holds
 * cos 2θ and sin 2θ.
 */
export function turnDoubleAngle({ from, flip: [flipX, flipY] }: Symmetry): ChannelMap {
  return { from: [0, 1], sign: [from[0] === 1 ? -1 : 1, flipX === flipY ? 1 : -1] };
}

/** Places of a symmetric tensor's six numbers: xx, yy, zz, xy, xz, yz. */
const tensorIndex = [
  [0, 3, 4],
  [3, 1, 5],
  [4, 5, 2],
] as const;
const tensorPairs = [
  [0, 0],
  [1, 1],
  [2, 2],
  [0, 1],
  [0, 2],
  [1, 2],
] as const;

/** A direction d turns to R d, and its tensor d dᵀ to R d dᵀ Rᵀ; R exchanges axes and changes signs. */
export function turnTensor({ from, flip }: Symmetry): ChannelMap {
  return {
    from: tensorPairs.map(([i, j]) => tensorIndex[from[i]][from[j]]),
    sign: tensorPairs.map(([i, j]) => (flip[from[i]] === flip[from[j]] ? 1 : -1)),
  };
}

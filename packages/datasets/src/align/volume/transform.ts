import { axes, byAxes, sizes, type Axis, type ByAxis, type Grid } from './grid.js';

/**
 * Where a coarse volume lies in the fine one. With u the LR voxel along an axis, counted from the middle of its volume,
 * its centre lies at the HR position, counted from the middle of the HR volume,
 *
 *     factor · (scale · u + shift)
 *
 * Shifts in LR voxels. The identity is an aligned pair.
 */
export interface VolumeTransform {
  readonly shift: ByAxis;
  /** LR voxels are this many times as large as the factor says. */
  readonly scale: ByAxis;
}

export const alignedVolume: VolumeTransform = { shift: { x: 0, y: 0, z: 0 }, scale: { x: 1, y: 1, z: 1 } };

/** Sizes of a volume. */
export type Size = Pick<Grid, 'width' | 'height' | 'depth'>;

/** HR positions of the centres of LR voxels along each axis. */
export function lrPlaces(transform: VolumeTransform, lr: Size, factors: ByAxis): Record<Axis, Float64Array> {
  return byAxes((axis) => {
    const count = sizes(lr)[axis];
    return Float64Array.from({ length: count }, (_, i) =>
      placeOf(transform, axis, i, { count, factor: factors[axis] }),
    );
  });
}

/** Positions in the measured HR volume of the voxels of an HR volume that lies exactly on the LR grid. */
export function hrPlaces(transform: VolumeTransform, lr: Size, factors: ByAxis): Record<Axis, Float64Array> {
  return byAxes((axis) => {
    const count = sizes(lr)[axis];
    const factor = factors[axis];
    return Float64Array.from({ length: count * factor }, (_, j) =>
      placeOf(transform, axis, (j - (factor - 1) / 2) / factor, { count, factor }),
    );
  });
}

function placeOf(
  { shift, scale }: VolumeTransform,
  axis: Axis,
  index: number,
  { count, factor }: { readonly count: number; readonly factor: number },
): number {
  const fromMiddle = index - (count - 1) / 2;
  return (count * factor - 1) / 2 + factor * (scale[axis] * fromMiddle + shift[axis]);
}

/** Adds shifts (LR voxels) and scales, x, y, z each, to a transform. */
export function correctedVolume({ shift, scale }: VolumeTransform, step: ArrayLike<number>): VolumeTransform {
  const at = (axis: Axis) => axes.indexOf(axis);
  return {
    shift: byAxes((axis) => shift[axis] + step[at(axis)]),
    scale: byAxes((axis) => scale[axis] + step[axes.length + at(axis)]),
  };
}

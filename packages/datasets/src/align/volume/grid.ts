/** Voxels of one channel, x fastest, then y, then z. */
export interface Grid {
  readonly data: Float32Array;
  readonly width: number;
  readonly height: number;
  readonly depth: number;
}

/** An axis of a volume. */
export type Axis = 'x' | 'y' | 'z';

export const axes: readonly Axis[] = ['x', 'y', 'z'];

/** A number for each axis. */
export type ByAxis = Readonly<Record<Axis, number>>;

/** The same rule for each axis. */
export function byAxes<Value>(of: (axis: Axis) => Value): Record<Axis, Value> {
  return { x: of('x'), y: of('y'), z: of('z') };
}

/** How many voxels a volume has along each axis. */
export function sizes({ width, height, depth }: Pick<Grid, 'width' | 'height' | 'depth'>): ByAxis {
  return { x: width, y: height, z: depth };
}

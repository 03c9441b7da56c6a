import { median } from '@lacuna/core';
import { LeastSquares } from '../least-squares.js';
import { forEachVoxel, type Box } from './box.js';
import { axes, byAxes, type Axis, type ByAxis, type Grid } from './grid.js';

/** Side of the places whose shifts are compared, LR voxels. */
const PLACE = 24;

/** Two volumes on one grid, as the fit has left them. */
interface Fitted {
  readonly lr: Grid;
  readonly value: Grid;
  readonly slope: Record<Axis, Grid>;
  readonly box: Box;
  readonly factors: ByAxis;
}

/**
 * How far apart the two volumes lie in parts of their own, about 24 LR voxels a side: the median distance, in LR and in
 * HR voxels. Parts in which there is next to nothing but noise are left out.
 */
export function placeDistances(
  { lr, value, slope, box, factors }: Fitted,
  { gain, offset, noise }: { readonly gain: number; readonly offset: number; readonly noise: number },
): { lr: number; hr: number; count: number } {
  const shiftIn = (part: Box): ByAxis | null => {
    const squares = new LeastSquares(axes.length + 2);
    const row = new Float64Array(axes.length + 2);
    row[4] = 1;
    let count = 0;
    let [sum, square] = [0, 0];
    forEachVoxel(lr, part, (i) => {
      axes.forEach((axis, k) => {
        row[k] = gain * factors[axis] * slope[axis].data[i];
      });
      row[3] = gain * value.data[i];
      squares.add(row, lr.data[i] - gain * value.data[i] - offset);
      count += 1;
      sum += row[3];
      square += row[3] ** 2;
    });
    const contrast = Math.sqrt(Math.max(0, square / count - (sum / count) ** 2));
    const solved = contrast > noise ? squares.solve() : null;
    return solved && byAxes((axis) => solved[axes.indexOf(axis)]);
  };
  const shifts = partsOf(box)
    .map(shiftIn)
    .filter((shift) => shift !== null);
  const length = (shift: ByAxis, unit: (axis: Axis) => number) =>
    Math.hypot(...axes.map((axis) => shift[axis] * unit(axis)));
  if (shifts.length === 0) return { lr: Infinity, hr: Infinity, count: 0 };
  return {
    lr: median(shifts.map((shift) => length(shift, () => 1))),
    hr: median(shifts.map((shift) => length(shift, (axis) => factors[axis]))),
    count: shifts.length,
  };
}

/** A box in parts of about one size. */
function partsOf({ from, to }: Box): Box[] {
  const cuts = byAxes((axis) => {
    const length = to[axis] - from[axis];
    const count = Math.max(1, Math.round(length / PLACE));
    const cut = (i: number) => from[axis] + Math.round((i * length) / count);
    return Array.from({ length: count }, (_, i) => [cut(i), cut(i + 1)] as const);
  });
  return cuts.z.flatMap((z) =>
    cuts.y.flatMap((y) =>
      cuts.x.map((x) => ({ from: { x: x[0], y: y[0], z: z[0] }, to: { x: x[1], y: y[1], z: z[1] } })),
    ),
  );
}

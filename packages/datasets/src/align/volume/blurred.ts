import { gaussianTaps, sampleAxis, sampleAxisBy } from './axis-taps.js';
import { byAxes, type Axis, type ByAxis, type Grid } from './grid.js';

/** A fine volume, blurred, at the places of coarse voxels, and how it changes there. */
export interface Blurred {
  readonly value: Grid;
  /** Derivatives to the place along each axis, per HR voxel. */
  readonly slope: Record<Axis, Grid>;
  /** Derivatives to the variance of the blur along each axis, per HR voxel²; null where nobody asked for them. */
  readonly spread: Record<Axis, Grid> | null;
}

/**
 * The fine volume under a Gaussian (sigma in HR voxels by axis) at places between its voxels, with its derivatives.
 * @param withSpread whether those to the variance are wanted, three of the seven volumes.
 */
export function blurredAt(
  hr: Grid,
  { places, sigma, withSpread }: { places: Record<Axis, Float64Array>; sigma: ByAxis; withSpread: boolean },
): Blurred {
  const taps = byAxes((axis) => gaussianTaps(places[axis], sigma[axis]));
  // Seven volumes from three passes: what has been filtered along x and y is shared.
  const kinds = withSpread ? (['value', 'slope', 'spread'] as const) : (['value', 'slope'] as const);
  const sampled = (grid: Grid, axis: Axis): Grid[] =>
    sampleAxisBy(
      grid,
      axis,
      kinds.map((kind) => taps[axis][kind]),
    );
  const [x, ...ofX] = sampled(hr, 'x');
  const [xy, ...ofY] = sampled(x, 'y');
  const [value, ...ofZ] = sampled(xy, 'z');
  const along = (kind: number): Record<Axis, Grid> => ({
    x: sampleAxis(sampleAxis(ofX[kind], 'y', taps.y.value), 'z', taps.z.value),
    y: sampleAxis(ofY[kind], 'z', taps.z.value),
    z: ofZ[kind],
  });
  return { value, slope: along(0), spread: withSpread ? along(1) : null };
}

/** A volume under a Gaussian (sigma in its own voxels by axis) at its own places or at others. */
export function blurredVolume(grid: Grid, places: Record<Axis, Float64Array>, sigma: ByAxis): Grid {
  const x = sampleAxis(grid, 'x', gaussianTaps(places.x, sigma.x).value);
  const xy = sampleAxis(x, 'y', gaussianTaps(places.y, sigma.y).value);
  return sampleAxis(xy, 'z', gaussianTaps(places.z, sigma.z).value);
}

import { InputError } from '@lacuna/core';
import { LeastSquares } from '../least-squares.js';
import { blurredAt, blurredVolume, type Blurred } from './blurred.js';
import { forEachVoxel, type Box } from './box.js';
import { firstShift } from './first-shift.js';
import { axes, byAxes, sizes, type Axis, type ByAxis, type Grid } from './grid.js';
import { placeDistances } from './place-distances.js';
import { alignedVolume, correctedVolume, lrPlaces, type VolumeTransform } from './transform.js';

/** What was found of a pair of volumes. */
export interface VolumeAlignment {
  readonly transform: VolumeTransform;
  /** Blur between the fine and the coarse volume: sigma of a Gaussian by axis, HR voxels. */
  readonly sigma: ByAxis;
  /** Intensities of the coarse volume: gain · blurred fine one + offset. */
  readonly gain: number;
  readonly offset: number;
  /** Standard deviation of what is left of the intensities, in those of the coarse volume, strays left out. */
  readonly noise: number;
  /** Correlation of the coarse volume with the blurred fine one, -1 to 1. */
  readonly correlation: number;
  /** Median distance between places of the two volumes after alignment: LR voxels, and HR voxels. */
  readonly residual: number;
  readonly residualHr: number;
  /** How many places the residual is the median of. */
  readonly places: number;
}

/** The least blur that is told from none, HR voxels. */
const LEAST_SIGMA = 0.6;
/** The shortest axis, LR voxels, along which a scale is estimated; shorter ones have the factor's. */
const SCALE_FROM = 16;
/** The fewest LR voxels along an axis that both volumes must show. */
const LEAST_SHARED = 4;
/** A step below this many LR voxels ends the search. */
const SETTLED = 1e-3;
/** Intensities whose median size gives the noise. */
const SAMPLES = 40_000;

/** What is free in a round of the fit. */
interface Freedom {
  readonly scale: boolean;
  readonly sigma: boolean;
  readonly shift: boolean;
}

interface State {
  readonly transform: VolumeTransform;
  readonly sigma: ByAxis;
  readonly gain: number;
  readonly offset: number;
  readonly noise: number;
}

/** What both volumes are asked with. */
interface Volumes {
  readonly lr: Grid;
  readonly hr: Grid;
  readonly factors: ByAxis;
  readonly who: string;
}

/**
 * Estimates where a coarse volume lies in a fine one: shift and scale along each axis, with the blur along each axis,
 * gain and offset of the intensities, all at once:
 *
 *     LR(u) = gain · (G_sigma * HR)(factor · (scale · u + shift)) + offset
 *
 * First the shift of the mean planes, then Gauss-Newton, with weights after Cauchy so that strays do not count. The
 * whole volume is used.
 * @param options.fit false: the pair is taken as it lies, and its residual told.
 * @throws {InputError} for volumes without structure, and for such that show little of one field.
 */
export function estimateVolumeAlignment(
  volumes: Volumes,
  { fit = true }: { readonly fit?: boolean } = {},
): VolumeAlignment {
  const { lr, hr, factors } = volumes;
  if (isConstant(lr.data) || isConstant(hr.data))
    throw new InputError({
      who: volumes.who,
      got: 'constant intensities',
      wanted: 'structure in both volumes',
      remedy: 'leave the pair out',
    });
  const free = fit ? { shift: true, scale: true, sigma: true } : { shift: false, scale: false, sigma: true };
  const near = fit ? roughly(volumes) : alignedVolume;
  const start = { transform: near, sigma: byAxes((axis) => 1.2 * factors[axis]), ...unmatched };
  const state = settle(volumes, start, free);
  const places = lrPlaces(state.transform, lr, factors);
  const { value, slope } = blurredAt(hr, { places, sigma: state.sigma, withSpread: false });
  const box = sharedBox(volumes, state);
  const distances = placeDistances({ lr, value, slope, box, factors }, state);
  return {
    ...state,
    correlation: correlationOf(lr, value, box),
    residual: distances.lr,
    residualHr: distances.hr,
    places: distances.count,
  };
}

/** Before intensities have been compared. */
const unmatched = { gain: 1, offset: 0, noise: Infinity };

/**
 * Shift and scale to a tenth of an LR voxel, on the fine volume averaged onto LR voxels. A first guess may be a voxel
 * off: both are softened until the shift is found.
 */
function roughly({ lr, hr, factors, who }: Volumes): VolumeTransform {
  const still = lrPlaces(alignedVolume, lr, factors);
  const binned = blurredVolume(
    hr,
    still,
    byAxes((axis) => Math.max(LEAST_SIGMA, 0.5 * factors[axis])),
  );
  const softened = blurredVolume(lr, ownPlaces(lr), { x: 1, y: 1, z: 1 });
  const volumes = { lr: softened, hr: binned, factors: { x: 1, y: 1, z: 1 }, who };
  const sigma = { x: 1.2, y: 1.2, z: 1.2 };
  const start = { transform: firstShift(lr, binned), sigma, ...unmatched };
  const shifted = settle(volumes, start, { shift: true, scale: false, sigma: false });
  return settle(volumes, shifted, { shift: true, scale: true, sigma: false }).transform;
}

/** Gauss-Newton until the step is small; where it does not become so, the state that left least. */
function settle(volumes: Volumes, start: State, free: Freedom): State {
  let best = start;
  let least = Infinity;
  let state = start;
  for (let round = 0; round < 15; round++) {
    const places = lrPlaces(state.transform, volumes.lr, volumes.factors);
    const blurred = blurredAt(volumes.hr, { places, sigma: state.sigma, withSpread: free.sigma });
    const box = sharedBox(volumes, state);
    const seen = matched(volumes.lr, blurred.value, box, state);
    if (seen.noise < least) [best, least] = [seen, seen.noise];
    const next = stepped({ volumes, blurred, box }, seen, free);
    if (!next) break;
    const moved = Math.max(
      ...axes.map((axis) => Math.abs(next.transform.shift[axis] - seen.transform.shift[axis])),
      ...axes.map((axis) => Math.abs(next.sigma[axis] - seen.sigma[axis]) / volumes.factors[axis] / 10),
      ...axes.map(
        (axis) => (Math.abs(next.transform.scale[axis] - seen.transform.scale[axis]) * sizes(volumes.lr)[axis]) / 2,
      ),
    );
    if (moved < SETTLED) return next;
    state = next;
  }
  return best;
}

/** One step of Gauss-Newton on the numbers that are free; null where the volumes do not determine them. */
function stepped(
  { volumes, blurred, box }: { volumes: Volumes; blurred: Blurred; box: Box },
  state: State,
  free: Freedom,
): State | null {
  const { lr, factors } = volumes;
  const { value, slope, spread } = blurred;
  const { gain, offset, noise } = state;
  const lengths = sizes(lr);
  const middle = byAxes((axis) => (lengths[axis] - 1) / 2);
  const hasScale = byAxes((axis) => free.scale && lengths[axis] >= SCALE_FROM);
  // Shifts, scales, variances, gain and offset; what is held has no column.
  const columns = [
    ...axes.filter(() => free.shift).map((axis) => ({ kind: 'shift', axis }) as const),
    ...axes.filter((axis) => hasScale[axis]).map((axis) => ({ kind: 'scale', axis }) as const),
    ...axes.filter(() => free.sigma).map((axis) => ({ kind: 'sigma', axis }) as const),
  ];
  const sources = columns.map(({ kind, axis }) => (kind === 'sigma' ? spread![axis].data : slope[axis].data));
  const times = columns.map(({ kind, axis }) => (kind === 'sigma' ? gain : gain * factors[axis]));
  const scaled = columns.map(({ kind, axis }) => (kind === 'scale' ? axis : null));
  const squares = new LeastSquares(columns.length + 2);
  const row = new Float64Array(columns.length + 2);
  row[columns.length + 1] = 1;
  forEachVoxel(lr, box, (i, at) => {
    for (let c = 0; c < sources.length; c++) {
      const axis = scaled[c];
      row[c] = times[c] * sources[c][i] * (axis === null ? 1 : at[axis] - middle[axis]);
    }
    row[columns.length] = value.data[i];
    const left = lr.data[i] - gain * value.data[i] - offset;
    squares.add(row, left, cauchy(left, noise));
  });
  const solved = squares.solve();
  if (!solved) return null;
  const step = new Float64Array(6);
  const sigma: Record<Axis, number> = { ...state.sigma };
  columns.forEach(({ kind, axis }, c) => {
    const at = axes.indexOf(axis);
    if (kind === 'shift') step[at] = Math.min(1, Math.max(-1, solved[c]));
    if (kind === 'scale') step[3 + at] = solved[c];
    if (kind === 'sigma') sigma[axis] = steppedSigma(sigma[axis], solved[c]);
  });
  return {
    ...state,
    transform: correctedVolume(state.transform, step),
    sigma,
    gain: gain + solved[columns.length],
    offset: offset + solved[columns.length + 1],
  };
}

/** A sigma whose variance changes by `step`, at most by half or to the double at once. */
function steppedSigma(sigma: number, step: number): number {
  const variance = Math.min(2, Math.max(0.5, 1 + step / sigma ** 2)) * sigma ** 2;
  return Math.max(LEAST_SIGMA, Math.sqrt(variance));
}

/** Gain and offset by least squares with Cauchy's weights, and the noise that they leave. */
function matched(lr: Grid, value: Grid, box: Box, state: State): State {
  let { gain, offset, noise } = state;
  for (let round = 0; round < 3; round++) {
    const squares = new LeastSquares(2);
    const row = Float64Array.of(0, 1);
    forEachVoxel(lr, box, (i) => {
      row[0] = value.data[i];
      squares.add(row, lr.data[i], cauchy(lr.data[i] - gain * value.data[i] - offset, noise));
    });
    const solved = squares.solve();
    if (!solved) break;
    [gain, offset] = [solved[0], solved[1]];
    noise = spreadOf(lr, value, box, { gain, offset });
  }
  return { ...state, gain, offset, noise };
}

/** Standard deviation of what is left, from its median size: strays do not count. At least a hair, for weights. */
function spreadOf(lr: Grid, value: Grid, box: Box, { gain, offset }: { gain: number; offset: number }): number {
  const count = axes.reduce((product, axis) => product * (box.to[axis] - box.from[axis]), 1);
  const every = Math.ceil(count / SAMPLES);
  const left = new Float64Array(Math.ceil(count / every));
  let seen = 0;
  forEachVoxel(lr, box, (i) => {
    if (seen % every === 0) left[seen / every] = Math.abs(lr.data[i] - gain * value.data[i] - offset);
    seen += 1;
  });
  const sorted = left.sort();
  return Math.max(1e-9, 1.4826 * sorted[sorted.length >> 1]);
}

/** 1 for what noise explains, less for what it does not. 95 % efficient where the noise is normal. */
function cauchy(left: number, noise: number): number {
  return noise === Infinity ? 1 : 1 / (1 + (left / (2.385 * noise)) ** 2);
}

/**
 * The LR voxels whose blur lies on the fine volume to two sigma; of short axes, those that lie on it at all.
 * @throws {InputError} for volumes that share next to nothing.
 */
function sharedBox({ lr, hr, factors, who }: Volumes, { transform, sigma }: State): Box {
  const places = lrPlaces(transform, lr, factors);
  const range = byAxes((axis) => {
    const last = sizes(hr)[axis] - 1;
    const within = (rim: number) => {
      const inside = places[axis].reduce<number[]>((found, place, i) => {
        if (place >= rim && place <= last - rim) found.push(i);
        return found;
      }, []);
      return { from: inside[0] ?? 0, count: inside.length };
    };
    const wide = within(2 * sigma[axis]);
    return wide.count >= LEAST_SHARED ? wide : within(0);
  });
  if (axes.some((axis) => range[axis].count < LEAST_SHARED))
    throw new InputError({
      who,
      got: `${axes.map((axis) => range[axis].count).join(' x ')} LR voxels that both volumes show`,
      wanted: `at least ${LEAST_SHARED} along each axis`,
      remedy: 'check that both files show the same field',
    });
  return {
    from: byAxes((axis) => range[axis].from),
    to: byAxes((axis) => range[axis].from + range[axis].count),
  };
}

const ownPlaces = (grid: Grid): Record<Axis, Float64Array> =>
  byAxes((axis) => Float64Array.from({ length: sizes(grid)[axis] }, (_, i) => i));

const isConstant = (values: Float32Array): boolean => values.every((value) => value === values[0]);

function correlationOf(lr: Grid, value: Grid, box: Box): number {
  let count = 0;
  let [a, b, aa, bb, ab] = [0, 0, 0, 0, 0];
  forEachVoxel(lr, box, (i) => {
    const p = lr.data[i];
    const q = value.data[i];
    count += 1;
    a += p;
    b += q;
    aa += p * p;
    bb += q * q;
    ab += p * q;
  });
  const spread = Math.sqrt((aa - (a * a) / count) * (bb - (b * b) / count));
  return spread > 0 ? (ab - (a * b) / count) / spread : 0;
}

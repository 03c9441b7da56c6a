import { InputError, cropImage, describeShape, type Image } from '@lacuna/core';
import type { AlignSpec } from '../spec.js';
import { cubicTaps, sampleAxis } from './axis-taps.js';
import { estimateVolumeAlignment, type VolumeAlignment } from './estimate-volume.js';
import { axes, byAxes, sizes, type Axis, type ByAxis } from './grid.js';
import { findOnce, type RegistrationStore } from './registrations.js';
import { hrPlaces } from './transform.js';

/** A pair of volumes on one grid. */
export interface AlignedVolumes {
  readonly lr: Image;
  readonly hr: Image;
  readonly alignment: VolumeAlignment;
}

/** The fewest LR planes that a volume is registered in three dimensions from. */
export const LEAST_DEPTH = 8;

/**
 * Undoes shift and scale along each axis between a coarse and a fine volume of one field: the fine one is resampled
 * onto the grid of the coarse one (Keys' cubic along each axis), so that the noise of the scan stays as it was
 * measured, and both are cut to what they share. The coarse volume's intensities are calibrated,
 * (LR - offset) / gain: they are those of the fine volume under the blur between the two.
 * @param kept what was found of equal volumes before, where the caller keeps it.
 * @throws {InputError} for a transform or a residual beyond its limit, for sizes that are no whole multiples, and where
 * too little is shared.
 */
export function alignVolumes(lr: Image, hr: Image, limits: AlignSpec, kept?: RegistrationStore): AlignedVolumes {
  const factors = volumeFactors(lr, hr);
  const who = `alignment of ${lr.name}`;
  const alignment = findOnce({ lr, hr, fit: true }, () => estimateVolumeAlignment({ lr, hr, factors, who }), kept);
  requireWithin(alignment, limits, who);
  const places = hrPlaces(alignment.transform, lr, factors);
  const box = byAxes((axis) => sharedRange(places[axis], factors[axis], sizes(hr)[axis]));
  if (axes.some((axis) => box[axis].count < 4))
    throw new InputError({
      who,
      got: `${axes.map((axis) => box[axis].count).join(' x ')} LR voxels that both volumes show`,
      wanted: 'at least 4 x 4 x 4',
    });
  const { gain, offset } = alignment;
  const cut = cropImage(lr, {
    x: box.x.from,
    y: box.y.from,
    z: box.z.from,
    width: box.x.count,
    height: box.y.count,
    depth: box.z.count,
  });
  const within = (axis: Axis) => {
    const { from, count } = box[axis];
    return cubicTaps(places[axis].subarray(from * factors[axis], (from + count) * factors[axis]));
  };
  const resampled = axes.reduce<Image>(
    (volume, axis) => ({ ...volume, ...sampleAxis(volume, axis, within(axis)) }),
    hr,
  );
  return {
    alignment,
    lr: { ...cut, data: cut.data.map((value) => (value - offset) / gain), dataRange: hr.dataRange },
    hr: resampled,
  };
}

/** How far a pair of volumes lies apart that is taken as it is; null for such as have nothing to compare. */
export function measureVolumes(lr: Image, hr: Image, kept?: RegistrationStore): VolumeAlignment | null {
  const factors = volumeFactors(lr, hr);
  const estimate = () => estimateVolumeAlignment({ lr, hr, factors, who: `pair ${hr.name}` }, { fit: false });
  try {
    return findOnce({ lr, hr, fit: false }, estimate, kept);
  } catch (error) {
    // Constant or tiny volumes are no mistake where nobody asked for an alignment.
    if (error instanceof InputError) return null;
    throw error;
  }
}

/** @throws {InputError} for sizes that are no whole multiples along each axis, and for several channels. */
function volumeFactors(lr: Image, hr: Image): ByAxis {
  const factors = byAxes((axis) => sizes(hr)[axis] / sizes(lr)[axis]);
  if (axes.every((axis) => Number.isInteger(factors[axis])) && lr.channels === 1 && hr.channels === 1) return factors;
  throw new InputError({
    who: `alignment of ${lr.name}`,
    got: `HR of ${describeShape(hr)} and LR of ${describeShape(lr)}`,
    wanted: 'HR sizes that are whole multiples of the LR sizes along each axis, one channel',
  });
}

function requireWithin({ transform, residual, places, gain }: VolumeAlignment, limits: AlignSpec, who: string): void {
  if (places === 0 || !(gain > 0))
    throw new InputError({
      who,
      got: gain > 0 ? 'nothing but noise' : `intensities of opposite sign (gain ${round(gain)})`,
      wanted: 'the same structure in both volumes',
      remedy: 'check that both files show the same field',
    });
  const found = [
    { what: 'a residual', value: residual, limit: limits.maxResidual, field: 'maxResidual', unit: ' LR px' },
    ...axes.map((axis) => ({
      what: `a shift along ${axis}`,
      value: transform.shift[axis],
      limit: limits.maxShift,
      field: 'maxShift',
      unit: ' LR px',
    })),
    ...axes.map((axis) => ({
      what: `a deviation of the scale along ${axis}`,
      value: transform.scale[axis] - 1,
      limit: limits.maxScale,
      field: 'maxScale',
      unit: '',
    })),
  ];
  const beyond = found.find(({ value, limit }) => !(Math.abs(value) <= limit));
  if (!beyond) return;
  const { what, value, limit, field, unit } = beyond;
  throw new InputError({
    who,
    got: `${what} of ${round(value)}${unit}`,
    wanted: `at most ${limit}${unit}`,
    remedy: `check that both files show the same field, or allow more: align.${field}`,
  });
}

/** The longest run of whole LR voxels whose HR voxels all lie on the measured HR volume. */
function sharedRange(places: Float64Array, factor: number, length: number): { from: number; count: number } {
  // A hair beyond the rim is the rim: whole shifts are found to some hundredths of an HR voxel.
  const slack = 0.1;
  let from = 0;
  let to = places.length / factor;
  while (from < to && places[from * factor] < -slack) from++;
  while (to > from && places[to * factor - 1] > length - 1 + slack) to--;
  return { from, count: to - from };
}

const round = (value: number): string => String(Number(value.toPrecision(3)));

/** One line about aligned pairs of volumes, for the data set's report. */
export function describeVolumeAlignments(alignments: readonly VolumeAlignment[]): string {
  const range = (of: (alignment: VolumeAlignment) => number, digits: number) => {
    const texts = alignments.map((alignment) => of(alignment));
    const low = Math.min(...texts).toFixed(digits);
    const high = Math.max(...texts).toFixed(digits);
    return low === high ? low : `${low} to ${high}`;
  };
  const byEach = (of: (alignment: VolumeAlignment) => ByAxis, digits: number) =>
    axes.map((axis) => `${axis} ${range((alignment) => of(alignment)[axis], digits)}`).join(', ');
  return (
    `registered in 3D on the whole volume: shift ${byEach(({ transform }) => transform.shift, 3)} LR voxels; ` +
    `scale ${byEach(({ transform }) => transform.scale, 4)}; ` +
    `grey levels calibrated: gain ${range(({ gain }) => gain, 3)}, offset ${range(({ offset }) => offset, 2)}, ` +
    `noise ${range(({ noise }) => noise, 2)}; ` +
    `blur between the two: sigma ${byEach(({ sigma }) => sigma, 2)} HR voxels; ` +
    describeResidual(alignments)
  );
}

/** What is left between two volumes, in words. */
export function describeResidual(alignments: readonly VolumeAlignment[]): string {
  const worst = alignments.reduce((most, one) => (one.residualHr > most.residualHr ? one : most));
  return `residual ${worst.residualHr.toFixed(2)} HR voxels (median of ${worst.places} places)`;
}

import { InputError } from '@lacuna/core';
import { byAxis, type PatchSize } from '@lacuna/datasets';
import type { TrialSpec } from '../../sweep/spec/spec.js';
import type { Dimensions } from '../data/dimensions.js';
import { turnedAxes, type Axis, type ByAxis } from './turn-axes.js';
import { patchOf, viewOf, type View } from './view.js';

/** "24", "16 x 16 x 8" (x, y, z). */
export function describePatch({ x, y, z }: PatchSize): string {
  return z === 1 && x === y ? `${x}` : `${x} x ${y} x ${z}`;
}

/** A patch as a spec has it. */
export const typedPatch = ({ x, y, z }: PatchSize): string =>
  x === y && (z === 1 || z === x) ? `${x}` : `{x: ${x}, y: ${y}, z: ${z}}`;

/** What to do about a patch that is larger than a region. */
export function smallerPatch({ x, y, z }: PatchSize): string {
  if (Math.min(x, y, z) === 1) return 'set training.patch smaller';
  const thinner = Math.max(1, Math.floor(z / 2));
  return `set training.patch smaller, by axis ({x: ${x}, y: ${y}, z: ${thinner}}), or dimensions: 2 for planes`;
}

type Sliced = Pick<TrialSpec, 'degradation' | 'slicewise'>;

/**
 * Refuses factors that models of planes cannot have, and `slicewise` where there are no volumes to slice.
 * @param images what the trial's images are.
 * @throws {InputError} for a factor along the axis that planes are cut across, unless the planes between are
 *   interpolated, and for factors of x and y that differ in planes of them.
 */
export function requireFactor(spec: Sliced, images: Dimensions): void {
  const { slicewise } = spec;
  if (slicewise && images === 2)
    throw new InputError({
      who: 'slicewise',
      got: `${typed(slicewise)} for planes, where it changes nothing`,
      wanted: 'volumes',
      remedy: 'leave slicewise out, or set dimensions: 3',
    });
  const { dimensions, slices } = viewOf(spec, images);
  if (dimensions === 3) return;
  const factors = byAxis(spec.degradation.factor);
  const axis = slices?.axis ?? 'z';
  if (slices?.between && factors[axis] === 1)
    throw new InputError({
      who: 'slicewise.between',
      got: `${slices.between.method}, with a factor of 1 along ${axis}`,
      wanted: `planes that lie too far apart along ${axis}`,
      remedy: 'leave slicewise.between out',
    });
  const isWhole = factors[axis] === 1 || Boolean(slices?.between);
  if (axis !== 'z') {
    if (!isWhole) throw growsAcross(axis, factors);
    return;
  }
  if (isWhole && factors.x === factors.y) return;
  const { x, y, z } = factors;
  const interpolated =
    slices && x === y ? ', or slicewise: {between: cubic}, which interpolates the planes between' : '';
  throw new InputError({
    who: 'degradation.factor',
    got: `x ${x}, y ${y}, z ${z} for planes`,
    wanted: 'one factor for x and y',
    remedy: `${toVolumes(spec)}, or degradation.factor: ${Math.max(x, y)}${interpolated}`,
  });
}

function growsAcross(axis: Axis, { x, y, z }: ByAxis): InputError {
  return new InputError({
    who: 'degradation.factor',
    got: `x ${x}, y ${y}, z ${z} for planes that are cut across ${axis}`,
    wanted: `1 along ${axis}: a model of planes makes no more of them`,
    remedy: `slicewise: {axis: ${axis}, between: cubic}, which interpolates the planes between, or another axis`,
  });
}

/** A value of `slicewise` as it is typed. */
function typed(slicewise: NonNullable<TrialSpec['slicewise']>): string {
  if (typeof slicewise === 'boolean') return String(slicewise);
  return `{${Object.entries(slicewise)
    .map(([key, value]) => `${key}: ${value}`)
    .join(', ')}}`;
}

/**
 * Refuses patches that a model cannot be trained on.
 * @param images what the trial's images are.
 * @throws {InputError} for a patch of planes of x and y that is no square, one of other planes that is more than one of
 *   them deep, and one of volumes that is a plane.
 */
export function requirePatchOfView(spec: Sliced & Pick<TrialSpec, 'training'>, images: Dimensions): void {
  const view = viewOf(spec, images);
  const patch = patchOf(spec, view);
  const { x, y, z } = patch;
  const got = `x ${x}, y ${y}, z ${z}`;
  const axis = view.slices?.axis ?? 'z';
  if (view.dimensions === 3) {
    if (x >= 4 && y >= 4) return;
    throw new InputError({
      who: 'training.patch',
      got: `${got} for volumes`,
      wanted: 'at least 4 voxels along x and y',
      remedy: `training.patch: ${Math.max(x, y)}`,
    });
  }
  if (axis !== 'z') {
    if (patch[axis] === 1) return;
    throw new InputError({
      who: 'training.patch',
      got: `${got} for planes that are cut across ${axis}`,
      wanted: `1 along ${axis}`,
      remedy: `training.patch: {x: ${axis === 'x' ? 1 : x}, y: ${axis === 'y' ? 1 : y}, z: ${z}}`,
    });
  }
  if (z === 1 && x === y) return;
  throw new InputError({
    who: 'training.patch',
    got: `${got} for planes`,
    wanted: 'the side of a square',
    remedy: `${toVolumes(spec)}, or training.patch: ${x}`,
  });
}

const toVolumes = ({ slicewise }: Pick<TrialSpec, 'slicewise'>): string =>
  slicewise ? 'leave slicewise out' : 'set dimensions: 3 for volumes';

/**
 * Refuses volumes of fewer planes than a model sees with one: beyond the ends they are mirrored, and one plane has no
 * mirror image but itself.
 * @param lengths of the volume, in LR voxels.
 * @throws {InputError} naming the volume.
 */
export function requireNeighbours(name: string, lengths: ByAxis, { slices }: View): void {
  if (slices === null) return;
  const { axis, neighbours } = slices;
  const { z: planes } = turnedAxes(lengths, axis);
  if (neighbours < planes) return;
  throw new InputError({
    who: name,
    got: `${planes} LR plane${planes === 1 ? '' : 's'} across ${axis}`,
    wanted: `more than slicewise.neighbours ${neighbours}: beyond the ends planes are mirrored`,
    remedy: `set slicewise.neighbours to ${planes - 1} or less, or use larger volumes`,
  });
}

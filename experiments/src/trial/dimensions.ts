import { InputError } from '@lacuna/core';
import { byAxis, factorsOf, registryEntry, type Factors, type PatchSize } from '@lacuna/datasets';
import type { PerAxis } from '@lacuna/models';
import type { TrialSpec } from '../sweep/spec.js';
import type { PreparedData } from './prepare.js';

/** Whether models see planes or volumes. */
export type Dimensions = 2 | 3;

/**
 * The dimensions of a trial as far as its spec says: its own word, or what its source is. Files of a folder say by
 * themselves whether they are volumes; null until they have been opened.
 */
export function plannedDimensions({ dimensions, data }: Pick<TrialSpec, 'dimensions' | 'data'>): Dimensions | null {
  return dimensions ?? sourceDimensions(data);
}

/** What a source is of by itself; null where files decide. */
export function sourceDimensions(data: TrialSpec['data']): Dimensions | null {
  switch (data.source) {
    case 'dentin':
    case 'lacunocanalicular':
    case 'cortical':
      return data.depth > 1 ? 3 : 2;
    case 'folder':
      return data.stack ? 3 : null;
    case 'pairs':
    case 'manifest':
      return null;
    case 'sr-caco-2':
    case 'biosr':
      return 2;
    default:
      return registryEntry(data.source).layout === 'images' ? 2 : 3;
  }
}

/** What a trial's model sees of its images: planes of a volume where the spec says slicewise. */
export function modelDimensions({ slicewise }: Pick<TrialSpec, 'slicewise'>, images: Dimensions): Dimensions {
  return slicewise ? 2 : images;
}

/** {@link modelDimensions} as far as the spec says; planes where files have not been opened. */
export function plannedModelDimensions(spec: Pick<TrialSpec, 'dimensions' | 'slicewise' | 'data'>): Dimensions {
  return modelDimensions(spec, plannedDimensions(spec) ?? 2);
}

/** Numbers by axis as models take them: one for planes, z, y, x for volumes. */
export function forModel({ x, y, z }: Factors, dimensions: Dimensions): PerAxis {
  return dimensions === 2 ? x : [z, y, x];
}

/** The factor of a trial as its model takes it: of a model of planes, or of volumes. */
export function modelFactor(spec: Pick<TrialSpec, 'degradation'>, dimensions: Dimensions): PerAxis {
  return forModel(factorsOf(spec.degradation), dimensions);
}

/** The LR patch of a trial: a square of planes, a cube of volumes where its spec gives one number. */
export function patchOf({ training: { patch } }: Pick<TrialSpec, 'training'>, dimensions: Dimensions): PatchSize {
  if (typeof patch !== 'number') return patch;
  return { x: patch, y: patch, z: dimensions === 2 ? 1 : patch };
}

/** "24", "16 x 16 x 8" (x, y, z). */
export function describePatch({ x, y, z }: PatchSize): string {
  return z === 1 && x === y ? `${x}` : `${x} x ${y} x ${z}`;
}

/** A patch as a spec has it. */
export const typedPatch = ({ x, y, z }: PatchSize): string =>
  x === y && (z === 1 || z === x) ? `${x}` : `{x: ${x}, y: ${y}, z: ${z}}`;

/** What to do about a patch that is larger than a region. */
export function smallerPatch({ x, y, z }: PatchSize): string {
  if (z === 1) return 'set training.patch smaller';
  const thinner = Math.max(1, Math.floor(z / 2));
  return `set training.patch smaller, by axis ({x: ${x}, y: ${y}, z: ${thinner}}), or dimensions: 2 for planes`;
}

/**
 * Refuses factors that models of planes cannot have, and `slicewise` where there are no volumes to slice.
 * @param images what the trial's images are.
 * @throws {InputError} for a factor along z, and for factors of x and y that differ.
 */
export function requireFactor(spec: Pick<TrialSpec, 'degradation' | 'slicewise'>, images: Dimensions): void {
  if (spec.slicewise && images === 2)
    throw new InputError({
      who: 'slicewise',
      got: 'true for planes, where it changes nothing',
      wanted: 'volumes',
      remedy: 'leave slicewise out, or set dimensions: 3',
    });
  const { x, y, z } = byAxis(spec.degradation.factor);
  if (modelDimensions(spec, images) === 3 || (z === 1 && x === y)) return;
  throw new InputError({
    who: 'degradation.factor',
    got: `x ${x}, y ${y}, z ${z} for planes`,
    wanted: 'one factor for x and y',
    remedy: `${toVolumes(spec)}, or degradation.factor: ${Math.max(x, y)}`,
  });
}

/**
 * Refuses patches that models of planes cannot be trained on.
 * @param images what the trial's images are.
 * @throws {InputError} for a patch that is no square.
 */
export function requirePlanarPatch(spec: Pick<TrialSpec, 'training' | 'slicewise'>, images: Dimensions): void {
  if (modelDimensions(spec, images) === 3) return;
  const { x, y, z } = patchOf(spec, 2);
  if (z === 1 && x === y) return;
  throw new InputError({
    who: 'training.patch',
    got: `x ${x}, y ${y}, z ${z} for planes`,
    wanted: 'the side of a square',
    remedy: `${toVolumes(spec)}, or training.patch: ${x}`,
  });
}

const toVolumes = ({ slicewise }: Pick<TrialSpec, 'slicewise'>): string =>
  slicewise ? 'leave slicewise out' : 'set dimensions: 3 for volumes';

/** Voxels that are as long along z as across it look alike from every side, others from those of the plane alone. */
export function exchangeableAxes(
  spec: Pick<TrialSpec, 'degradation' | 'slicewise'>,
  { dimensions, training }: Pick<PreparedData, 'dimensions' | 'training'>,
): 'xy' | 'xyz' {
  if (modelDimensions(spec, dimensions) === 2) return 'xy';
  const { x, z } = factorsOf(spec.degradation);
  const size = training[0].hr.pixelSize;
  const isCubic = size === null || size.z === undefined || size.z === size.x;
  return isCubic && x === z ? 'xyz' : 'xy';
}

/** {@link exchangeableAxes}, of patches: those that are not cubes keep their z. */
export function exchangeInPatches(spec: TrialSpec, data: Pick<PreparedData, 'dimensions' | 'training'>): 'xy' | 'xyz' {
  const patch = patchOf(spec, modelDimensions(spec, data.dimensions));
  return patch.x === patch.z ? exchangeableAxes(spec, data) : 'xy';
}

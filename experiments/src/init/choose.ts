import { InputError } from '@lacuna/core';
import { byAxis, splitPlaces, splitSpec, type ImageExtent } from '@lacuna/datasets';
import type { Survey } from './survey.js';

/** Ratio of the pixel sizes along each axis. */
type Factors = ReturnType<typeof byAxis>;

/** How images are divided, as the spec has it. */
export type ChosenSplit =
  | { readonly kind: 'blocks'; readonly axis: 'x' | 'y'; readonly guard: number }
  | { readonly kind: 'folds'; readonly of: number }
  | { readonly kind: 'specimen' };

/** What a spec for surveyed images says, besides where they are. */
export interface Choices {
  readonly dimensions: 2 | 3;
  readonly factors: Factors;
  readonly kind: 'confocal' | 'ct';
  readonly split: ChosenSplit;
  /** LR pixels. */
  readonly patch: Factors;
  readonly seeds: readonly number[];
  /** px within which two centrelines are one. */
  readonly tolerance: number;
  /** Whether the factor is smaller than the one that was asked for, since no patch would fit. */
  readonly isSmaller: boolean;
  readonly photons: number;
}

/** Fewest and most LR pixels of a patch's side. */
const LEAST = 8;
const MOST = { planes: 24, volumes: 16, depth: 12 } as const;
/** Fewest planes of a stack that a model of volumes sees. */
const DEEP = 8;
const FOLDS = 5;
/** From so many specimens on a share of them is enough for a test. */
const MANY = 10;

/**
 * Chooses what fits the smallest image.
 * @param asked the factor, or null for 4 or the largest below it whose patches fit.
 * @throws {InputError} where no patch fits.
 */
export function choose(survey: Survey, asked: number | null): Choices {
  const { images, pairs } = survey;
  const isDeep = survey.isStack ? images.length >= DEEP : images.every(({ depth }) => depth >= DEEP);
  const dimensions = isDeep ? 3 : 2;
  const kind = isIsotropic(survey) ? 'ct' : 'confocal';
  const along = (factor: number): Factors =>
    kind === 'ct' && dimensions === 3 ? { x: factor, y: factor, z: factor } : { x: factor, y: factor, z: 1 };
  if (pairs && asked !== null && asked !== Math.max(pairs.factors.x, pairs.factors.z))
    throw new InputError({
      who: '--factor',
      got: `${asked} for pairs whose sizes are at ${pairs.factors.x} x ${pairs.factors.y} x ${pairs.factors.z}`,
      wanted: 'the factor that the pairs have',
      remedy: 'leave --factor out',
    });
  const factors = pairs ? [pairs.factors] : (asked === null ? [4, 3, 2] : [asked]).map(along);
  for (const [i, one] of factors.entries()) {
    const fit = fitted(survey, dimensions, one);
    if (!fit) continue;
    const { split, patch } = fit;
    return {
      dimensions,
      factors: one,
      kind,
      split,
      patch,
      seeds: split.kind === 'folds' ? Array.from({ length: split.of }, (_, seed) => seed) : [0, 1],
      tolerance: Math.max(2, Math.ceil(survey.width ?? 2)),
      isSmaller: i > 0,
      photons: photonsOf(survey),
    };
  }
  const factor = factors.at(-1)!.x;
  const smallest = images.reduce((least, image) =>
    image.width * image.height < least.width * least.height ? image : least,
  );
  throw new InputError({
    who: smallest.name,
    got: `${smallest.width} x ${smallest.height} px, too small for patches of ${LEAST} px at factor ${factor}`,
    wanted: `regions of at least ${LEAST * factor} px a side for training, and as much for the test`,
    remedy: 'use larger images, a smaller --factor, or leave the small ones out',
  });
}

/** Whether voxels are as deep as wide: then the stack is rather a CT than a confocal one. */
function isIsotropic({ images }: Survey): boolean {
  return images.every(({ depth, pixelSize }) => {
    if (depth === 1 || pixelSize?.z === undefined) return false;
    return Math.abs(pixelSize.z / pixelSize.x - 1) < 0.2;
  });
}

/** The split and the largest patch that fit; null where none does. */
function fitted(survey: Survey, dimensions: 2 | 3, factors: Factors): { split: ChosenSplit; patch: Factors } | null {
  const extents = extentsOf(survey, dimensions);
  for (const split of splitsFor(survey)) {
    const smallest = smallestTraining(extents, split, factors);
    if (!smallest) continue;
    const most = dimensions === 3 ? MOST.volumes : MOST.planes;
    const side = Math.min(most, Math.floor(smallest.x / factors.x), Math.floor(smallest.y / factors.y));
    if (side < LEAST) continue;
    const z = dimensions === 3 ? Math.min(MOST.depth, Math.floor(smallest.z / factors.z)) : 1;
    return { split, patch: { x: side - (side % 2), y: side - (side % 2), z: z > 1 ? z - (z % 2) : 1 } };
  }
  return null;
}

/** From the best kind of split to those that need less room. */
function splitsFor({ images, isStack }: Survey): ChosenSplit[] {
  const axis = images.every(({ width, height }) => width >= height) ? 'x' : 'y';
  if (isStack) return blocksAcross(axis);
  if (images.length >= MANY) return [{ kind: 'specimen' }];
  if (images.length >= 3) return [{ kind: 'folds', of: Math.min(FOLDS, images.length) }];
  return blocksAcross(axis);
}

const blocksAcross = (axis: 'x' | 'y'): ChosenSplit[] => [32, 16, 8].map((guard) => ({ kind: 'blocks', axis, guard }));

function extentsOf({ images, isStack }: Survey, dimensions: 2 | 3): ImageExtent[] {
  const [{ width: across, height: down }] = images;
  if (isStack && dimensions === 3) return [{ name: 'stack', width: across, height: down, depth: images.length }];
  return images.flatMap(({ name, width, height, depth }): ImageExtent[] =>
    dimensions === 3
      ? [{ name, width, height, depth }]
      : Array.from({ length: depth }, (_, z) => ({ name: `${name}[${z}]`, width, height, depth: 1 })),
  );
}

/** The least extent along each axis of any region that may be trained on; null where the split has no room. */
function smallestTraining(extents: readonly ImageExtent[], split: ChosenSplit, multiple: Factors): Factors | null {
  // Of whole specimens any may be trained on.
  if (split.kind !== 'blocks') {
    return {
      x: Math.min(...extents.map(({ width }) => width)),
      y: Math.min(...extents.map(({ height }) => height)),
      z: Math.min(...extents.map(({ depth }) => depth)),
    };
  }
  try {
    const places = splitPlaces(extents, splitSpec.parse(split), { multiple });
    // Scores of a sliver say nothing: the test has room for a patch too.
    const boxes = places.map(({ box }) => box);
    return {
      x: Math.min(...boxes.map(({ width }) => width)),
      y: Math.min(...boxes.map(({ height }) => height)),
      z: Math.min(...boxes.map(({ depth }) => depth)),
    };
  } catch (error) {
    if (error instanceof InputError) return null;
    throw error;
  }
}

/**
 * Photons at full intensity, within 20 and 400, whose noise in a coarse scan is that of the fine images: counts of half
 * of n vary by n / 2, which is 1 / (2 n) of the contrast's square.
 */
function photonsOf({ noise }: Survey): number {
  return noise > 0 ? Math.min(400, Math.max(20, Math.round(0.05 / (noise * noise)) * 10)) : 400;
}

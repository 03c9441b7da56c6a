import { InputError } from '@lacuna/core';
import type { Factors } from '../degrade/factor.js';
import { FEWEST, bySpecimen, place, wholeOf, type Box, type ImageExtent, type Place, type Role } from './place.js';

/** Cross-validation: how images become parts, and which part is tested. */
export interface Folds {
  /** Whole specimens are dealt out in turn, or each image is cut into consecutive parts across an axis. */
  readonly across: 'specimens' | 'x' | 'y' | 'z';
  readonly of: number;
  /** The part that is tested, from 0; the next one is for validation, all others for training. */
  readonly fold: number;
  /** HR pixels between neighbouring parts that nobody uses, along the axis. */
  readonly guard: number;
}

/** How images are read besides: sizes in multiples of the factor, specimens in a seeded order. */
interface FoldOptions {
  readonly multiple: Factors;
  readonly order: (count: number) => number[];
}

/**
 * The places of one fold. Over all folds every part is tested once and validated on once; parts are the same in each.
 * @throws {InputError} for fewer specimens than folds, and for parts that are too small.
 */
export function placesByFold(images: readonly ImageExtent[], folds: Folds, options: FoldOptions): Place[] {
  return folds.across === 'specimens'
    ? foldsOfSpecimens(images, folds, options)
    : foldsOfBlocks(images, folds, options.multiple);
}

function roleOf(part: number, { fold, of }: Folds): Role {
  if (part === fold) return 'test';
  return part === (fold + 1) % of ? 'validation' : 'training';
}

function foldsOfSpecimens(images: readonly ImageExtent[], folds: Folds, { multiple, order }: FoldOptions): Place[] {
  const numbered = images.map((image, number) => ({ image, number }));
  const specimens = bySpecimen(numbered, ({ image }) => image.name);
  const count = specimens.length;
  if (count < folds.of)
    throw new InputError({
      who: 'split by folds',
      got: `${count} specimen${count === 1 ? '' : 's'} for ${folds.of} folds`,
      wanted: 'at least one specimen for each fold',
      remedy: 'give more images, or cut them: --set split.across=x',
    });
  return order(count).flatMap((which, i) => {
    const role = roleOf(i % folds.of, folds);
    return specimens[which].map((entry) => place(role, entry, wholeOf(entry.image), multiple));
  });
}

function foldsOfBlocks(images: readonly ImageExtent[], folds: Folds, multiple: Factors): Place[] {
  const axis = folds.across as 'x' | 'y' | 'z';
  if (axis === 'z' && images.every(({ depth }) => depth === 1)) return foldsOfSlices(images, folds, multiple);
  const side = ({ x: 'width', y: 'height', z: 'depth' } as const)[axis];
  return images.flatMap((image, number) =>
    consecutiveParts(image[side], folds, multiple[axis]).map(([from, to], part) => {
      const block: Box = { ...wholeOf(image), [axis]: from, [side]: to - from };
      return place(roleOf(part, folds), { image, number }, block, multiple);
    }),
  );
}

/** Planes that are consecutive slices of one stack. */
function foldsOfSlices(images: readonly ImageExtent[], folds: Folds, multiple: Factors): Place[] {
  return consecutiveParts(images.length, folds, 1).flatMap(([from, to], part) => {
    if (to <= from)
      throw new InputError({
        who: 'split by folds across z',
        got: `${images.length} slices for ${folds.of} folds with guards of ${folds.guard}`,
        wanted: 'at least one slice in each fold',
        remedy: 'set split.guard or split.of smaller, or give more slices',
      });
    return images
      .slice(from, to)
      .map((image, i) => place(roleOf(part, folds), { image, number: from + i }, wholeOf(image), multiple));
  });
}

/** Equal parts of a length with guards between them; each begins at a multiple. */
function consecutiveParts(length: number, { of, guard }: Folds, multiple: number): [number, number][] {
  const usable = Math.max(0, length - (of - 1) * guard);
  return Array.from({ length: of }, (_, part) => {
    const from = Math.ceil((Math.floor((part * usable) / of) + part * guard) / multiple) * multiple;
    const to = Math.floor(((part + 1) * usable) / of) + part * guard;
    return [from, Math.max(from, to)];
  });
}

/**
 * Test regions cut into tiles of at most `tile` HR pixels along each axis, each scored by itself: intervals and tests
 * have more regions. Tiles begin at multiples of the factor and are equal but for the last; where that one would be too
 * small for a region, all differ by one LR pixel at most.
 * @throws {InputError} for tiles that are too small for a region.
 */
export function tileTestPlaces(places: readonly Place[], tile: number | undefined, multiple: Factors): Place[] {
  if (tile === undefined) return [...places];
  const least = FEWEST * Math.max(multiple.x, multiple.y);
  if (tile < least)
    throw new InputError({
      who: 'split.tile',
      got: `${tile} HR pixels at a factor of ${Math.max(multiple.x, multiple.y)}`,
      wanted: `at least ${least}: ${FEWEST} LR pixels`,
      remedy: `set split.tile to ${least} or more`,
    });
  return places.flatMap((each) => (each.role === 'test' ? tilesOf(each, tile, multiple) : [each]));
}

function tilesOf(whole: Place, tile: number, multiple: Factors): Place[] {
  const { box } = whole;
  const xs = cuts(box.x, box.width, { tile, factor: multiple.x, least: FEWEST });
  const ys = cuts(box.y, box.height, { tile, factor: multiple.y, least: FEWEST });
  const zs = cuts(box.z, box.depth, { tile, factor: multiple.z, least: 1 });
  return zs.flatMap(([z, depth]) =>
    ys.flatMap(([y, height]) => xs.map(([x, width]) => ({ ...whole, box: { ...box, x, y, z, width, height, depth } }))),
  );
}

/** Where tiles begin along an axis, and how long they are; `least` counts LR pixels. */
function cuts(
  from: number,
  length: number,
  { tile, factor, least }: { readonly tile: number; readonly factor: number; readonly least: number },
): [number, number][] {
  const pixels = length / factor;
  const count = Math.ceil(pixels / Math.max(1, Math.floor(tile / factor)));
  const side = Math.ceil(pixels / count);
  const isEven = pixels - (count - 1) * side < least;
  const cutAt = (i: number) => factor * (isEven ? Math.floor((i * pixels) / count) : Math.min(pixels, i * side));
  return Array.from({ length: count }, (_, i) => [from + cutAt(i), cutAt(i + 1) - cutAt(i)]);
}

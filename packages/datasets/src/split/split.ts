import { z } from 'zod';
import { InputError, createRng, cropImage, type Image } from '@lacuna/core';
import { byAxis, type Factor, type Factors } from '../degrade/factor.js';
import { placesByFold, tileTestPlaces } from './folds.js';
import {
  FEWEST,
  bySpecimen,
  place,
  wholeOf,
  type Box,
  type ImageExtent,
  type Place,
  type RegionBox,
  type Role,
} from './place.js';
import { findSharedPlace } from './shared-place.js';

const share = z.number().positive();
const fractions = z
  .tuple([share, share, share])
  .refine((shares) => Math.abs(shares[0] + shares[1] + shares[2] - 1) < 1e-6, 'three shares that sum to 1')
  .default([0.6, 0.2, 0.2])
  .describe('shares of training, validation and test');

const guard = z.int().min(0).default(32).describe('HR pixels along the axis; planes where it is z');
const tile = z
  .int()
  .min(16)
  .optional()
  .describe('test regions are cut into tiles of at most so many HR pixels along each axis, each scored by itself');

/**
 * How images become training, validation and test sets; never by patch.
 * - blocks: each image or volume is cut across `axis` into consecutive parts with a guard band of at least `guard` HR
 *   pixels between them that nobody uses. With axis `z` the guard counts planes; planes that are images of their own
 *   are consecutive slices of one stack.
 * - specimen: whole images; the first shares go to training, then validation, then test, in the order of a seeded
 *   shuffle.
 * - folds: cross-validation: `of` parts, one of them tested, the next one for validation, the others for training.
 */
export const splitSpec = z.discriminatedUnion('kind', [
  z.strictObject({
    kind: z.literal('blocks'),
    axis: z.enum(['x', 'y', 'z']).default('x').describe('across which images are cut'),
    fractions,
    guard,
    tile,
  }),
  z.strictObject({
    kind: z.literal('specimen'),
    fractions,
    seed: z.int().min(0).default(0).describe('of the shuffle'),
    tile,
  }),
  z.strictObject({
    kind: z.literal('folds'),
    across: z
      .enum(['specimens', 'x', 'y', 'z'])
      .default('specimens')
      .describe('whole specimens in turn, or consecutive parts of each image across an axis'),
    of: z.int().min(3).default(5).describe('parts; each is tested once over all folds'),
    fold: z
      .int()
      .min(0)
      .optional()
      .describe("the part that is tested, from 0; by default the trial's seed modulo the number of folds"),
    guard,
    seed: z.int().min(0).default(0).describe('of the shuffle of specimens'),
    tile,
  }),
]);
export type SplitSpec = z.infer<typeof splitSpec>;

/** The roles are kept apart by type: a function that trains takes training regions alone. */
declare const role: unique symbol;
export interface Region<R extends Role = Role> {
  readonly [role]?: R;
  readonly role: R;
  /** HR pixels of the region. */
  readonly hr: Image;
  /** Where it lies in its image. */
  readonly box: RegionBox;
}

/** The three sets of a data set. */
export interface Split {
  readonly training: readonly Region<'training'>[];
  readonly validation: readonly Region<'validation'>[];
  readonly test: readonly Region<'test'>[];
}

const roles = ['training', 'validation', 'test'] as const;

/** How images are split, besides the spec. */
export interface SplitOptions {
  /** The factor: corners and sizes of all regions are multiples of it, so that LR pixels are never cut. */
  readonly multiple: Factor;
  readonly order?: (count: number) => number[];
  /** What the user chose for each image, by name: then the spec's fractions do not count. */
  readonly roles?: ReadonlyMap<string, Role> | undefined;
}

/**
 * Splits preprocessed HR images.
 * @throws {InputError} where an image is too small for three parts, or there are fewer than three specimens.
 */
export function splitImages(images: readonly Image[], spec: SplitSpec, options: SplitOptions): Split {
  const regions = splitPlaces(images, spec, options).map(({ role: name, image, box }): Region => ({
    role: name,
    hr: cropImage(images[image], box),
    box,
  }));
  const of = <R extends Role>(name: R) => regions.filter((region) => region.role === name) as Region<R>[];
  return { training: of('training'), validation: of('validation'), test: of('test') };
}

/**
 * The places of {@link splitImages} by the sizes of the images alone.
 * @throws {InputError} as {@link splitImages}.
 */
export function splitPlaces(images: readonly ImageExtent[], spec: SplitSpec, options: SplitOptions): Place[] {
  const multiple = byAxis(options.multiple);
  return tileTestPlaces(placesOf(images, spec, { ...options, multiple }), spec.tile, multiple);
}

function placesOf(
  images: readonly ImageExtent[],
  spec: SplitSpec,
  options: SplitOptions & { readonly multiple: Factors },
): Place[] {
  const { multiple } = options;
  if (options.roles) return placesByRole(images, options.roles, multiple);
  if (spec.kind === 'specimen') return placesBySpecimen(images, spec, options);
  if (spec.kind === 'folds')
    return placesByFold(images, { ...spec, fold: foldOf(spec) }, { multiple, order: orderOf(options, spec.seed) });
  const areSlices = images.every(({ depth }) => depth === 1);
  return spec.axis === 'z' && areSlices ? placesBySlice(images, spec, multiple) : placesByBlock(images, spec, multiple);
}

/** Specimens in the order that is asked for, else shuffled by the split's seed. */
function orderOf({ order }: SplitOptions, seed: number): (count: number) => number[] {
  const shuffled = (count: number) =>
    createRng(seed)
      .fork('split')
      .shuffle(Array.from({ length: count }, (_, i) => i));
  return order ?? shuffled;
}

function foldOf({ fold, of }: Extract<SplitSpec, { kind: 'folds' }>): number {
  if (fold !== undefined && fold < of) return fold;
  throw new InputError({
    who: 'split by folds',
    got: fold === undefined ? 'no fold' : `fold ${fold} of ${of}`,
    wanted: `the part that is tested, from 0 to ${of - 1}`,
    remedy: 'set split.fold, or leave it to the seeds of the sweep',
  });
}

/** The user said which image is for what: nothing is left to divide. */
function placesByRole(images: readonly ImageExtent[], roles: ReadonlyMap<string, Role>, multiple: Factors): Place[] {
  return images.map((image, number) => {
    const role = roles.get(image.name) ?? roles.get(image.name.replace(/\[\d+\]$/, ''));
    if (!role)
      throw new InputError({
        who: `split of ${image.name}`,
        got: 'no role',
        wanted: 'training, validation or test for every image',
      });
    return place(role, { image, number }, wholeOf(image), multiple);
  });
}

function placesBySpecimen(
  images: readonly ImageExtent[],
  spec: Extract<SplitSpec, { kind: 'specimen' }>,
  options: SplitOptions & { readonly multiple: Factors },
): Place[] {
  const { multiple } = options;
  const numbered = images.map((image, number) => ({ image, number }));
  const specimens = bySpecimen(numbered, ({ image }) => image.name);
  const count = specimens.length;
  const shares = spec.fractions;
  const total = shares[0] + shares[1] + shares[2];
  if (count < 3)
    throw new InputError({
      who: 'split by specimen',
      got: `${count} specimen${count === 1 ? '' : 's'}`,
      wanted: 'at least three',
      remedy: 'use split.kind: blocks',
    });
  const order = orderOf(options, spec.seed)(count);
  const forTest = Math.max(1, Math.round((count * shares[2]) / total));
  const forValidation = Math.max(1, Math.round((count * shares[1]) / total));
  if (forTest + forValidation >= count)
    throw new InputError({
      who: 'split by specimen',
      got: `${count} specimens for fractions ${shares.join(', ')}`,
      wanted: 'at least one for training',
      remedy: 'give more images',
    });
  const roleAt = (i: number): Role => {
    if (i < forTest) return 'test';
    return i < forTest + forValidation ? 'validation' : 'training';
  };
  return order.flatMap((which, i) =>
    specimens[which].map((entry) => place(roleAt(i), entry, wholeOf(entry.image), multiple)),
  );
}

type BlocksSpec = Extract<SplitSpec, { kind: 'blocks' }>;

/** Planes that are consecutive slices of one stack. */
function placesBySlice(images: readonly ImageExtent[], spec: BlocksSpec, multiple: Factors): Place[] {
  return consecutive(images.length, spec, 1).flatMap(([role, from, to]) => {
    if (to - from < 1)
      throw new InputError({
        who: 'split by blocks of z',
        got: `${images.length} slices with guards of ${spec.guard}`,
        wanted: 'at least one slice in each part',
        remedy: 'set split.guard smaller or give more slices',
      });
    return images.slice(from, to).map((image, i) => place(role, { image, number: from + i }, wholeOf(image), multiple));
  });
}

/** Each image or volume cut across one axis. */
function placesByBlock(images: readonly ImageExtent[], spec: BlocksSpec, multiple: Factors): Place[] {
  const { axis } = spec;
  const side = ({ x: 'width', y: 'height', z: 'depth' } as const)[axis];
  return images.flatMap((image, number) =>
    consecutive(image[side], spec, multiple[axis]).map(([role, from, to]) =>
      place(role, { image, number }, { ...wholeOf(image), [axis]: from, [side]: to - from }, multiple),
    ),
  );
}

/** Three parts of a length with guards between them; each begins at a multiple. */
function consecutive(
  length: number,
  { guard, fractions: shares }: BlocksSpec,
  multiple: number,
): [Role, number, number][] {
  const usable = length - 2 * guard;
  const total = shares.reduce((sum, share) => sum + share, 0);
  let at = 0;
  return roles.map((name, i) => {
    const from = Math.ceil(at / multiple) * multiple;
    const to = i === 2 ? length : Math.min(length, from + Math.floor((usable * shares[i]) / total));
    at = to + guard;
    return [name, from, Math.max(from, to)];
  });
}

/**
 * Two sets of training regions that share no place, for unpaired training: one gives LR, the other HR.
 * Several specimens are dealt out in turn; the regions of a single one are cut in two across their longer side, with a
 * guard band.
 * @returns both sets, and a line that says which places they are of.
 * @throws {InputError} where there is no room for two halves, and where images of different names show one place, as
 *   far as their content tells ({@link findSharedPlace}).
 */
export function splitUnpaired(
  training: readonly Region<'training'>[],
  { guard, multiple }: { guard: number; multiple: Factor },
): UnpairedSplit {
  if (training.length === 0)
    throw new InputError({ who: 'unpaired split', got: 'no training region', wanted: 'at least one' });
  const specimens = bySpecimen(training, (region) => region.box.image);
  const halves =
    specimens.length > 1 ? null : training.map((region) => cutInTwo(region, { guard, multiple: byAxis(multiple) }));
  const lr = halves ? halves.map(([first]) => first) : specimens.filter((_, i) => i % 2 === 0).flat();
  const hr = halves ? halves.map(([, second]) => second) : specimens.filter((_, i) => i % 2 === 1).flat();
  requireApart(lr, hr);
  requireOtherContent(lr, hr);
  const names = (regions: readonly Region[]) => [...new Set(regions.map(({ box }) => box.image))].join(', ');
  const between = halves ? `, two parts with ${guard} px between them` : '';
  return { lr, hr, description: `unpaired: LR of ${names(lr)}, HR of ${names(hr)}${between}; no place is in both` };
}

/** The training sets of an unpaired regime: HR and LR of one place never meet. */
export interface UnpairedSplit {
  readonly lr: Region<'training'>[];
  readonly hr: Region<'training'>[];
  /** One line: which places they are of. */
  readonly description: string;
}

/** Empty slices are all alike. */
const isConstant = ({ data }: Image): boolean => data.every((value) => value === data[0]);

/** Boxes of one image must not touch, and a copy of an image under another name is the same place. */
function requireApart(lr: readonly Region[], hr: readonly Region[]): void {
  for (const a of lr) {
    for (const b of hr) {
      if (!(a.box.image === b.box.image ? overlap(a.box, b.box) : isCopy(a, b))) continue;
      throw new InputError({
        who: 'unpaired split',
        got: `the same pixels in ${a.box.image} and ${b.box.image}`,
        wanted: 'LR and HR of different places',
        remedy: 'leave one of the copies out',
      });
    }
  }
}

/** What the names of images do not tell, their content may: tiles that overlap, a field that was scanned twice. */
function requireOtherContent(lr: readonly Region[], hr: readonly Region[]): void {
  const named = (regions: readonly Region[]) => regions.map((region) => ({ ...region.hr, name: region.box.image }));
  const found = findSharedPlace(named(lr), named(hr));
  if (found === null) return;
  const where = `in ${lr[found.first].box.image} and ${hr[found.second].box.image}`;
  const size = `${found.width} x ${found.height} px`;
  throw new InputError({
    who: 'unpaired split',
    got: found.what === 'pixels' ? `the same ${size} ${where}` : `the same structures ${where} (about ${size})`,
    wanted: 'LR and HR of different places',
    remedy: 'leave one of them out, or crop away what both show',
  });
}

function overlap(p: Box, q: Box): boolean {
  const acrossX = p.x < q.x + q.width && q.x < p.x + p.width;
  const acrossY = p.y < q.y + q.height && q.y < p.y + p.height;
  const acrossZ = p.z < q.z + q.depth && q.z < p.z + p.depth;
  return acrossX && acrossY && acrossZ;
}

function isCopy(a: Region, b: Region): boolean {
  const sameSize = a.box.width === b.box.width && a.box.height === b.box.height && a.box.depth === b.box.depth;
  return sameSize && !isConstant(a.hr) && a.hr.data.every((value, i) => value === b.hr.data[i]);
}

function cutInTwo(
  region: Region<'training'>,
  { guard, multiple }: { guard: number; multiple: Factors },
): [Region<'training'>, Region<'training'>] {
  const { width, height, depth } = region.hr;
  const along = width >= height ? 'x' : 'y';
  const length = along === 'x' ? width : height;
  const step = multiple[along];
  const half = Math.floor((length - guard) / 2 / step) * step;
  if (half < FEWEST * step)
    throw new InputError({
      who: 'unpaired split',
      got: `a training region of ${width} x ${height} px`,
      wanted: 'two halves with a guard band between them',
      remedy: 'use larger images or more of them',
    });
  const part = (start: number): Region<'training'> => {
    const box: Box =
      along === 'x'
        ? { x: start, y: 0, z: 0, width: half, height, depth }
        : { x: 0, y: start, z: 0, width, height: half, depth };
    const { image, x, y, z: top } = region.box;
    return {
      role: 'training',
      hr: cropImage(region.hr, box),
      box: { ...box, image, x: x + box.x, y: y + box.y, z: top },
    };
  };
  // A region's length is a multiple, so the second half begins at one too.
  return [part(0), part(length - half)];
}

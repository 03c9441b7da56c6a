import { z } from 'zod';
import { InputError, createRng, cropImage, type Image } from '@lacuna/core';

const share = z.number().positive();
const fractions = z
  .tuple([share, share, share])
  .refine((shares) => Math.abs(shares[0] + shares[1] + shares[2] - 1) < 1e-6, 'three shares that sum to 1')
  .default([0.6, 0.2, 0.2])
  .describe('shares of training, validation and test');

/**
 * How images become training, validation and test sets; never by patch.
 * - blocks: each image is cut across `axis` into consecutive parts with a guard band of at least `guard` HR pixels
 *   between them that nobody uses. With axis `z` the images are consecutive slices of one stack, and the guard counts
 *   slices.
 * - specimen: whole images; the first shares go to training, then validation, then test, in the order of a seeded
 *   shuffle.
 */
export const splitSpec = z.discriminatedUnion('kind', [
  z.strictObject({
    kind: z.literal('blocks'),
    axis: z.enum(['x', 'y', 'z']).default('x'),
    fractions,
    guard: z.int().min(0).default(32).describe('HR pixels; slices where the axis is z'),
  }),
  z.strictObject({
    kind: z.literal('specimen'),
    fractions,
    seed: z.int().min(0).default(0),
  }),
]);
export type SplitSpec = z.infer<typeof splitSpec>;

/**
 * What a region may be used for. The roles are kept apart by type: a function that trains takes training regions alone.
 */
export type Role = 'training' | 'validation' | 'test';
declare const role: unique symbol;
export interface Region<R extends Role = Role> {
  readonly [role]?: R;
  readonly role: R;
  /** HR pixels of the region. */
  readonly hr: Image;
  /** Where it lies in its image. */
  readonly box: {
    readonly image: string;
    readonly x: number;
    readonly y: number;
    readonly width: number;
    readonly height: number;
  };
}

/** The three sets of a data set. */
export interface Split {
  readonly training: readonly Region<'training'>[];
  readonly validation: readonly Region<'validation'>[];
  readonly test: readonly Region<'test'>[];
}

const roles = ['training', 'validation', 'test'] as const;

/** What a split has to know of an image: its header says it. */
export type ImageExtent = Pick<Image, 'name' | 'width' | 'height'>;

/** Where a region lies, before an image is read. */
export interface Place {
  readonly role: Role;
  /** The number of its image, in the order in which images are given. */
  readonly image: number;
  readonly box: Region['box'];
}

/** How images are split, besides the spec. */
export interface SplitOptions {
  /** The factor: corners and sizes of all regions are multiples of it, so that LR pixels are never cut. */
  readonly multiple: number;
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
  const places: Place[] = [];
  const numbers = new Map(images.map((image, i) => [image, i]));
  const add = (name: Role, image: ImageExtent, box: { x: number; y: number; width: number; height: number }) => {
    const { x, y, width, height } = box;
    const fit = (length: number) => Math.floor(length / options.multiple) * options.multiple;
    const fitted = { image: image.name, x, y, width: fit(width), height: fit(height) };
    if (fitted.width < 4 * options.multiple || fitted.height < 4 * options.multiple) {
      throw new InputError({
        who: `split of ${image.name}`,
        got: `a ${name} part of ${width} x ${height} px`,
        wanted: `at least ${4 * options.multiple} px a side`,
        remedy: 'use larger images, a smaller guard or split.kind: specimen',
      });
    }
    places.push({ role: name, image: numbers.get(image)!, box: fitted });
  };
  const whole = ({ width, height }: ImageExtent) => ({ x: 0, y: 0, width, height });
  const shares = spec.fractions;
  const total = shares[0] + shares[1] + shares[2];
  if (options.roles) {
    // The user said which image is for what: nothing is left to divide.
    for (const image of images) {
      const name = options.roles.get(image.name) ?? options.roles.get(image.name.replace(/\[\d+\]$/, ''));
      if (!name)
        throw new InputError({
          who: `split of ${image.name}`,
          got: 'no role',
          wanted: 'training, validation or test for every image',
        });
      add(name, image, whole(image));
    }
    return places;
  }
  if (spec.kind === 'specimen') {
    const specimens = bySpecimen(images, (image) => image.name);
    const count = specimens.length;
    if (count < 3)
      throw new InputError({
        who: 'split by specimen',
        got: `${count} specimen${count === 1 ? '' : 's'}`,
        wanted: 'at least three',
        remedy: 'use split.kind: blocks',
      });
    const order =
      options.order?.(count) ??
      createRng(spec.seed)
        .fork('split')
        .shuffle(specimens.map((_, i) => i));
    const forTest = Math.max(1, Math.round((count * shares[2]) / total));
    const forValidation = Math.max(1, Math.round((count * shares[1]) / total));
    if (forTest + forValidation >= count)
      throw new InputError({
        who: 'split by specimen',
        got: `${count} specimens for fractions ${shares.join(', ')}`,
        wanted: 'at least one for training',
        remedy: 'give more images',
      });
    order.forEach((which, i) => {
      const name: Role = i < forTest ? 'test' : i < forTest + forValidation ? 'validation' : 'training';
      for (const image of specimens[which]) add(name, image, whole(image));
    });
    return places;
  }
  if (spec.axis === 'z') {
    for (const [name, from, to] of consecutive(images.length, shares, spec.guard, 1)) {
      if (to - from < 1)
        throw new InputError({
          who: 'split by blocks of z',
          got: `${images.length} slices with guards of ${spec.guard}`,
          wanted: 'at least one slice in each part',
          remedy: 'set split.guard smaller or give more slices',
        });
      for (const image of images.slice(from, to)) add(name, image, whole(image));
    }
    return places;
  }
  for (const image of images) {
    const along = spec.axis === 'x';
    for (const [name, from, to] of consecutive(
      along ? image.width : image.height,
      shares,
      spec.guard,
      options.multiple,
    )) {
      const length = to - from;
      if (along) add(name, image, { x: from, y: 0, width: length, height: image.height });
      else add(name, image, { x: 0, y: from, width: image.width, height: length });
    }
  }
  return places;
}

/** Three parts of a length with guards between them; each begins at a multiple. */
function consecutive(
  length: number,
  shares: readonly number[],
  guard: number,
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

/** Images by specimen: slices `name[0]`, `name[1]`, ... of one volume show the same structures and stay together. */
function bySpecimen<T>(items: readonly T[], nameOf: (item: T) => string): T[][] {
  const groups = new Map<string, T[]>();
  for (const item of items) {
    const specimen = nameOf(item).replace(/(\[\d+\])+$/, '');
    const group = groups.get(specimen);
    if (group) group.push(item);
    else groups.set(specimen, [item]);
  }
  return [...groups.values()];
}

/**
 * Two sets of training regions that share no place, for unpaired training: one gives LR, the other HR.
 * Several specimens are dealt out in turn; the regions of a single one are cut in two across their longer side, with a
 * guard band.
 * @returns both sets, and a line that says which places they are of.
 * @throws {InputError} where there is no room for two halves, and where images of different names show the same pixels.
 */
export function splitUnpaired(
  training: readonly Region<'training'>[],
  options: { guard: number; multiple: number },
): UnpairedSplit {
  if (training.length === 0)
    throw new InputError({ who: 'unpaired split', got: 'no training region', wanted: 'at least one' });
  const specimens = bySpecimen(training, (region) => region.box.image);
  const halves = specimens.length > 1 ? null : training.map((region) => cutInTwo(region, options));
  const lr = halves ? halves.map(([first]) => first) : specimens.filter((_, i) => i % 2 === 0).flat();
  const hr = halves ? halves.map(([, second]) => second) : specimens.filter((_, i) => i % 2 === 1).flat();
  requireApart(lr, hr);
  const names = (regions: readonly Region[]) => [...new Set(regions.map(({ box }) => box.image))].join(', ');
  return {
    lr,
    hr,
    words: `unpaired: LR of ${names(lr)}, HR of ${names(hr)}${halves ? `, two parts with ${options.guard} px between them` : ''}; no place is in both`,
  };
}

/** The training sets of an unpaired regime: HR and LR of one place never meet. */
export interface UnpairedSplit {
  readonly lr: Region<'training'>[];
  readonly hr: Region<'training'>[];
  readonly words: string;
}

/** Empty slices are all alike. */
const isConstant = ({ data }: Image): boolean => data.every((value) => value === data[0]);

/** Boxes of one image must not touch, and a copy of an image under another name is the same place. */
function requireApart(lr: readonly Region[], hr: readonly Region[]): void {
  for (const a of lr) {
    for (const b of hr) {
      const p = a.box;
      const q = b.box;
      const overlap =
        p.image === q.image &&
        p.x < q.x + q.width &&
        q.x < p.x + p.width &&
        p.y < q.y + q.height &&
        q.y < p.y + p.height;
      const copy =
        p.image !== q.image &&
        p.width === q.width &&
        p.height === q.height &&
        !isConstant(a.hr) &&
        a.hr.data.every((value, i) => value === b.hr.data[i]);
      if (overlap || copy)
        throw new InputError({
          who: 'unpaired split',
          got: `the same pixels in ${p.image} and ${q.image}`,
          wanted: 'LR and HR of different places',
          remedy: 'leave one of the copies out',
        });
    }
  }
}

function cutInTwo(
  region: Region<'training'>,
  { guard, multiple }: { guard: number; multiple: number },
): [Region<'training'>, Region<'training'>] {
  const { width, height } = region.hr;
  const along = width >= height;
  const length = along ? width : height;
  const half = Math.floor((length - guard) / 2 / multiple) * multiple;
  if (half < 4 * multiple)
    throw new InputError({
      who: 'unpaired split',
      got: `a training region of ${width} x ${height} px`,
      wanted: 'two halves with a guard band between them',
      remedy: 'use larger images or more of them',
    });
  const part = (start: number): Region<'training'> => {
    const box = along ? { x: start, y: 0, width: half, height } : { x: 0, y: start, width, height: half };
    return {
      role: 'training',
      hr: cropImage(region.hr, box),
      box: { ...box, image: region.box.image, x: region.box.x + box.x, y: region.box.y + box.y },
    };
  };
  // A region's length is a multiple, so the second half begins at one too.
  return [part(0), part(length - half)];
}

import { z } from 'zod';
import { InputError, cropImage, type Image } from '@lacuna/core';

/**
 * How images become training, validation and test sets; never by patch.
 * - blocks: each image is cut across `axis` into consecutive parts with a guard band of `guard` HR pixels between them that nobody uses.
 * - specimen: whole images; the first shares go to training, then validation, then test, in the order of a seeded shuffle.
 */
export const splitSpec = z.discriminatedUnion('kind', [
  z.strictObject({
    kind: z.literal('blocks'),
    axis: z.enum(['x', 'y']).default('x'),
    fractions: z.tuple([z.number().positive(), z.number().positive(), z.number().positive()]).default([0.6, 0.2, 0.2]),
    guard: z.int().min(0).default(32),
  }),
  z.strictObject({
    kind: z.literal('specimen'),
    fractions: z.tuple([z.number().positive(), z.number().positive(), z.number().positive()]).default([0.6, 0.2, 0.2]),
    seed: z.int().min(0).default(0),
  }),
]);
export type SplitSpec = z.infer<typeof splitSpec>;

/** What a region may be used for. The roles are kept apart by type: a function that trains takes training regions alone. */
export type Role = 'training' | 'validation' | 'test';
declare const role: unique symbol;
export interface Region<R extends Role = Role> {
  readonly [role]?: R;
  readonly role: R;
  /** HR pixels of the region. */
  readonly hr: Image;
  /** Where it lies in its image. */
  readonly box: { readonly image: string; readonly x: number; readonly y: number; readonly width: number; readonly height: number };
}

/** The three sets of a data set. */
export interface Split {
  readonly training: readonly Region<'training'>[];
  readonly validation: readonly Region<'validation'>[];
  readonly test: readonly Region<'test'>[];
}

const roles = ['training', 'validation', 'test'] as const;

/**
 * Splits preprocessed HR images. Sizes of all regions are multiples of `multiple` (the factor), cut at the far side.
 * @throws {InputError} where an image is too small for three parts, or there are fewer than three specimens.
 */
export function splitImages(images: readonly Image[], spec: SplitSpec, options: { multiple: number; order?: (count: number) => number[] }): Split {
  const sets: { training: Region<'training'>[]; validation: Region<'validation'>[]; test: Region<'test'>[] } = { training: [], validation: [], test: [] };
  const add = (name: Role, image: Image, x: number, y: number, width: number, height: number) => {
    const fit = (length: number) => Math.floor(length / options.multiple) * options.multiple;
    const box = { image: image.name, x, y, width: fit(width), height: fit(height) };
    if (box.width < 4 * options.multiple || box.height < 4 * options.multiple) {
      throw new InputError({ who: `split of ${image.name}`, got: `a ${name} part of ${width} x ${height} px`, wanted: `at least ${4 * options.multiple} px a side`, remedy: 'use larger images, a smaller guard or split.kind: specimen' });
    }
    const region = { role: name, hr: cropImage(image, box), box };
    (sets[name] as Region[]).push(region);
  };
  const shares = spec.fractions, total = shares[0] + shares[1] + shares[2];
  if (spec.kind === 'specimen') {
    if (images.length < 3) throw new InputError({ who: 'split by specimen', got: `${images.length} image${images.length === 1 ? '' : 's'}`, wanted: 'at least three', remedy: 'use split.kind: blocks' });
    const order = options.order?.(images.length) ?? images.map((_, i) => i);
    const forTest = Math.max(1, Math.round((images.length * shares[2]) / total)), forValidation = Math.max(1, Math.round((images.length * shares[1]) / total));
    order.forEach((which, i) => {
      const image = images[which]!;
      const name: Role = i < forTest ? 'test' : i < forTest + forValidation ? 'validation' : 'training';
      add(name, image, 0, 0, image.width, image.height);
    });
    if (sets.training.length === 0) throw new InputError({ who: 'split by specimen', got: `${images.length} images for fractions ${shares.join(', ')}`, wanted: 'at least one for training', remedy: 'give more images' });
    return sets;
  }
  for (const image of images) {
    const along = spec.axis === 'x', length = along ? image.width : image.height;
    const usable = length - 2 * spec.guard;
    let at = 0;
    roles.forEach((name, i) => {
      const size = i === 2 ? length - at : Math.floor((usable * shares[i]!) / total);
      if (along) add(name, image, at, 0, size, image.height);
      else add(name, image, 0, at, image.width, size);
      at += size + spec.guard;
    });
  }
  return sets;
}

/**
 * Two sets of training regions that share no place, for unpaired training: one gives LR, the other HR.
 * Several regions are dealt out in turn; a single one is cut in two across its longer side, with a guard band.
 */
export function splitUnpaired(training: readonly Region<'training'>[], options: { guard: number; multiple: number }): { lr: Region<'training'>[]; hr: Region<'training'>[] } {
  if (training.length > 1) return { lr: training.filter((_, i) => i % 2 === 0), hr: training.filter((_, i) => i % 2 === 1) };
  const [region] = training;
  if (!region) throw new InputError({ who: 'unpaired split', got: 'no training region', wanted: 'at least one' });
  const along = region.hr.width >= region.hr.height, length = along ? region.hr.width : region.hr.height;
  const half = Math.floor((length - options.guard) / 2 / options.multiple) * options.multiple;
  if (half < 4 * options.multiple) throw new InputError({ who: 'unpaired split', got: `a training region of ${region.hr.width} x ${region.hr.height} px`, wanted: 'two halves with a guard band between them', remedy: 'use larger images or more of them' });
  const part = (start: number): Region<'training'> => {
    const box = along ? { x: start, y: 0, width: half, height: region.hr.height } : { x: 0, y: start, width: region.hr.width, height: half };
    return { role: 'training', hr: cropImage(region.hr, box), box: { ...box, image: region.box.image, x: region.box.x + box.x, y: region.box.y + box.y } };
  };
  return { lr: [part(0)], hr: [part(length - half)] };
}

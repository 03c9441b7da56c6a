import { InputError, type Image } from '@lacuna/core';
import type { Factors } from '../degrade/factor.js';

/** What a region may be used for. */
export type Role = 'training' | 'validation' | 'test';

/** A block of an image or a volume, in its pixels. A plane has z 0 and depth 1. */
export interface Box {
  readonly x: number;
  readonly y: number;
  readonly z: number;
  readonly width: number;
  readonly height: number;
  readonly depth: number;
}

/** A block of HR pixels of the image of a name. */
export interface RegionBox extends Box {
  readonly image: string;
}

/** What a split has to know of an image: its header says it. */
export type ImageExtent = Pick<Image, 'name' | 'width' | 'height' | 'depth'>;

/** Where a region lies, before an image is read. */
export interface Place {
  readonly role: Role;
  /** The number of its image, in the order in which images are given. */
  readonly image: number;
  readonly box: RegionBox;
}

/** An image as one block. */
export const wholeOf = ({ width, height, depth }: ImageExtent): Box => ({ x: 0, y: 0, z: 0, width, height, depth });

/** Fewest LR pixels of a region along x and y. */
export const FEWEST = 4;

/** A region cut down to whole LR pixels. */
export function place(
  role: Role,
  { image, number }: { readonly image: ImageExtent; readonly number: number },
  block: Box,
  multiple: Factors,
): Place {
  const fit = (length: number, factor: number) => Math.floor(length / factor) * factor;
  const box: RegionBox = {
    image: image.name,
    ...block,
    width: fit(block.width, multiple.x),
    height: fit(block.height, multiple.y),
    depth: fit(block.depth, multiple.z),
  };
  const isTooSmall = box.width < FEWEST * multiple.x || box.height < FEWEST * multiple.y || box.depth < 1;
  if (!isTooSmall) return { role, image: number, box };
  const isVolume = image.depth > 1;
  const size = `${block.width} x ${block.height}${isVolume ? ` x ${block.depth}` : ''} px`;
  const wanted = isVolume
    ? `at least ${FEWEST * multiple.x} x ${FEWEST * multiple.y} x ${multiple.z} px`
    : `at least ${FEWEST * multiple.x} px a side`;
  throw new InputError({
    who: `split of ${image.name}`,
    got: `a ${role} part of ${size}`,
    wanted,
    remedy: 'use larger images, a smaller guard or split.kind: specimen; lacuna init FOLDER chooses what fits',
  });
}

/** The specimen of an image: `name` of the slices `name[0]`, `name[1]`, ... */
export const specimenName = (image: string): string => image.replace(/(\[\d+\])+$/, '');

/** Images by specimen: slices `name[0]`, `name[1]`, ... of one volume show the same structures and stay together. */
export function bySpecimen<T>(items: readonly T[], nameOf: (item: T) => string): T[][] {
  const groups = new Map<string, T[]>();
  for (const item of items) {
    const specimen = specimenName(nameOf(item));
    const group = groups.get(specimen);
    if (group) group.push(item);
    else groups.set(specimen, [item]);
  }
  return [...groups.values()];
}

import { basename } from 'node:path';
import type { Image } from '@lacuna/core';
import { estimateAlignment, type Factors } from '@lacuna/datasets';
import type { FoundImage, ImageGroup } from './images.js';
import { readPlane } from './sample.js';

/** A fine and a coarse scan of one field. */
export interface FoundPair {
  readonly fine: FoundImage;
  readonly coarse: FoundImage;
}

/** Measured pairs, all of one factor. */
export interface FoundPairs {
  readonly pairs: readonly FoundPair[];
  readonly factors: Factors;
  /** Two folders in which every file has its partner under the same name; null where a list must say it. */
  readonly folders: { readonly hr: string; readonly lr: string } | null;
  /** Images that have no partner. */
  readonly alone: readonly FoundImage[];
}

/** Where the scans of a pair lie, by registration of a part of both. */
export interface PairPlace {
  readonly name: string;
  /** Coarse pixels. */
  readonly shift: number;
  readonly residual: number;
  /** Of the intensities after registration, -1 to 1. */
  readonly correlation: number;
}

/** Words that name the fine or the coarse one of two files. */
const FINE = new Set(['hr', 'fine', 'high', 'highres', 'hires', 'gt']);
const COARSE = new Set(['lr', 'coarse', 'low', 'lowres', 'lores']);

/** Pairs by names and sizes: two folders with the same names, or names that differ in one word (a_hr.tif, a_lr.tif). */
export async function findPairs(groups: readonly ImageGroup[]): Promise<FoundPairs | null> {
  if (groups.length === 2) return pairsOfFolders(groups[0], groups[1]) ?? (await pairsByPlace(groups[0], groups[1]));
  return groups.length === 1 ? pairsOfNames(groups[0].images) : null;
}

/** A file's name without its endings. */
const stemOf = (path: string): string =>
  basename(path)
    .normalize('NFC')
    .replace(/(\.ome)?\.[^.]+$/i, '');

function pairsOfFolders(one: ImageGroup, other: ImageGroup): FoundPairs | null {
  const partners = new Map(other.images.map((image) => [stemOf(image.path), image]));
  const couples = one.images.flatMap((image): [FoundImage, FoundImage][] => {
    const partner = partners.get(stemOf(image.path));
    return partner ? [[image, partner]] : [];
  });
  if (couples.length === 0) return null;
  const isFineFirst = voxelsOf(couples[0][0]) >= voxelsOf(couples[0][1]);
  const pairs = couples.map(([a, b]): FoundPair => (isFineFirst ? { fine: a, coarse: b } : { fine: b, coarse: a }));
  const folders = isFineFirst ? { hr: one.folder, lr: other.folder } : { hr: other.folder, lr: one.folder };
  return asPairs(pairs, [...one.images, ...other.images], folders);
}

const voxelsOf = ({ width, height, depth }: FoundImage): number => width * height * depth;

function pairsOfNames(images: readonly FoundImage[]): FoundPairs | null {
  const fine = new Map<string, FoundImage>();
  const coarse = new Map<string, FoundImage>();
  for (const image of images) {
    const words = stemOf(image.path).split(/[-_. ]+/);
    const at = words.findIndex((word) => FINE.has(word.toLowerCase()) || COARSE.has(word.toLowerCase()));
    if (at < 0) continue;
    const side = FINE.has(words[at].toLowerCase()) ? fine : coarse;
    side.set(words.toSpliced(at, 1).join(' '), image);
  }
  const pairs = [...fine].flatMap(([key, image]): FoundPair[] => {
    const partner = coarse.get(key);
    return partner ? [{ fine: image, coarse: partner }] : [];
  });
  return pairs.length === 0 ? null : asPairs(pairs, images, null);
}

/** Images of each folder up to which all are registered with all, and the correlation of a pair. */
const MOST_REGISTERED = 6;
const SAME_FIELD = 0.6;

/** Scans of other names: each fine image and the coarse one that agrees with it best after registration. */
async function pairsByPlace(one: ImageGroup, other: ImageGroup): Promise<FoundPairs | null> {
  const isFineFirst = voxelsOf(one.images[0]) >= voxelsOf(other.images[0]);
  const [fine, coarse] = isFineFirst ? [one.images, other.images] : [other.images, one.images];
  if (Math.max(fine.length, coarse.length) > MOST_REGISTERED) return null;
  const pairs: FoundPair[] = [];
  const free = new Set(coarse);
  for (const image of fine) {
    let best: { partner: FoundImage; correlation: number } | null = null;
    for (const partner of free) {
      const factors = ratioOf({ fine: image, coarse: partner });
      const place = factors && (await placeOfPair({ fine: image, coarse: partner }, factors));
      if (place && place.correlation > (best?.correlation ?? SAME_FIELD))
        best = { partner, correlation: place.correlation };
    }
    if (!best) continue;
    free.delete(best.partner);
    pairs.push({ fine: image, coarse: best.partner });
  }
  return pairs.length === 0 ? null : asPairs(pairs, [...fine, ...coarse], null);
}

/** Null where sizes are not at one whole ratio. */
function asPairs(
  pairs: readonly FoundPair[],
  images: readonly FoundImage[],
  folders: FoundPairs['folders'],
): FoundPairs | null {
  const factors = ratioOf(pairs[0]);
  if (factors === null) return null;
  const fitting = pairs.filter((pair) => {
    const ratio = ratioOf(pair);
    return ratio !== null && ratio.x === factors.x && ratio.y === factors.y && ratio.z === factors.z;
  });
  const paired = new Set(fitting.flatMap(({ fine, coarse }) => [fine, coarse]));
  const alone = images.filter((image) => !paired.has(image));
  return { pairs: fitting, factors, folders: alone.length === 0 ? folders : null, alone };
}

/** How many times larger the fine image is along each axis; null where that is no whole ratio that pairs may have. */
function ratioOf({ fine, coarse }: FoundPair): Factors | null {
  const [x, y, z] = [fine.width / coarse.width, fine.height / coarse.height, fine.depth / coarse.depth];
  const isWhole = [x, y, z].every((ratio) => Number.isInteger(ratio) && ratio <= 16) && Math.max(x, y, z) >= 2;
  const isOne = fine.depth > 1 || x === y;
  return isWhole && isOne && fine.frames === coarse.frames ? { x, y, z } : null;
}

/** Side of the part of a coarse image that is registered, px. */
const PART = 192;

/**
 * Registers the middle of a pair: whether both show one field, and how far they lie apart.
 * @returns null where the plane has no structure, or is not coarser by one number along x and y.
 */
export async function placeOfPair({ fine, coarse }: FoundPair, factors: Factors): Promise<PairPlace | null> {
  if (factors.x !== factors.y) return null;
  const width = Math.min(PART, coarse.width);
  const height = Math.min(PART, coarse.height);
  const x = Math.floor((coarse.width - width) / 2);
  const y = Math.floor((coarse.height - height) / 2);
  const z = Math.floor(coarse.depth / 2);
  const lr = await readPlane(coarse, { x, y, z, width, height });
  const hr = await readPlane(fine, {
    x: x * factors.x,
    y: y * factors.x,
    z: z * factors.z,
    width: width * factors.x,
    height: height * factors.x,
  });
  if (isFlat(lr) || isFlat(hr)) return null;
  const { transform, residual, correlation } = estimateAlignment(lr, hr, factors.x);
  return { name: fine.name, shift: Math.hypot(transform.shiftX, transform.shiftY), residual, correlation };
}

const isFlat = ({ data }: Image): boolean => data.every((value) => value === data[0]);

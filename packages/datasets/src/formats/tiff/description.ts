import { InputError } from '@lacuna/core';
import { pixelSizeOf, type ReadPixelSize } from '../axis-sizes.js';
import type { Directory } from './directories.js';
import { imagejLengths, parseImagej, type ImagejDescription } from './imagej.js';
import { parseOme, type OmeImage } from './ome-xml.js';
import {
  imagejPages,
  omePageCount,
  omePages,
  plainPages,
  shapedPages,
  type PageCount,
  type PageMap,
} from './page-map.js';
import { parseShaped, type ShapedDescription } from './shaped.js';

/** Size of what lies on a page. */
interface ImageSize {
  readonly width: number;
  readonly height: number;
  readonly samples: number;
}

/** What a TIFF says of itself beyond the tags of its pages. */
export interface TiffDescription {
  /** How many images of this size the description counts on; null where it does not say. */
  announced(image: ImageSize): number | null;
  readonly imagej: ImagejDescription | null;
  pages(count: PageCount): PageMap;
  pixelSize(): ReadPixelSize;
}

const DESCRIPTION = 270;
const X_RESOLUTION = 282;
const Y_RESOLUTION = 283;
const RESOLUTION_UNIT = 296;

/**
 * Reads OME-XML, ImageJ's lines or tifffile's JSON in the first page's description, whichever is there.
 * @param descriptionOf the description of another page: of several arrays in a file each begins with its own.
 */
export function readDescription(
  path: string,
  directory: Directory,
  descriptionOf: (page: number) => string,
): TiffDescription {
  const text = directory.text(DESCRIPTION);
  const resolution = { x: directory.number(X_RESOLUTION, NaN), y: directory.number(Y_RESOLUTION, NaN) };
  const unit = directory.number(RESOLUTION_UNIT, 2);
  const ome = parseOme(path, text);
  if (ome && ome.length > 0) return omeDescription(ome);
  const imagej = parseImagej(text);
  if (imagej) {
    return {
      announced: () => imagej.images,
      imagej,
      pages: (count) => imagejPages(imagej, count),
      pixelSize: () => imagejPixelSize(imagej, resolution),
    };
  }
  const shaped = parseShaped(text);
  return {
    announced: (image) => (shaped ? imagesOf(shaped, image) : null),
    imagej: null,
    pages: (count) => (shaped ? shapedImage(shaped, count, descriptionOf) : plainPages(count)),
    pixelSize: () => resolutionPixelSize(resolution, unit),
  };
}

function omeDescription(images: readonly OmeImage[]): TiffDescription {
  const [image, ...others] = images;
  return {
    announced: () => null,
    imagej: null,
    pages(count) {
      const map = omePages(image, count, 0);
      const sets = images.some(({ planes }) => new Set(planes.map(({ file }) => file)).size > 1);
      const total = images.reduce((sum, one) => sum + omePageCount(one, count.samples), 0);
      if (!sets && count.pages > total)
        throw new InputError({
          who: count.path,
          got: `${count.pages} pages where OME-XML announces ${total}`,
          wanted: 'a page for every plane that is announced, and no others',
          remedy: 'export it again',
        });
      if (others.length === 0) return map;
      const named = images.map(({ name }, i) => name || `image ${i}`);
      const left = named.slice(1, 5).join(', ') + (named.length > 5 ? ', ...' : '');
      return { ...map, notes: [...map.notes, `image 1 of ${images.length} is read (${named[0]}); not read: ${left}`] };
    },
    pixelSize: () => pixelSizeOf(image.stated),
  };
}

/** The first of the arrays that tifffile wrote into one file. */
function shapedImage(shaped: ShapedDescription, count: PageCount, descriptionOf: (page: number) => string): PageMap {
  const pages = imagesOf(shaped, { ...count, samples: count.stored });
  const several = pages < count.pages && parseShaped(descriptionOf(pages)) !== null;
  if (!several) return shapedPages(shaped, count);
  const map = shapedPages(shaped, { ...count, pages });
  const left = `${count.pages - pages} pages of other arrays are not read`;
  return { ...map, notes: [...map.notes, `the first array of the file is read; ${left}`] };
}

/** Images that an array of this shape takes. */
function imagesOf({ shape }: ShapedDescription, { width, height, samples }: ImageSize): number {
  return Math.floor(shape.reduce((product, size) => product * size, 1) / (width * height * samples));
}

function imagejPixelSize(imagej: ImagejDescription, resolution: { x: number; y: number }): ReadPixelSize {
  const read = pixelSizeOf(imagejLengths(imagej, resolution));
  const assumed = imagej.spacing === null && (imagej.slices ?? 1) > 1 && read.pixelSize?.z !== undefined;
  if (!assumed) return read;
  return {
    ...read,
    notes: [...read.notes, `spacing of planes taken as 1 ${imagej.units.z}: ImageJ leaves out what is 1`],
  };
}

/** 72 or 96 dots an inch is what paint programs write when they know nothing; only centimetres are a measurement. */
function resolutionPixelSize({ x, y }: { x: number; y: number }, unit: number): ReadPixelSize {
  const CENTIMETRE = 3;
  const measured = unit === CENTIMETRE && x > 1000 && y > 0 && Number.isFinite(x) && Number.isFinite(y);
  return { pixelSize: measured ? { x: 1e4 / x, y: 1e4 / y, unit: 'um' } : null, notes: [] };
}

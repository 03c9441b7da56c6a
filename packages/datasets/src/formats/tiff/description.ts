import { InputError } from '@lacuna/core';
import { pixelSizeOf, type ReadPixelSize } from '../axis-sizes.js';
import type { StoredType } from '../open-image.js';
import type { Directory } from './directories.js';
import { imagejLengths, parseImagej, type ImagejDescription } from './imagej.js';
import { metadataFile, parseOme, type OmeImage } from './ome-xml.js';
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
  /** The type of values that the description states, as this reader calls it; null where it states none. */
  readonly type: StoredType | null;
  pages(count: PageCount): PageMap;
  pixelSize(): ReadPixelSize;
}

const DESCRIPTION = 270;
const X_RESOLUTION = 282;
const Y_RESOLUTION = 283;
const RESOLUTION_UNIT = 296;
/** Micrometres of the units that resolutions are counted in. */
const resolutionUnits: Readonly<Record<number, readonly [name: string, micrometres: number]>> = {
  2: ['inch', 25_400],
  3: ['cm', 10_000],
  // Of tifffile, beyond the standard.
  4: ['mm', 1000],
  5: ['µm', 1],
};
/** Pixels of this many µm and more may be dots of a device. */
const COARSEST = 10;
/** Resolutions of screens and printers, in dots an inch. */
const DEVICE_DPI = [1, 72, 75, 90, 96, 100, 120, 144, 150, 200, 240, 300, 360, 400, 600, 720, 1200, 2400];

/** OME's types of values. */
const omeTypes: Readonly<Record<string, StoredType>> = {
  uint8: 'uint8',
  uint16: 'uint16',
  uint32: 'uint32',
  int8: 'int8',
  int16: 'int16',
  int32: 'int32',
  float: 'float32',
  double: 'float64',
};

/**
 * Reads OME-XML, ImageJ's lines or tifffile's JSON in the first page's description, whichever is there.
 * @param descriptionOf the description of another page: of several arrays in a file each begins with its own.
 */
export async function readDescription(
  path: string,
  directory: Directory,
  descriptionOf: (page: number) => string,
): Promise<TiffDescription> {
  const text = directory.text(DESCRIPTION);
  const resolution = { x: directory.number(X_RESOLUTION, NaN), y: directory.number(Y_RESOLUTION, NaN) };
  const unit = directory.number(RESOLUTION_UNIT, 2);
  const ome = await parseOme(path, text);
  if (ome && ome.length > 0) return omeDescription(ome);
  const elsewhere = ome ? metadataFile(text) : null;
  if (elsewhere !== null) return describedElsewhere(path, elsewhere, resolutionPixelSize(resolution, unit));
  const imagej = parseImagej(text);
  if (imagej) {
    return {
      announced: () => imagej.images,
      imagej,
      type: null,
      pages: (count) => imagejPages(imagej, count),
      pixelSize: () => imagejPixelSize(imagej, resolution),
    };
  }
  const shaped = parseShaped(text);
  return {
    announced: (image) => (shaped ? imagesOf(shaped, image) : null),
    imagej: null,
    type: null,
    pages: (count) => (shaped ? shapedImage(shaped, count, descriptionOf) : plainPages(count)),
    pixelSize: () => resolutionPixelSize(resolution, unit),
  };
}

/** One of a set of files, of which another says what its pages are. */
function describedElsewhere(path: string, metadata: string, size: ReadPixelSize): TiffDescription {
  return {
    announced: () => null,
    imagej: null,
    type: null,
    pages(count) {
      if (count.pages > 1)
        throw new InputError({
          who: path,
          got: `${count.pages} pages that are described in another file (${metadata})`,
          wanted: 'a file that says what its own pages are',
          remedy: 'bring the set into one file: bfconvert in.ome.tif out.ome.tif',
        });
      const map = plainPages(count);
      return { ...map, notes: [`axes and pixel size are described in another file, which is not read: ${metadata}`] };
    },
    pixelSize: () => size,
  };
}

function omeDescription(images: readonly OmeImage[]): TiffDescription {
  const [image, ...others] = images;
  return {
    announced: () => null,
    imagej: null,
    type: omeTypes[image.type] ?? null,
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

/**
 * The pixel size that the resolution tags give. What is finer than 10 µm is a measurement; dots of screens and printers
 * are what paint programs write who know nothing, and what lies between is left out, which is said.
 */
function resolutionPixelSize({ x, y }: { x: number; y: number }, unit: number): ReadPixelSize {
  const [name, micrometres] = resolutionUnits[unit] ?? [];
  const stated = x > 0 && y > 0 && Number.isFinite(x) && Number.isFinite(y);
  if (micrometres === undefined || !stated) return { pixelSize: null, notes: [] };
  const size = { x: rounded(micrometres / x), y: rounded(micrometres / y), unit: 'um' } as const;
  if (Math.max(size.x, size.y) < COARSEST) return { pixelSize: size, notes: [] };
  const dpi = 25_400 / size.x;
  if (size.x === size.y && DEVICE_DPI.some((device) => Math.abs(dpi - device) < 0.01 * device))
    return { pixelSize: null, notes: [] };
  const said = `${rounded(x)} pixels a ${name}, which would be ${Number(size.x.toPrecision(4))} µm a pixel`;
  return { pixelSize: null, notes: [`pixel size left out: ${said}; where it is one, give it yourself`] };
}

/** Twelve digits: what fractions add beyond them is no measurement. */
function rounded(value: number): number {
  return Number(value.toPrecision(12));
}

import { XMLParser } from 'fast-xml-parser';
import { InputError, parseLengthUnit, type PixelSize } from '@lacuna/core';
import { damagedFile } from '../byte-source.js';
import { depthAxis } from '../open-image.js';

/** How the pages of a TIFF make a volume: page `order(z, c)` holds channel c of plane z. */
export interface PageLayout {
  readonly depth: number;
  /** Channels that lie on pages of their own. */
  readonly channels: number;
  /** What the planes are: slices or time points. */
  readonly axis: 'Z' | 'T';
  page(z: number, c: number): number;
}

/** What an OME-XML description says of the first image. */
export interface OmePixels {
  readonly order: string;
  readonly sizes: { readonly C: number; readonly Z: number; readonly T: number };
  readonly pixelSize: PixelSize | null;
}

/**
 * The first image of an OME-XML description; null where there is none.
 * @throws {InputError} for XML that is none.
 */
export function parseOme(path: string, description: string): OmePixels | null {
  if (!description.includes('<OME')) return null;
  // Entities of outside documents are nobody's business here.
  const parser = new XMLParser({
    ignoreAttributes: false,
    attributeNamePrefix: '',
    removeNSPrefix: true,
    processEntities: false,
  });
  let tree: { OME?: { Image?: OmeImage | OmeImage[] } };
  try {
    tree = parser.parse(description.replaceAll('&#181;', 'µ').replaceAll('&#xB5;', 'µ')) as typeof tree;
  } catch (error) {
    throw damagedFile(
      path,
      'TIFF',
      `OME-XML that is no XML: ${(error as Error).message.split('\n')[0].slice(0, 60)}`,
      error,
    );
  }
  const image = tree.OME?.Image;
  const pixels = (Array.isArray(image) ? image[0] : image)?.Pixels;
  if (!pixels) return null;
  const size = (name: 'SizeC' | 'SizeZ' | 'SizeT') => Math.max(1, Number(pixels[name]) || 1);
  const x = Number(pixels.PhysicalSizeX);
  const y = Number(pixels.PhysicalSizeY ?? x);
  const z = Number(pixels.PhysicalSizeZ);
  const unit = parseLengthUnit(pixels.PhysicalSizeXUnit ?? 'um');
  return {
    order: pixels.DimensionOrder ?? 'XYCZT',
    sizes: { C: size('SizeC'), Z: size('SizeZ'), T: size('SizeT') },
    pixelSize: x > 0 && y > 0 && unit ? (z > 0 ? { x, y, z, unit } : { x, y, unit }) : null,
  };
}

interface OmeImage {
  readonly Pixels?: Partial<
    Record<
      | 'DimensionOrder'
      | 'SizeC'
      | 'SizeZ'
      | 'SizeT'
      | 'PhysicalSizeX'
      | 'PhysicalSizeY'
      | 'PhysicalSizeZ'
      | 'PhysicalSizeXUnit',
      string
    >
  >;
}

/** A number of ImageJ's description, `name=value` on a line of its own. */
export function imagejNumber(description: string, name: string): number {
  return description.startsWith('ImageJ') ? Number(new RegExp(`^${name}=(.+)$`, 'm').exec(description)?.[1]) : NaN;
}

/**
 * Order of the pages, from OME-XML or ImageJ's description; pages of other files are planes of one volume. Time points
 * of a plane count as its depth.
 * @param samples channels that lie together on each page.
 * @param time the time point that is wanted.
 * @throws {InputError} for volumes over time without it, and where pages are missing.
 */
export function pageLayout(
  path: string,
  description: string,
  ome: OmePixels | null,
  pages: number,
  samples: number,
  time?: number,
): PageLayout {
  const plain = (): PageLayout => ({
    depth: pages,
    channels: 1,
    axis: depthAxis(path, { Z: pages, T: 1 }, time).axis,
    page: (z) => z,
  });
  if (ome) {
    const { Z, T } = ome.sizes;
    const C = ome.sizes.C % samples === 0 ? ome.sizes.C / samples : ome.sizes.C;
    // Files of a set name the pages of the others too: each is read for itself.
    if (C * Z * T !== pages) return plain();
    return ordered(path, ome.order.slice(2), { C, Z, T }, time);
  }
  const images = imagejNumber(description, 'images');
  if (images > pages)
    throw new InputError({
      who: path,
      got: `an ImageJ stack of ${images} images with ${pages} listed`,
      wanted: 'a directory for every image',
      remedy: 'save it as OME-TIFF or in parts below 4 GB',
    });
  const size = (name: string) => imagejNumber(description, name) || 1;
  const sizes = { C: size('channels'), Z: size('slices'), T: size('frames') };
  const fits = sizes.C * sizes.Z * sizes.T === pages;
  if (!fits && sizes.Z > 1 && sizes.T > 1)
    throw damagedFile(
      path,
      'TIFF',
      `${pages} pages for ${sizes.T} time points of ${sizes.Z} slices of ${sizes.C} channels`,
    );
  return fits && (sizes.C > 1 || sizes.T > 1) ? ordered(path, 'CZT', sizes, time) : plain();
}

/** @param order the axes from the fastest to the slowest. */
function ordered(
  path: string,
  order: string,
  sizes: { C: number; Z: number; T: number },
  wanted: number | undefined,
): PageLayout {
  const { axis, time } = depthAxis(path, sizes, wanted);
  const stride = { C: 1, Z: 1, T: 1 };
  let step = 1;
  for (const axis of order as Iterable<'C' | 'Z' | 'T'>) {
    stride[axis] = step;
    step *= sizes[axis];
  }
  return {
    depth: sizes[axis],
    channels: sizes.C,
    axis,
    page: (z, c) => time * stride.T + z * stride[axis] + c * stride.C,
  };
}

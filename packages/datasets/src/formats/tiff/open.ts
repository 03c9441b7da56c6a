import { basename } from 'node:path';
import { InputError, createImage, describeShape, parseLengthUnit, type Image, type PixelSize } from '@lacuna/core';
import { damagedFile, openBytes, type ByteSource } from '../byte-source.js';
import { freshFloats } from '../fresh-array.js';
import {
  fullRegion,
  integerRange,
  rangeOf,
  targetOf,
  type OpenImage,
  type OpenOptions,
  type StoredType,
} from '../open-image.js';
import { ChunkReader } from './chunks.js';
import { MOST_EXPANSION, requireCodec } from './codecs.js';
import { readChain, type Directory, type TiffChain } from './directories.js';
import { imagejNumber, pageLayout, parseOme } from './layout.js';
import { FLOAT, SIGNED, colourSamples, readPage, type TiffPage } from './page.js';

/** What one array of float32 may hold here. */
const MOST_VALUES = 2 ** 30;

/**
 * Reads every page of a TIFF as one image or volume. Kinds, channels and pixel size as in {@link openTiff}.
 * @throws {InputError} also for more than 2^30 values: such files are read by region.
 */
export async function readTiff(path: string, options: OpenOptions = {}): Promise<Image> {
  const source = openBytes(path);
  const image = openTiffBytes(source, options);
  try {
    return await readWhole(image, source.size);
  } finally {
    await image.close();
  }
}

/**
 * Everything that an open image holds.
 * @param size of its file in bytes: what cannot come out of so few is refused before memory is taken.
 */
export async function readWhole(image: OpenImage, size: number): Promise<Image> {
  const { width, height, depth, channels, path, name, pixelSize } = image;
  const plane = width * height * channels;
  const values = plane * depth;
  if (values > MOST_VALUES)
    throw new InputError({
      who: path,
      got: `${values} values`,
      wanted: `at most ${MOST_VALUES}, 4 GB in memory`,
      remedy: 'cut it into parts, or read it by region',
    });
  if ((values * image.bits) / 8 > MOST_EXPANSION * size + (1 << 20))
    throw damagedFile(path, 'file', `${size} bytes for ${describeShape(image)}`);
  const data = freshFloats(values);
  for (let z = 0; z < depth; z++) await image.readRegion({ z }, data.subarray(z * plane, (z + 1) * plane));
  return createImage({
    data,
    width,
    height,
    depth,
    channels,
    dataRange: image.dataRange ?? widened(rangeOf(data, path)),
    pixelSize,
    name,
  });
}

/** A constant image of floats gets a range of one. */
function widened([low, high]: [number, number]): [number, number] {
  return low === high ? [low, low + 1] : [low, high];
}

/**
 * Opens a TIFF for reading by region: integers of 1 to 16 and 32 bits, signed ones, floats of 16, 32 and 64; strips or
 * tiles; uncompressed, LZW, deflate, PackBits, Zstandard, JPEG; horizontal and floating predictor; BigTIFF; both byte
 * orders; both planar configurations; ImageJ's hyperstacks, also those above 4 GB of which only the first image has a
 * directory. Channels on pages of their own (ImageJ, OME) become channels; alpha and reduced copies are left out. The
 * pixel size comes from OME-XML, ImageJ's description or the resolution tags, in that order; zero or less counts as
 * unknown. Palette colours stay indices, and a scale where zero is white stays as stored. Memory: a region's values
 * and at most 64 MB (or one chunk) of decoded chunks; never more than 4096 bytes for a byte of the file.
 * @throws {InputError} for damaged files and for kinds that it does not know.
 */
export function openTiff(path: string, options: OpenOptions = {}): OpenImage {
  return openTiffBytes(openBytes(path), options);
}

/** {@link openTiff} of any bytes; closes them where it refuses. */
export function openTiffBytes(source: ByteSource, options: OpenOptions = {}): OpenImage {
  try {
    return imageOf(source, options);
  } catch (error) {
    source.close();
    throw error;
  }
}

function imageOf(source: ByteSource, { time }: OpenOptions): OpenImage {
  const chain = readChain(source);
  const path = source.name;
  const { page: first, directory } = readPage(source, chain, 0);
  requireCodec(path, first);
  const description = directory.text(270);
  const samples = colourSamples(first);
  const ome = parseOme(path, description);
  const contiguous = contiguousImages(source, chain, first, description);
  const layout = pageLayout(path, description, ome, contiguous ?? chain.offsets.length, samples, time);
  const dtype = storedType(first);
  const channels = samples * layout.channels;
  const bits = first.bits;
  const { width, height } = first;
  const { depth } = layout;
  const name = basename(path);
  const reader = new ChunkReader(source, chain.little);
  const pages = new Map<number, TiffPage>([[0, first]]);
  const pageAt = (index: number): TiffPage => {
    const known = pages.get(index);
    if (known) return known;
    const page = contiguous === null ? readPage(source, chain, index).page : shifted(first, index);
    requireAlike(path, first, page, index);
    // Offsets of many strips add up: a few pages at a time are enough.
    if (pages.size >= 64) pages.delete([...pages.keys()][1]);
    pages.set(index, page);
    return page;
  };
  const image: OpenImage = {
    name,
    path,
    width,
    height,
    depth,
    channels,
    dtype,
    bits,
    dataRange: integerRange(dtype, bits),
    axes: layout.axis === 'T' ? 'tyxc' : 'zyxc',
    channelLayout: layout.channels > 1 ? 'pages' : 'interleaved',
    software: directory.text(305),
    pixelSize: ome?.pixelSize ?? resolutionPixelSize(directory, description),
    async readRegion(region, into) {
      const wanted = fullRegion(image, region);
      const { x, y, z, take } = wanted;
      const out = targetOf(image, wanted, into);
      for (let done = 0; done < take;) {
        const channel = wanted.first + done;
        const onPage = channel % samples;
        const count = Math.min(samples - onPage, take - done);
        const index = layout.page(z, Math.floor(channel / samples));
        await reader.read(pageAt(index), index, {
          x,
          y,
          width: wanted.width,
          height: wanted.height,
          first: onPage,
          take: count,
          out,
          at: done,
          step: take,
        });
        done += count;
      }
      return out;
    },
    async close() {
      source.close();
    },
  };
  return image;
}

/**
 * ImageJ writes stacks above 4 GB with one directory and all images one after the other. Their number, where the file
 * is such a one.
 */
function contiguousImages(
  source: ByteSource,
  chain: TiffChain,
  { compression, offsets, counts, tiled, width, height, samples, bits, separate }: TiffPage,
  description: string,
): number | null {
  const images = imagejNumber(description, 'images');
  if (!(images > chain.offsets.length) || chain.offsets.length > 1 || compression !== 1 || tiled || separate)
    return null;
  for (let i = 1; i < offsets.length; i++) if (offsets[i] !== offsets[i - 1] + counts[i - 1]) return null;
  return offsets[0] + images * Math.ceil((width * samples * bits) / 8) * height <= source.size ? images : null;
}

/** The page that lies `index` images after the first. */
function shifted(first: TiffPage, index: number): TiffPage {
  const image = Math.ceil((first.width * first.samples * first.bits) / 8) * first.height;
  return { ...first, offsets: first.offsets.map((offset) => offset + index * image) };
}

function requireAlike(path: string, first: TiffPage, page: TiffPage, index: number): void {
  if (page.width !== first.width || page.height !== first.height) {
    throw new InputError({
      who: path,
      got: `page ${index + 1} of ${page.width} x ${page.height} after ${first.width} x ${first.height}`,
      wanted: 'pages of one size',
      remedy: 'save the pages as files of their own',
    });
  }
  if (page.samples !== first.samples || page.bits !== first.bits || page.format !== first.format) {
    throw new InputError({
      who: path,
      got: `page ${index + 1} of ${page.samples} x ${page.bits} bits after ${first.samples} x ${first.bits}`,
      wanted: 'pages of one type',
      remedy: 'save the pages as files of their own',
    });
  }
  requireCodec(path, page);
}

function storedType({ bits, format }: TiffPage): StoredType {
  if (format === FLOAT) return bits === 64 ? 'float64' : 'float32';
  const size = bits <= 8 ? 8 : bits <= 16 ? 16 : 32;
  return `${format === SIGNED ? 'int' : 'uint'}${size}` as StoredType;
}

function resolutionPixelSize(directory: Directory, description: string): PixelSize | null {
  const x = directory.number(282, NaN);
  const y = directory.number(283, NaN);
  if (!(x > 0) || !(y > 0) || !Number.isFinite(x) || !Number.isFinite(y)) return null;
  const imagej = /^unit=(.+)$/m.exec(description)?.[1];
  const spacing = imagejNumber(description, 'spacing');
  if (description.startsWith('ImageJ') && imagej) {
    const unit = parseLengthUnit(imagej.trim());
    if (!unit) return null;
    return spacing > 0 ? { x: 1 / x, y: 1 / y, z: spacing, unit } : { x: 1 / x, y: 1 / y, unit };
  }
  // 72 or 96 dots an inch is what paint programs write when they know nothing; only centimetres are a measurement.
  const CENTIMETRE = 3;
  return directory.number(296, 2) === CENTIMETRE && x > 1000 ? { x: 1e4 / x, y: 1e4 / y, unit: 'um' } : null;
}

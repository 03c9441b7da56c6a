import { InputError } from '@lacuna/core';
import type { ByteSource } from '../byte-source.js';
import { fileName } from '../file-name.js';
import { oneFrame } from '../frames.js';
import { freshFloats } from '../fresh-array.js';
import { integerRange, type OpenImage, type OpenOptions, type StoredType } from '../open-image.js';
import { fullRegion, targetOf, type FullRegion } from '../region.js';
import { ChunkReader } from './chunks.js';
import { PALETTE, WHITE_IS_ZERO, requireCodec } from './codecs.js';
import { readDescription } from './description.js';
import { readChain, readDirectory, type Directory } from './directories.js';
import type { ImagejDescription } from './imagej.js';
import { FLOAT, SIGNED, colourSamples, readPage, type TiffPage } from './page.js';
import { lookUp, readPalette, type Palette } from './palette.js';
import type { PageMap } from './page-map.js';
import { storedPages } from './stored-pages.js';

const DESCRIPTION = 270;
const ORIENTATION = 274;
const SOFTWARE = 305;

/**
 * Opens the bytes of a TIFF for reading by region, and closes them where it refuses them: integers of 1 to 16, 32 and
 * 64 bits, signed ones, floats of 16, 32 and 64; strips or tiles; uncompressed, LZW, deflate, PackBits, Zstandard,
 * JPEG (not in browsers); horizontal and floating predictor; BigTIFF; both byte orders; both planar configurations;
 * ImageJ's hyperstacks, also those above 4 GB of which only the first image has a directory.
 *
 * Which page is which time point, slice and channel is said by OME-XML (`TiffData`), ImageJ's description or tifffile's
 * JSON, in that order; pages of other files are slices of one volume, which is said. Of several images the first is
 * read. Alpha and reduced copies are left out. The pixel size comes from the same descriptions or the resolution tags.
 * Palettes become colours, and a scale whose zero is white is turned about.
 * Memory: a region's values and at most 64 MB (or one chunk) of decoded chunks; never more than 4096 bytes for a byte
 * of the file.
 * @throws {InputError} for damaged files, for kinds that it does not know, and where the pages are not those that the
 * file announces.
 */
export async function openTiffBytes(source: ByteSource, options: OpenOptions = {}): Promise<OpenImage> {
  try {
    return oneTime(await imageOf(source), options);
  } catch (error) {
    source.close();
    throw error;
  }
}

function oneTime(image: OpenImage, { time }: OpenOptions): OpenImage {
  return time === undefined ? image : oneFrame(image, time);
}

async function imageOf(source: ByteSource): Promise<OpenImage> {
  const chain = readChain(source);
  const path = source.name;
  const { page: first, directory } = readPage(source, chain, 0);
  requireCodec(path, first);
  const description = await readDescription(path, directory, (page) =>
    readDirectory(source, chain, chain.offsets[page]).text(DESCRIPTION),
  );
  const { width, height } = first;
  const samples = colourSamples(first);
  const pages = storedPages(source, chain, first, description.announced({ width, height, samples: first.samples }));
  const map = description.pages({ path, pages: pages.count, width, height, samples, stored: first.samples });
  const size = description.pixelSize();
  const { samples: spread = null } = map;
  const meaning = meaningOf(path, first, { directory, imagej: description.imagej, spread });
  const together = spread === 'c' ? first.samples : samples;
  const onPage = meaning.palette?.channels ?? (isPlanes(spread) ? 1 : together);
  const along = (axis: 'z' | 't') => (spread === axis ? first.samples : 1);
  const reader = new ChunkReader(source, chain.little);
  const image: OpenImage = {
    name: fileName(path),
    path,
    width,
    height,
    depth: map.depth * along('z'),
    frames: map.frames * along('t'),
    channels: onPage * map.channels,
    dtype: meaning.dtype,
    bits: meaning.bits,
    dataRange: integerRange(meaning.dtype, meaning.bits),
    axes: `${map.axes}${isPlanes(spread) ? spread : ''}yx${onPage > 1 ? 'c' : ''}`,
    channelLayout: map.channels > 1 ? 'pages' : 'interleaved',
    software: directory.text(SOFTWARE),
    pixelSize: size.pixelSize,
    notes: [...map.notes, ...size.notes, ...meaning.notes, ...otherType(description.type, meaning.dtype)],
    async readRegion(region, into) {
      const wanted = fullRegion(image, region);
      const out = targetOf(image, wanted, into);
      for (let done = 0; done < wanted.take;) {
        const channel = wanted.first + done;
        const first = channel % onPage;
        const take = Math.min(onPage - first, wanted.take - done);
        const place = { t: wanted.t, z: wanted.z, ...(isPlanes(spread) ? { [spread]: 0 } : {}) };
        const index = map.page(place.t, place.z, Math.floor(channel / onPage));
        const sample = isPlanes(spread) ? wanted[spread] : first;
        await readOnePage(index, wanted, { first: sample, take, out, at: done });
        done += take;
      }
      if (meaning.convert) meaning.convert(out);
      return out;
    },
    async close() {
      source.close();
    },
  };
  const readOnePage = async (
    index: number,
    { x, y, width: wide, height: high, take: step }: FullRegion,
    to: { first: number; take: number; out: Float32Array; at: number },
  ): Promise<void> => {
    const box = { x, y, width: wide, height: high };
    if (!meaning.palette) return reader.read(pages.page(index), index, { ...box, ...to, step });
    const indices = freshFloats(wide * high);
    await reader.read(pages.page(index), index, { ...box, first: 0, take: 1, out: indices, at: 0, step: 1 });
    lookUp(meaning.palette, indices, { ...to, step });
  };
  return image;
}

/** What the stored numbers are, and what is done to make larger ones brighter. */
interface Meaning {
  readonly dtype: StoredType;
  readonly bits: number;
  readonly palette: Palette | null;
  readonly convert: ((values: Float32Array) => void) | null;
  readonly notes: readonly string[];
}

/** Whether the samples of a pixel are slices or time points. */
function isPlanes(spread: PageMap['samples'] | null): spread is 'z' | 't' {
  return spread === 'z' || spread === 't';
}

/** What is said where the description states another type than the pages have. */
function otherType(stated: StoredType | null, dtype: StoredType): string[] {
  if (stated === null || stated === dtype) return [];
  return [`the description says ${stated}, the pages hold ${dtype}: read as these`];
}

function meaningOf(
  path: string,
  page: TiffPage,
  said: { directory: Directory; imagej: ImagejDescription | null; spread: PageMap['samples'] | null },
): Meaning {
  const { directory, imagej, spread } = said;
  const notes = leftOut(page, directory, spread !== null);
  const { bits } = page;
  const dtype = storedType(page);
  if (dtype === 'float64') notes.push('64-bit floats are read as 32-bit ones: seven digits');
  if (page.photometric === PALETTE && !imagej) {
    const palette = readPalette(path, page, directory);
    notes.push(`palette indices are read as their ${palette.channels === 1 ? 'grey levels' : 'colours'}`);
    return { dtype: palette.bits === 8 ? 'uint8' : 'uint16', bits: palette.bits, palette, convert: null, notes };
  }
  // ImageJ's palettes are colours to look at intensities with.
  if (page.photometric === PALETTE) notes.push("ImageJ's look-up table is left out: values are the intensities");
  if (imagej?.calibrated) notes.push("ImageJ's calibration of intensities is left out: values are as stored");
  if (imagej?.signed && dtype === 'uint16') {
    notes.push('signed 16 bits, as ImageJ says: 32768 is taken away');
    return { dtype: 'int16', bits, palette: null, convert: shiftedBy(-32768), notes };
  }
  if (page.photometric !== WHITE_IS_ZERO) return { dtype, bits, palette: null, convert: null, notes };
  const range = integerRange(dtype, bits);
  if (!range)
    throw new InputError({
      who: path,
      got: `${dtype} on a scale whose zero is white`,
      wanted: 'a scale whose zero is black, or integers of at most 32 bits',
      remedy: 'save it again with black as zero',
    });
  notes.push('zero is white in this file: values are turned about, so that brighter is larger');
  return { dtype, bits, palette: null, convert: turnedIn(range), notes };
}

/** What of a page is not read. */
function leftOut(page: TiffPage, directory: Directory, noAlpha: boolean): string[] {
  const notes: string[] = [];
  if (!noAlpha && colourSamples(page) < page.samples) notes.push('alpha is left out');
  const orientation = directory.number(ORIENTATION, 1);
  if (orientation > 1) notes.push(`orientation ${orientation} is not applied: rows and columns are as stored`);
  return notes;
}

function turnedIn([low, high]: readonly [number, number]): (values: Float32Array) => void {
  return (values) => {
    for (let i = 0; i < values.length; i++) values[i] = low + high - values[i];
  };
}

function shiftedBy(offset: number): (values: Float32Array) => void {
  return (values) => {
    for (let i = 0; i < values.length; i++) values[i] += offset;
  };
}

function storedType({ bits, format }: TiffPage): StoredType {
  if (format === FLOAT) return bits === 64 ? 'float64' : 'float32';
  const size = [8, 16, 32, 64].find((width) => bits <= width)!;
  return `${format === SIGNED ? 'int' : 'uint'}${size}` as StoredType;
}

import { readFileSync, statSync } from 'node:fs';
import { basename } from 'node:path';
import { fromArrayBuffer, fromFile, type GeoTIFFImage } from 'geotiff';
import { InputError, createImage, parseLengthUnit, type Image, type PixelSize } from '@lacuna/core';
import { countPages } from './tiff-directories.js';
import { imagejNumber, pageLayout, parseOme } from './tiff-layout.js';

/** TIFF's SampleFormat. */
const UNSIGNED = 1, SIGNED = 2, FLOAT = 3;
/** What one array of float32 may hold here; also what a damaged header cannot exceed. */
const MOST_VALUES = 2 ** 30;
/** Files up to this size, in bytes, are read at once. */
const IN_MEMORY = 2 ** 29;

/**
 * Reads every page of a TIFF as one image or volume: 8, 12, 16 and 32-bit integers, floats, tiles or strips, LZW, deflate, predictors, BigTIFF.
 * Channels on pages of their own (ImageJ, OME) become channels. Alpha is dropped. The pixel size comes from OME-XML, ImageJ's description or the resolution tags, in that order.
 * @throws {InputError} for pages of different sizes and for kinds that it does not know.
 */
export async function readTiff(path: string): Promise<Image> {
  const count = countPages(path);
  // From memory where it fits: faster, and a value that points outside the file is an error instead of a wait without end.
  const tiff = statSync(path).size <= IN_MEMORY ? await fromArrayBuffer(wholeFile(path)) : await fromFile(path);
  try {
    const first = await tiff.getImage(0);
    const width = first.getWidth(), height = first.getHeight();
    const tags = await readTags(first), samples = colourChannels(first, tags), ome = parseOme(tags.description);
    const layout = pageLayout(path, tags.description, ome, count, samples), channels = samples * layout.channels, { depth } = layout;
    const values = width * height * channels * depth;
    if (values > MOST_VALUES) throw new InputError({ who: path, got: `${values} values`, wanted: `at most ${MOST_VALUES}, 4 GB in memory`, remedy: 'cut it into parts' });
    const data = new Float32Array(values);
    const wanted = Array.from({ length: samples }, (_, i) => i);
    for (let z = 0; z < depth; z++) {
      for (let c = 0; c < layout.channels; c++) {
        const page = layout.page(z, c), image = page === 0 ? first : await tiff.getImage(page);
        if (image.getWidth() !== width || image.getHeight() !== height) {
          throw new InputError({ who: path, got: `page ${page + 1} of ${image.getWidth()} x ${image.getHeight()} after ${width} x ${height}`, wanted: 'pages of one size', remedy: 'save the pages as files of their own' });
        }
        const raster = (await image.readRasters({ interleave: true, samples: wanted })) as unknown as ArrayLike<number>;
        const start = z * width * height * channels + c * samples;
        if (channels === samples) data.set(raster, start);
        else for (let i = 0; i < width * height; i++) for (let s = 0; s < samples; s++) data[start + i * channels + s] = raster[i * samples + s]!;
      }
    }
    return createImage({ data, width, height, depth, channels, dataRange: dataRange(first, data, path), pixelSize: ome?.pixelSize ?? resolutionPixelSize(tags), name: basename(path) });
  } finally {
    await tiff.close();
  }
}

function wholeFile(path: string): ArrayBuffer {
  const bytes = readFileSync(path);
  return bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength);
}

/** What a page says of itself besides its pixels. */
interface Tags { readonly description: string; readonly x: number; readonly y: number; readonly unit: number; readonly extra: readonly number[] | null }

async function readTags(image: GeoTIFFImage): Promise<Tags> {
  const directory = image.fileDirectory;
  const load = async (tag: 'ImageDescription' | 'XResolution' | 'YResolution' | 'ResolutionUnit' | 'ExtraSamples'): Promise<unknown> => (directory.hasTag(tag) ? directory.loadValue(tag) : undefined);
  const ratio = (value: unknown) => {
    const parts = value as ArrayLike<number> | undefined;
    return parts && parts[1] ? parts[0]! / parts[1] : NaN;
  };
  const description = await load('ImageDescription'), extra = await load('ExtraSamples');
  return {
    description: typeof description === 'string' ? description.replace(/\0+$/, '') : '',
    x: ratio(await load('XResolution')),
    y: ratio(await load('YResolution')),
    unit: Number(await load('ResolutionUnit')),
    extra: extra === undefined ? null : typeof extra === 'number' ? [extra] : Array.from(extra as ArrayLike<number>),
  };
}

function colourChannels(image: GeoTIFFImage, { extra }: Tags): number {
  const samples = image.getSamplesPerPixel();
  // An extra sample of kind 1 or 2 is alpha, which is no measurement.
  const alpha = extra ? extra.filter((kind) => kind === 1 || kind === 2).length : samples === 4 || samples === 2 ? 1 : 0;
  return Math.max(1, samples - alpha);
}

function dataRange(image: GeoTIFFImage, data: Float32Array, path: string): [number, number] {
  const bits = image.getBitsPerSample(), format = image.getSampleFormat();
  if (format === UNSIGNED || format === undefined) return [0, 2 ** bits - 1];
  if (format === SIGNED) return [-(2 ** (bits - 1)), 2 ** (bits - 1) - 1];
  if (format !== FLOAT) throw new InputError({ who: path, got: `sample format ${format}`, wanted: 'integers or floats' });
  let low = Infinity, high = -Infinity;
  let sum = 0;
  for (const value of data) {
    if (value < low) low = value;
    if (value > high) high = value;
    sum += value;
  }
  // One NaN or infinity makes the sum one too.
  if (!Number.isFinite(sum)) throw new InputError({ who: path, got: 'NaN or infinite pixels', wanted: 'finite intensities' });
  return low === high ? [low, low + 1] : [low, high];
}

function resolutionPixelSize({ x, y, unit: resolutionUnit, description }: Tags): PixelSize | null {
  if (!(x > 0) || !(y > 0)) return null;
  const imagej = /^unit=(.+)$/m.exec(description)?.[1];
  const spacing = imagejNumber(description, 'spacing');
  if (description.startsWith('ImageJ') && imagej) {
    const unit = parseLengthUnit(imagej.trim());
    if (!unit) return null;
    return spacing > 0 ? { x: 1 / x, y: 1 / y, z: spacing, unit } : { x: 1 / x, y: 1 / y, unit };
  }
  // 72 or 96 dots an inch is what paint programs write when they know nothing; only centimetres are a measurement.
  const CENTIMETRE = 3;
  return resolutionUnit === CENTIMETRE && x > 1000 ? { x: 1e4 / x, y: 1e4 / y, unit: 'um' } : null;
}

import { InputError, type Image } from '@lacuna/core';
import { deflateZlib } from '../native-codecs.js';
import { omeDescription } from '../ome-write.js';
import { bytesPerSample, pixelBytes, type SampleType } from '../pixel-bytes.js';
import { imagejDescription } from './imagej-write.js';
import { directoryBytes, encodeDirectory, pageTags, type PageTags } from './tags.js';

/** What a TIFF is written as. */
export interface TiffOptions {
  readonly type: SampleType;
  /** `deflate` keeps every value and takes less room; `none` by default. */
  readonly compression?: 'none' | 'deflate';
  /** The program that writes, for its tag; ASCII. */
  readonly software?: string;
  /**
   * How the file tells stack, pixel size and unit: `imagej` by default; `ome` is OME-XML, for names that end in
   * .ome.tif.
   */
  readonly metadata?: 'imagej' | 'ome';
}

/**
 * The bytes of a little-endian TIFF of one page for each plane, with ImageJ's description or OME-XML, so that Fiji,
 * napari and tifffile see stack, pixel size and unit.
 * @throws {InputError} above 4 GB, which classic TIFF cannot address.
 */
export function encodeTiff(image: Image, options: TiffOptions): Uint8Array {
  const { type, compression = 'none', metadata = 'imagej', software } = options;
  const { width, height, depth, channels } = image;
  const pageValues = width * height * channels;
  if (pageValues * bytesPerSample[type] * depth > 0xf000_0000)
    throw new InputError({
      who: `writeTiff ${image.name}`,
      got: `${((pageValues * bytesPerSample[type] * depth) / 1e9).toFixed(1)} GB`,
      wanted: 'less than 4 GB',
      remedy: 'write it by region: createTiffStream makes BigTIFF',
    });
  const description = metadata === 'ome' ? omeDescription(image, type) : imagejDescription(image);
  const strips = Array.from({ length: depth }, (_, page) => {
    const raw = pixelBytes(image.data.subarray(page * pageValues, (page + 1) * pageValues), type);
    return compression === 'deflate' ? deflateZlib(raw) : raw;
  });
  const stripAt: number[] = [];
  let at = 8;
  for (const strip of strips) {
    stripAt.push(at);
    at += strip.length + (strip.length % 2);
  }
  const tags: PageTags = {
    width,
    height,
    channels,
    type,
    compression,
    pixelSize: image.pixelSize,
    description,
    software,
    chunk: { rows: height },
  };
  const directories = strips.map((strip, page) => {
    const entries = pageTags(
      { ...tags, description: page === 0 ? description : null },
      [stripAt[page]],
      [strip.length],
      false,
    );
    const start = at;
    at += directoryBytes(entries, false);
    return { entries, at: start };
  });
  const bytes = new Uint8Array(at);
  const view = new DataView(bytes.buffer);
  // "II" and 42: little-endian TIFF.
  view.setUint16(0, 0x4949, true);
  view.setUint16(2, 42, true);
  view.setUint32(4, directories[0].at, true);
  strips.forEach((strip, page) => bytes.set(strip, stripAt[page]));
  directories.forEach((directory, i) =>
    bytes.set(encodeDirectory(directory.entries, directory.at, directories[i + 1]?.at ?? 0, false), directory.at),
  );
  return bytes;
}

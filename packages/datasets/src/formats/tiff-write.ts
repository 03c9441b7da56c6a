import { zlibSync } from 'fflate';
import { InputError, writeFileAtomic, type Image } from '@lacuna/core';
import { omeDescription } from './ome-write.js';

/** How intensities are stored. Integers are rounded and kept within their type. */
export type SampleType = 'uint8' | 'uint16' | 'float32';

const bytesPer: Record<SampleType, number> = { uint8: 1, uint16: 2, float32: 4 };
const SHORT = 3, LONG = 4, ASCII = 2, RATIONAL = 5;

/** What a TIFF is written as. */
export interface TiffOptions {
  readonly type: SampleType;
  /** `deflate` keeps every value and takes less room; `none` by default. */
  readonly compression?: 'none' | 'deflate';
  /** How the file tells stack, pixel size and unit: `imagej` by default; `ome` is OME-XML, for names that end in .ome.tif. */
  readonly metadata?: 'imagej' | 'ome';
}

interface Entry { readonly tag: number; readonly type: number; readonly values: readonly number[] | string }

/**
 * Writes an image or volume as a little-endian TIFF of one page for each plane, with ImageJ's description or OME-XML, so that Fiji, napari and
 * tifffile see stack, pixel size and unit. The file appears under its name whole or not at all.
 * @throws {FailureError} where the disk refuses.
 * @throws {InputError} above 4 GB, which classic TIFF cannot address.
 */
export function writeTiff(path: string, image: Image, options: TiffOptions): void {
  writeFileAtomic(path, encodeTiff(image, options), { wanted: 'an image written whole', remedy: 'choose another folder' });
}

/** The bytes of {@link writeTiff}. */
export function encodeTiff(image: Image, { type, compression = 'none', metadata = 'imagej' }: TiffOptions): Uint8Array {
  const { width, height, depth, channels } = image;
  const pageValues = width * height * channels;
  if (pageValues * bytesPer[type] * depth > 0xf000_0000) throw new InputError({ who: `writeTiff ${image.name}`, got: `${((pageValues * bytesPer[type] * depth) / 1e9).toFixed(1)} GB`, wanted: 'less than 4 GB', remedy: 'write parts of the stack' });
  const description = metadata === 'ome' ? omeDescription(image, type) : imagejDescription(image);
  const strips = Array.from({ length: depth }, (_, page) => {
    const raw = pixelBytes(image.data.subarray(page * pageValues, (page + 1) * pageValues), type);
    return compression === 'deflate' ? zlibSync(raw, { level: 6 }) : raw;
  });
  const directories: { entries: Entry[]; at: number }[] = [];
  const stripAt: number[] = [];
  let at = 8;
  for (const strip of strips) {
    stripAt.push(at);
    at += strip.length + (strip.length % 2);
  }
  for (let page = 0; page < depth; page++) {
    const entries: Entry[] = [
      { tag: 256, type: LONG, values: [width] },
      { tag: 257, type: LONG, values: [height] },
      { tag: 258, type: SHORT, values: new Array<number>(channels).fill(bytesPer[type] * 8) },
      { tag: 259, type: SHORT, values: [compression === 'deflate' ? 8 : 1] },
      { tag: 262, type: SHORT, values: [channels === 3 ? 2 : 1] },
      ...(page === 0 ? [{ tag: 270, type: ASCII, values: description }] : []),
      { tag: 273, type: LONG, values: [stripAt[page]!] },
      { tag: 277, type: SHORT, values: [channels] },
      { tag: 278, type: LONG, values: [height] },
      { tag: 279, type: LONG, values: [strips[page]!.length] },
      { tag: 282, type: RATIONAL, values: resolution(image.pixelSize?.x) },
      { tag: 283, type: RATIONAL, values: resolution(image.pixelSize?.y) },
      { tag: 284, type: SHORT, values: [1] },
      { tag: 296, type: SHORT, values: [1] },
      { tag: 339, type: SHORT, values: new Array<number>(channels).fill(type === 'float32' ? 3 : 1) },
    ];
    directories.push({ entries, at });
    at += 2 + entries.length * 12 + 4 + entries.reduce((sum, entry) => sum + overflow(entry), 0);
  }
  const buffer = Buffer.alloc(at);
  buffer.write('II', 0, 'ascii');
  buffer.writeUInt16LE(42, 2);
  buffer.writeUInt32LE(directories[0]!.at, 4);
  strips.forEach((strip, page) => buffer.set(strip, stripAt[page]!));
  directories.forEach((directory, i) => writeDirectory(buffer, directory, directories[i + 1]?.at ?? 0));
  return buffer;
}

function imagejDescription({ depth, channels, pixelSize, dataRange }: Image): string {
  const lines = ['ImageJ=1.54f', `images=${depth}`, ...(depth > 1 ? [`slices=${depth}`] : []), ...(channels === 3 ? ['mode=composite'] : [])];
  if (pixelSize) {
    lines.push(`unit=${pixelSize.unit === 'um' ? 'micron' : pixelSize.unit}`);
    if (pixelSize.z !== undefined) lines.push(`spacing=${pixelSize.z}`);
  }
  lines.push(`min=${dataRange[0]}`, `max=${dataRange[1]}`, '');
  return lines.join('\n');
}

/** Pixels a unit, as a fraction with six digits. */
function resolution(pixel: number | undefined): number[] {
  return pixel === undefined ? [1, 1] : [Math.round(1e6 / pixel), 1_000_000];
}

const valueBytes = ({ type, values }: Entry): number => (typeof values === 'string' ? Buffer.byteLength(values) + 1 : type === RATIONAL ? 4 * values.length : (type === SHORT ? 2 : 4) * values.length);
const overflow = (entry: Entry): number => (valueBytes(entry) > 4 ? valueBytes(entry) + (valueBytes(entry) % 2) : 0);

function writeDirectory(buffer: Buffer, { entries, at }: { entries: Entry[]; at: number }, next: number): void {
  buffer.writeUInt16LE(entries.length, at);
  let extra = at + 2 + entries.length * 12 + 4;
  entries.forEach((entry, i) => {
    const where = at + 2 + i * 12;
    const count = typeof entry.values === 'string' ? valueBytes(entry) : entry.type === RATIONAL ? entry.values.length / 2 : entry.values.length;
    buffer.writeUInt16LE(entry.tag, where);
    buffer.writeUInt16LE(entry.type, where + 2);
    buffer.writeUInt32LE(count, where + 4);
    let to = where + 8;
    if (overflow(entry) > 0) {
      buffer.writeUInt32LE(extra, to);
      to = extra;
      extra += overflow(entry);
    }
    if (typeof entry.values === 'string') buffer.write(entry.values, to, 'utf8');
    else entry.values.forEach((value, k) => (entry.type === SHORT ? buffer.writeUInt16LE(value, to + 2 * k) : buffer.writeUInt32LE(value, to + 4 * k)));
  });
  buffer.writeUInt32LE(next, at + 2 + entries.length * 12);
}

function pixelBytes(data: Float32Array, type: SampleType): Uint8Array {
  const bytes = new Uint8Array(data.length * bytesPer[type]), view = new DataView(bytes.buffer);
  if (type === 'float32') for (let i = 0; i < data.length; i++) view.setFloat32(4 * i, data[i]!, true);
  else if (type === 'uint16') for (let i = 0; i < data.length; i++) view.setUint16(2 * i, Math.min(65535, Math.max(0, Math.round(data[i]!))), true);
  else for (let i = 0; i < data.length; i++) bytes[i] = Math.min(255, Math.max(0, Math.round(data[i]!)));
  return bytes;
}

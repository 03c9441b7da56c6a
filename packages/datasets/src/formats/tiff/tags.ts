import type { PixelSize } from '@lacuna/core';
import { bytesPerSample, type SampleType } from '../pixel-bytes.js';

const ASCII = 2;
const SHORT = 3;
const LONG = 4;
const RATIONAL = 5;
const LONG8 = 16;
const widths: Record<number, number> = { [ASCII]: 1, [SHORT]: 2, [LONG]: 4, [RATIONAL]: 4, [LONG8]: 8 };
/** SampleFormat (TIFF 6.0, section 19): 1 for whole numbers, 2 for signed ones, 3 for floating point. */
const SAMPLE_FORMAT: Record<SampleType, number> = { uint8: 1, uint16: 1, int16: 2, float32: 3 };

/** A tag and its values; fractions as numerator and denominator. */
export interface Entry {
  readonly tag: number;
  readonly type: number;
  readonly values: ArrayLike<number> | string;
}

/** What the tags of one page say. */
export interface PageTags {
  readonly width: number;
  readonly height: number;
  readonly channels: number;
  readonly type: SampleType;
  readonly compression: 'none' | 'deflate';
  readonly pixelSize: PixelSize | null;
  /** ASCII; on the first page only. */
  readonly description: string | null;
  readonly software?: string | undefined;
  /** Strips of so many rows, or square tiles. */
  readonly chunk: { readonly rows: number } | { readonly tile: number };
}

/** The tags of a page, in order; the offsets of its chunks as 64 bits where the file is a BigTIFF. */
export function pageTags(
  { width, height, channels, type, compression, pixelSize, description, software, chunk }: PageTags,
  offsets: ArrayLike<number>,
  counts: ArrayLike<number>,
  big: boolean,
): Entry[] {
  const at = big ? LONG8 : LONG;
  const tiled = 'tile' in chunk;
  return [
    { tag: 256, type: LONG, values: [width] },
    { tag: 257, type: LONG, values: [height] },
    { tag: 258, type: SHORT, values: new Array<number>(channels).fill(bytesPerSample[type] * 8) },
    { tag: 259, type: SHORT, values: [compression === 'deflate' ? 8 : 1] },
    { tag: 262, type: SHORT, values: [channels === 3 ? 2 : 1] },
    ...(description === null ? [] : [{ tag: 270, type: ASCII, values: description }]),
    ...(tiled ? [] : [{ tag: 273, type: at, values: offsets }]),
    { tag: 277, type: SHORT, values: [channels] },
    ...(tiled
      ? []
      : [
          { tag: 278, type: LONG, values: [chunk.rows] },
          { tag: 279, type: at, values: counts },
        ]),
    { tag: 282, type: RATIONAL, values: resolution(pixelSize?.x) },
    { tag: 283, type: RATIONAL, values: resolution(pixelSize?.y) },
    { tag: 284, type: SHORT, values: [1] },
    { tag: 296, type: SHORT, values: [1] },
    ...(software ? [{ tag: 305, type: ASCII, values: software }] : []),
    ...(tiled
      ? [
          { tag: 322, type: LONG, values: [chunk.tile] },
          { tag: 323, type: LONG, values: [chunk.tile] },
          { tag: 324, type: at, values: offsets },
          { tag: 325, type: at, values: counts },
        ]
      : []),
    // Two or four channels are no grey or colour with alpha: their extra samples are said to be of no kind.
    ...(channels > 1 && channels !== 3
      ? [{ tag: 338, type: SHORT, values: new Array<number>(channels - 1).fill(0) }]
      : []),
    {
      tag: 339,
      type: SHORT,
      values: new Array<number>(channels).fill(SAMPLE_FORMAT[type]),
    },
  ];
}

/** Digits of a resolution. */
const SIX = 1_000_000;
/** Pixels a unit from which a fraction of six digits passes 32 bits. */
const MANY = 4000;

/** Pixels a unit, as a fraction with six digits above or below: whichever is nearer (1 / 6 has none above, 6 has). */
function resolution(pixel: number | undefined): number[] {
  if (pixel === undefined) return [1, 1];
  const perUnit = 1 / pixel;
  if (perUnit >= MANY) return [Math.min(0xffff_ffff, Math.round(perUnit)), 1];
  const above = [Math.round(SIX * perUnit), SIX];
  const below = [SIX, Math.round(SIX * pixel)];
  if (pixel >= MANY || below[1] === 0) return above;
  const error = ([over, under]: number[]) => Math.abs(over / under - perUnit);
  return error(below) < error(above) ? below : above;
}

const utf8 = new TextEncoder();

const valueBytes = ({ type, values }: Entry): number =>
  typeof values === 'string' ? utf8.encode(values).length + 1 : widths[type] * values.length;
/** What the field Count of a directory's entry holds: bytes of text, fractions, or numbers. */
function valueCount({ type, values }: Entry): number {
  if (typeof values === 'string') return utf8.encode(values).length + 1;
  return type === RATIONAL ? values.length / 2 : values.length;
}
const overflow = (entry: Entry, big: boolean): number =>
  valueBytes(entry) > (big ? 8 : 4) ? Math.ceil(valueBytes(entry) / 8) * 8 : 0;

/** Room that a directory takes, with the values that do not fit into it. A multiple of 2. */
export function directoryBytes(entries: readonly Entry[], big: boolean): number {
  return (
    (big ? 8 + entries.length * 20 + 8 : 2 + entries.length * 12 + 4) +
    entries.reduce((sum, entry) => sum + overflow(entry, big), 0)
  );
}

/**
 * A directory that lies at byte `at`.
 * @param next where the next one lies; 0 for the last.
 */
export function encodeDirectory(entries: readonly Entry[], at: number, next: number, big: boolean): Uint8Array {
  const bytes = new Uint8Array(directoryBytes(entries, big));
  const view = new DataView(bytes.buffer);
  const step = big ? 20 : 12;
  const first = big ? 8 : 2;
  if (big) view.setBigUint64(0, BigInt(entries.length), true);
  else view.setUint16(0, entries.length, true);
  let extra = first + entries.length * step + (big ? 8 : 4);
  entries.forEach((entry, i) => {
    const where = first + i * step;
    const count = valueCount(entry);
    view.setUint16(where, entry.tag, true);
    view.setUint16(where + 2, entry.type, true);
    if (big) view.setBigUint64(where + 4, BigInt(count), true);
    else view.setUint32(where + 4, count, true);
    let to = where + (big ? 12 : 8);
    if (overflow(entry, big) > 0) {
      if (big) view.setBigUint64(to, BigInt(at + extra), true);
      else view.setUint32(to, at + extra, true);
      to = extra;
      extra += overflow(entry, big);
    }
    writeValues(bytes, entry, to);
  });
  const link = first + entries.length * step;
  if (big) view.setBigUint64(link, BigInt(next), true);
  else view.setUint32(link, next, true);
  return bytes;
}

function writeValues(bytes: Uint8Array, { type, values }: Entry, to: number): void {
  if (typeof values === 'string') {
    bytes.set(utf8.encode(values), to);
    return;
  }
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  for (let k = 0; k < values.length; k++) {
    if (type === SHORT) view.setUint16(to + 2 * k, values[k], true);
    else if (type === LONG8) view.setBigUint64(to + 8 * k, BigInt(values[k]), true);
    else view.setUint32(to + 4 * k, values[k], true);
  }
}

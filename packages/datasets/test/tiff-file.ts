import { directoryBytes, encodeDirectory, type Entry } from '../src/formats/tiff/tags.js';

const ASCII = 2;
const SHORT = 3;
const LONG = 4;
const RATIONAL = 5;

/** A TIFF that a test makes itself: little-endian, one strip a page, tags of the first page as they are given. */
export interface TestTiff {
  readonly width: number;
  readonly height: number;
  readonly pages: readonly ArrayBufferView[];
  readonly bits: number;
  /** TIFF's SampleFormat: 1 unsigned, 2 signed, 3 floats. */
  readonly format?: number;
  readonly photometric?: number;
  readonly samples?: number;
  readonly description?: string | Uint8Array;
  /** Pixels a unit. */
  readonly resolution?: number;
  /** TIFF's ResolutionUnit: 2 inch, 3 cm. */
  readonly resolutionUnit?: number;
  readonly colourMap?: readonly number[];
  readonly orientation?: number;
}

/** The bytes of a {@link TestTiff}. */
export function tiffBytes(file: TestTiff): Buffer {
  const strips = file.pages.map(({ buffer, byteOffset, byteLength }) => Buffer.from(buffer, byteOffset, byteLength));
  const total = strips.reduce((sum, { length }) => sum + length + (length % 2), 8);
  const parts: Uint8Array[] = [];
  const header = Buffer.alloc(8);
  header.write('II', 0, 'ascii');
  header.writeUInt16LE(42, 2);
  header.writeUInt32LE(total, 4);
  parts.push(header);
  const starts: number[] = [];
  let at = 8;
  for (const strip of strips) {
    starts.push(at);
    parts.push(strip, Buffer.alloc(strip.length % 2));
    at += strip.length + (strip.length % 2);
  }
  strips.forEach((strip, i) => {
    const entries = entriesOf(file, { start: starts[i], bytes: strip.length, first: i === 0 });
    const room = directoryBytes(entries, false);
    parts.push(encodeDirectory(entries, at, i + 1 < strips.length ? at + room : 0, false));
    at += room;
  });
  const bytes = Buffer.concat(parts);
  // The encoder writes UTF-8: other bytes are put in place afterwards.
  if (file.description instanceof Uint8Array) bytes.set(file.description, bytes.indexOf(placeholder(file.description)));
  return bytes;
}

const placeholder = (text: Uint8Array): string => '~'.repeat(text.length);

function entriesOf(file: TestTiff, strip: { start: number; bytes: number; first: boolean }): Entry[] {
  const { width, height, bits, samples = 1, description, resolution, colourMap, orientation } = file;
  const text = description instanceof Uint8Array ? placeholder(description) : description;
  const perPixel = (value: number) => new Array<number>(samples).fill(value);
  const parts = (resolution ?? 0) < 1000 ? 1_000_000 : 1000;
  const fraction = resolution === undefined ? [] : [Math.round(parts * resolution), parts];
  return [
    { tag: 256, type: LONG, values: [width] },
    { tag: 257, type: LONG, values: [height] },
    { tag: 258, type: SHORT, values: perPixel(bits) },
    { tag: 259, type: SHORT, values: [1] },
    { tag: 262, type: SHORT, values: [file.photometric ?? 1] },
    ...(text !== undefined && strip.first ? [{ tag: 270, type: ASCII, values: text }] : []),
    { tag: 273, type: LONG, values: [strip.start] },
    ...(orientation === undefined ? [] : [{ tag: 274, type: SHORT, values: [orientation] }]),
    { tag: 277, type: SHORT, values: [samples] },
    { tag: 278, type: LONG, values: [height] },
    { tag: 279, type: LONG, values: [strip.bytes] },
    ...(resolution === undefined
      ? []
      : [
          { tag: 282, type: RATIONAL, values: fraction },
          { tag: 283, type: RATIONAL, values: fraction },
        ]),
    ...(file.resolutionUnit === undefined ? [] : [{ tag: 296, type: SHORT, values: [file.resolutionUnit] }]),
    ...(colourMap === undefined ? [] : [{ tag: 320, type: SHORT, values: colourMap }]),
    { tag: 339, type: SHORT, values: perPixel(file.format ?? 1) },
  ];
}

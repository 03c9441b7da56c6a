import { createImage, type Image, type PixelSize } from '@lacuna/core';
import { damagedFile, type ByteSource } from './byte-source.js';
import { openBytes } from './file-bytes.js';

const HEADER = 1024;
/** Modes that microscopes write (MRC2014): bytes, 16 bits signed, floats, 16 bits unsigned. */
const bytesOf: Record<number, number> = { 0: 1, 1: 2, 2: 4, 6: 2 };
const arraysOf = { 0: Int8Array, 1: Int16Array, 2: Float32Array, 6: Uint16Array } as Record<
  number,
  typeof Int8Array | typeof Int16Array | typeof Float32Array | typeof Uint16Array
>;
const MOST_VALUES = 2 ** 30;

/**
 * Reads an MRC stack (MRC2014; little-endian, modes 0, 1, 2, 6): sections become planes.
 * @param pixelSize of a section: headers of light microscopes leave it out or give it in other units.
 * @throws {InputError} for damaged files and other modes.
 */
export function readMrc(path: string, pixelSize: PixelSize | null = null): Image {
  const source = openBytes(path);
  try {
    return decodeMrc(source, pixelSize);
  } finally {
    source.close();
  }
}

/** {@link readMrc} of any bytes. */
export function decodeMrc(source: ByteSource, pixelSize: PixelSize | null): Image {
  const damaged = (what: string) => damagedFile(source.name, 'MRC', what);
  if (source.size < HEADER) throw damaged(`${source.size} bytes`);
  const head = source.read(0, HEADER);
  const view = new DataView(head.buffer, head.byteOffset, head.byteLength);
  const [width, height, depth, mode] = [0, 4, 8, 12].map((at) => view.getInt32(at, true)) as [
    number,
    number,
    number,
    number,
  ];
  const extended = view.getInt32(92, true);
  const size = bytesOf[mode];
  const count = width * height * depth;
  if (!(width > 0 && height > 0 && depth > 0 && count <= MOST_VALUES)) throw damaged(`${width} x ${height} x ${depth}`);
  if (size === undefined) throw damaged(`mode ${mode}, wanted 0, 1, 2 or 6`);
  if (extended < 0 || HEADER + extended + count * size > source.size)
    throw damaged(`${source.size} bytes for ${width} x ${height} x ${depth} of mode ${mode}`);
  const bytes = source.read(HEADER + extended, count * size);
  const { buffer, byteOffset } = bytes;
  const values = new arraysOf[mode](buffer as ArrayBuffer, byteOffset, count);
  const data = Float32Array.from(values);
  const ranges = { 0: [-128, 127], 1: [-32768, 32767], 6: [0, 65535] } as const;
  let range: readonly [number, number] = ranges[mode as 0 | 1 | 6] ?? [0, 1];
  if (mode === 2) {
    let low = Infinity;
    let high = -Infinity;
    for (const value of data) {
      if (!Number.isFinite(value)) throw damaged('NaN or infinite values');
      low = Math.min(low, value);
      high = Math.max(high, value);
    }
    range = [low, low === high ? low + 1 : high];
  }
  return createImage({ data, width, height, depth, dataRange: range, pixelSize, name: source.name });
}

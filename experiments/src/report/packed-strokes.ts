import { eachStroke } from '../figures/network-strokes.js';

/** The marked centrelines of a volume as strokes: (kind, x, y, z, x, y, z) in 16 bits, little-endian. */
export function packedStrokes(
  marks: Uint8Array,
  grid: { readonly width: number; readonly height: number; readonly depth: number },
): Uint8Array {
  const numbers: number[] = [];
  eachStroke(marks, grid, (kind, from, to) => numbers.push(kind, ...from, ...to));
  const bytes = new Uint8Array(2 * numbers.length);
  const view = new DataView(bytes.buffer);
  numbers.forEach((value, i) => view.setInt16(2 * i, value, true));
  return bytes;
}

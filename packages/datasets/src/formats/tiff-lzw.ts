import { freshBytes } from './fresh-array.js';

const CLEAR = 256, END = 257, FIRST = 258, MOST = 4096;

/**
 * Undoes TIFF's LZW: codes of 9 to 12 bits, the highest bit first, each change of width one code early (TIFF 6.0, section 13).
 * @param length bytes wanted; what comes after them is not decoded.
 * @returns fewer bytes where the stream ends early or a code names nothing.
 */
export function decodeLzw(bytes: Uint8Array, length: number): Uint8Array {
  const out = freshBytes(length), end = 8 * bytes.length;
  // Three bytes hold any code; two beyond the end spare a check.
  const source = freshBytes(bytes.length + 2);
  source.set(bytes);
  source.fill(0, bytes.length);
  // A string is a place in the output and a length: what the step before it put out, and the first byte of the step after that.
  const starts = new Int32Array(MOST), lengths = new Int32Array(MOST);
  let next = FIRST, width = 9, limit = 512, at = 0, to = 0;
  while (to < length && at + width <= end) {
    const byte = at >>> 3;
    const code = (((source[byte]! << 16) | (source[byte + 1]! << 8) | source[byte + 2]!) >>> (24 - width - (at & 7))) & (limit - 1);
    at += width;
    const start = to;
    if (code < CLEAR) out[to++] = code;
    else if (code === END) break;
    else if (code === CLEAR) {
      next = FIRST;
      width = 9;
      limit = 512;
      continue;
    } else if (code < next) {
      let from = starts[code]!, left = lengths[code]!;
      if (left > length - to) left = length - to;
      // One byte after the other: a string may reach into what this very step puts out.
      for (const stop = to + left; to < stop; ) out[to++] = out[from++]!;
    } else break;
    if (next < MOST) {
      starts[next] = start;
      lengths[next++] = to - start + 1;
      if (next >= limit && width < 12) {
        width++;
        limit <<= 1;
      }
    }
  }
  return to === length ? out : out.subarray(0, to);
}

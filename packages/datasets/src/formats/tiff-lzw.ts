const CLEAR = 256, END = 257, FIRST = 258, MOST = 4096;

/**
 * Undoes TIFF's LZW: codes of 9 to 12 bits, the highest bit first, each change of width one code early (TIFF 6.0, section 13).
 * @param length bytes wanted; what comes after them is not decoded.
 * @returns fewer bytes where the stream ends early or a code names nothing.
 */
export function decodeLzw(bytes: Uint8Array, length: number): Uint8Array {
  const out = new Uint8Array(length);
  // A string is a place in the output and a length: what the step before it put out, and the first byte of the step after that.
  const starts = new Int32Array(MOST), lengths = new Uint16Array(MOST);
  let next = FIRST, width = 9, bits = 0, held = 0, at = 0, to = 0;
  while (to < length) {
    while (held < width && at < bytes.length) {
      bits = ((bits << 8) | bytes[at++]!) & 0xffffff;
      held += 8;
    }
    if (held < width) break;
    const code = (bits >>> (held - width)) & ((1 << width) - 1);
    held -= width;
    if (code === END) break;
    if (code === CLEAR) {
      next = FIRST;
      width = 9;
      continue;
    }
    const start = to;
    if (code < CLEAR) out[to++] = code;
    else if (code < next) {
      const end = Math.min(length, to + lengths[code]!);
      // One byte after the other: a string may reach into what this very step puts out.
      for (let from = starts[code]!; to < end; from++) out[to++] = out[from]!;
    } else break;
    if (next < MOST) {
      starts[next] = start;
      lengths[next] = to - start + 1;
      next++;
    }
    if (next >= 1 << width && width < 12) width++;
  }
  return to === length ? out : out.subarray(0, to);
}

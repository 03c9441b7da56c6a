/** Gathers the lowest bits of a word's four bytes into its highest four bits. */
const GATHER = 0x10204080;

/** The bytes as words, where they begin at one and rows are whole words; else null. */
export function wordsOf(data: Uint8Array, width: number): Uint32Array | null {
  return data.byteOffset % 4 === 0 && width % 4 === 0
    ? new Uint32Array(data.buffer, data.byteOffset, data.length >> 2)
    : null;
}

/** 32 pixels from eight words on, as bits. */
function gather(words: Uint32Array, j: number): number {
  return (
    (Math.imul(words[j], GATHER) >>> 28) |
    ((Math.imul(words[j + 1], GATHER) >>> 28) << 4) |
    ((Math.imul(words[j + 2], GATHER) >>> 28) << 8) |
    ((Math.imul(words[j + 3], GATHER) >>> 28) << 12) |
    ((Math.imul(words[j + 4], GATHER) >>> 28) << 16) |
    ((Math.imul(words[j + 5], GATHER) >>> 28) << 20) |
    ((Math.imul(words[j + 6], GATHER) >>> 28) << 24) |
    ((Math.imul(words[j + 7], GATHER) >>> 28) << 28)
  );
}

/** The pixels of a mask, its rows one after the other, and the same as words ({@link wordsOf}). */
export interface PixelRows {
  readonly data: Uint8Array;
  readonly words: Uint32Array | null;
  readonly width: number;
}

/** Writes one row of a mask as bits, `width / 32 + 1` words from `to` on. */
export function packRow({ data, words, width }: PixelRows, row: number, out: Int32Array, to: number): void {
  const base = row * width;
  let x = 0;
  if (words) for (let j = base >> 2; x + 32 <= width; x += 32, j += 8) out[to + (x >> 5)] = gather(words, j);
  out.fill(0, to + (x >> 5), to + (width >> 5) + 1);
  for (; x < width; x++) out[to + (x >> 5)] |= data[base + x] << (x & 31);
}

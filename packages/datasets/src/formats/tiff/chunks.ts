import { InputError } from '@lacuna/core';
import { damagedFile, type ByteSource } from '../byte-source.js';
import { ChunkMemory, type SampleForm } from './kernels/chunk-memory.js';
import { DEFLATE, LZW, NONE, OLD_DEFLATE, decompress, requireExpansion } from './codecs.js';
import { FLOAT, SIGNED, type TiffPage } from './page.js';
import { HOST_LITTLE, samplesOf, type Samples } from './samples.js';

/** Decoded chunks that are kept, in bytes: a strip that many regions share is decoded once. */
const KEPT = 64 << 20;
/** Bytes of one chunk that must be decoded as a whole. */
const LARGEST = 2 ** 30 - 2 ** 24;

/** Chunks that are unpacked at a time. */
const AT_ONCE = 4;
/** Bytes of uncompressed rows that are read at a time. */
const BAND = 1 << 20;

/** What of a page is wanted: rows and columns, and where they go. */
export interface PageWindow {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
  /** Samples of a pixel: the first `take` from `first` on. */
  readonly first: number;
  readonly take: number;
  readonly out: Float32Array;
  /** Where the first value goes, and how many values a pixel of the result has. */
  readonly at: number;
  readonly step: number;
}

/** Some rows and columns of a chunk, decoded. */
interface Block {
  readonly values: Samples;
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

/** Which samples of a chunk's pixels go where in the window's. */
interface Part {
  readonly samples: number;
  readonly first: number;
  readonly take: number;
  readonly plane: number;
}

/** A strip or tile: its number, where it lies, what of it lies in the page, and its bytes in the file. */
interface Chunk {
  readonly number: number;
  readonly left: number;
  readonly top: number;
  readonly width: number;
  readonly height: number;
  /** Rows that are stored: those of tiles go beyond the page. */
  readonly rows: number;
  readonly rowBytes: number;
  readonly offset: number;
  readonly count: number;
}

/** Reads windows of pages out of strips and tiles. */
export class ChunkReader {
  readonly #kept = new Map<string, Block>();
  #bytes = 0;

  constructor(
    private readonly source: ByteSource,
    private readonly little: boolean,
  ) {}

  /**
   * Fills `window.out` from the chunks that the window touches.
   * @param key tells pages apart.
   */
  async read(page: TiffPage, key: number, window: PageWindow): Promise<void> {
    const { chunkWidth, chunkHeight, across, down, separate } = page;
    const waiting: Promise<void>[] = [];
    const firstRow = Math.floor(window.y / chunkHeight);
    const lastRow = Math.floor((window.y + window.height - 1) / chunkHeight);
    const firstColumn = Math.floor(window.x / chunkWidth);
    const lastColumn = Math.floor((window.x + window.width - 1) / chunkWidth);
    for (let row = firstRow; row <= lastRow; row++) {
      for (let column = firstColumn; column <= lastColumn; column++) {
        const planes = separate ? window.take : 1;
        for (let plane = 0; plane < planes; plane++) {
          const number = row * across + column + (separate ? (window.first + plane) * across * down : 0);
          const part = separate
            ? { samples: 1, first: 0, take: 1, plane }
            : { samples: page.samples, first: window.first, take: window.take, plane: 0 };
          // Waiting costs more than copying a small strip: only what must be waited for is, several at a time, since
          // they are unpacked in threads.
          const later = this.#copy(page, key, chunkOf(page, number, row, column), window, part);
          if (!later) continue;
          later.catch(() => undefined);
          waiting.push(later);
          if (waiting.length >= AT_ONCE) await waiting.shift()!;
        }
      }
    }
    for (const later of waiting) await later;
  }

  #copy(page: TiffPage, key: number, chunk: Chunk, window: PageWindow, part: Part): void | Promise<void> {
    const { offset, count, left, top, rowBytes, rows } = chunk;
    const { compression } = page;
    const name = this.source.name;
    if (offset === 0 && count === 0) return copyBlock(emptyBlock(chunk, part.samples, window), window, part);
    if (compression === NONE) return this.#copyPlain(page, chunk, window, part);
    const id = `${key}:${chunk.number}`;
    const known = this.#kept.get(id);
    if (known) return copyBlock(known, window, part);
    const length = rowBytes * rows;
    if (length > LARGEST || count > LARGEST)
      throw new InputError({
        who: name,
        got: `a compressed ${page.tiled ? 'tile' : 'strip'} of ${(Math.max(length, count) / 2 ** 30).toFixed(1)} GB`,
        wanted: 'at most 1 GB',
        remedy: 'save it with tiles or shorter strips',
      });
    requireExpansion(name, count, length);
    const form = this.#form(page, part.samples);
    const whole = covers(window, chunk) && part.take === part.samples;
    const block = (values: Samples): Block => ({ values, x: left, y: top, width: page.chunkWidth, height: rows });
    const copy = (decoded: Block): void => {
      if (!whole) this.#keep(id, decoded);
      copyBlock(decoded, window, part);
    };
    const finish = (memory: ChunkMemory): void => {
      if (!form) return copy(block(samplesOf(memory.bytes.slice(), this.little, page, page.chunkWidth, part.samples)));
      memory.restore(form);
      if (whole && part.take === window.step) return this.#copyRows(memory, form, top, chunk, window, part);
      const values = memory.view(form.type);
      copy(block(whole ? values : values.slice()));
    };
    if (compression === LZW || compression === DEFLATE || compression === OLD_DEFLATE) {
      const memory = new ChunkMemory(count, length, true);
      this.source.readInto(offset, memory.target);
      const got = compression === LZW ? memory.lzw() : memory.inflate();
      if (got !== length)
        throw damagedFile(name, 'TIFF', typeof got === 'string' ? got : `${got} of ${length} bytes of a strip or tile`);
      return finish(memory);
    }
    const unpacked = (bytes: Uint8Array): void => {
      if (!form) return copy(block(samplesOf(bytes, this.little, page, page.chunkWidth, part.samples)));
      const memory = new ChunkMemory(length, length, false);
      memory.target.set(bytes);
      finish(memory);
    };
    const bytes = decompress(name, this.source.read(offset, count), length, page);
    return bytes instanceof Promise ? bytes.then(unpacked) : unpacked(bytes);
  }

  /** Only the rows that are wanted, and of rows that are much wider than the window only the columns. */
  #copyPlain(page: TiffPage, chunk: Chunk, window: PageWindow, part: Part): void {
    const { offset, count, left, top, rows, rowBytes } = chunk;
    const { chunkWidth, bits } = page;
    const { samples } = part;
    const from = Math.max(window.y, top);
    const to = Math.min(window.y + window.height, top + rows);
    if (count < rowBytes * (to - top) && !(offset + rowBytes * (to - top) <= this.source.size))
      throw damagedFile(this.source.name, 'TIFF', `${count} of ${rowBytes * rows} bytes of a strip or tile`);
    const x = Math.max(window.x, left);
    const right = Math.min(window.x + window.width, left + chunkWidth);
    if (bits % 8 === 0 && (right - x) * 4 < chunkWidth && page.predictor === 1) {
      const pixel = (samples * bits) / 8;
      const wanted = (right - x) * pixel;
      const bytes = new Uint8Array(wanted * (to - from));
      for (let y = from; y < to; y++)
        bytes.set(this.source.read(offset + (y - top) * rowBytes + (x - left) * pixel, wanted), (y - from) * wanted);
      return copyBlock(
        {
          values: samplesOf(bytes, this.little, page, right - x, samples),
          x,
          y: from,
          width: right - x,
          height: to - from,
        },
        window,
        part,
      );
    }
    const form = part.take === samples && part.take === window.step ? this.#form(page, samples) : undefined;
    if (!form) {
      const bytes = this.source.read(offset + (from - top) * rowBytes, (to - from) * rowBytes);
      return copyBlock(
        {
          values: samplesOf(bytes, this.little, page, chunkWidth, samples),
          x: left,
          y: from,
          width: chunkWidth,
          height: to - from,
        },
        window,
        part,
      );
    }
    const band = Math.max(1, Math.floor(BAND / rowBytes));
    for (let y = from; y < to; y += band) {
      const height = Math.min(band, to - y);
      const memory = new ChunkMemory(height * rowBytes, height * rowBytes, false);
      this.source.readInto(offset + (y - top) * rowBytes, memory.target);
      memory.restore(form);
      this.#copyRows(memory, form, y, { ...chunk, height }, window, part);
    }
  }

  /** Copies what memory holds of a chunk, from row `y` on, to where it goes in the window. */
  #copyRows(
    memory: ChunkMemory,
    { type, perRow }: SampleForm,
    y: number,
    { left, width, height }: Chunk,
    window: PageWindow,
    { samples }: Part,
  ): void {
    const x = Math.max(left, window.x);
    const right = Math.min(left + width, window.x + window.width);
    memory.copyRows(
      type,
      (x - left) * samples,
      perRow,
      (right - x) * samples,
      height,
      window.out,
      window.at + ((y - window.y) * window.width + x - window.x) * samples,
      window.width * samples,
    );
  }

  /** How a page's samples are stored, where the kernel knows it. */
  #form({ bits, format, predictor, reversedBits, chunkWidth }: TiffPage, samples: number): SampleForm | undefined {
    const type =
      format === FLOAT
        ? bits === 32 && predictor === 1
          ? 'float32'
          : null
        : bits === 8
          ? format === SIGNED
            ? 'int8'
            : 'uint8'
          : bits === 16
            ? format === SIGNED
              ? 'int16'
              : 'uint16'
            : null;
    if (!type || reversedBits || predictor > 2 || !HOST_LITTLE) return undefined;
    return { type, swapped: !this.little, differences: predictor === 2, perRow: chunkWidth * samples, samples };
  }

  #keep(id: string, block: Block): void {
    this.#kept.set(id, block);
    this.#bytes += block.values.byteLength;
    for (const [oldest, { values }] of this.#kept) {
      if (this.#bytes <= KEPT || oldest === id) break;
      this.#kept.delete(oldest);
      this.#bytes -= values.byteLength;
    }
  }
}

function chunkOf(
  { width, height, chunkWidth, chunkHeight, bits, separate, tiled, offsets, counts, ...page }: TiffPage,
  number: number,
  row: number,
  column: number,
): Chunk {
  const left = column * chunkWidth;
  const top = row * chunkHeight;
  const inside = Math.min(chunkHeight, height - top);
  return {
    number,
    left,
    top,
    width: Math.min(chunkWidth, width - left),
    height: inside,
    rows: tiled ? chunkHeight : inside,
    rowBytes: Math.ceil((chunkWidth * (separate ? 1 : page.samples) * bits) / 8),
    offset: offsets[number],
    count: counts[number],
  };
}

/** Whether a window holds all of a chunk that lies in the page. */
function covers(window: PageWindow, { left, top, width, height }: Chunk): boolean {
  return (
    window.x <= left &&
    window.y <= top &&
    left + width <= window.x + window.width &&
    top + height <= window.y + window.height
  );
}

/** A chunk that was never written counts as zeros. */
function emptyBlock({ left, top, width, height }: Chunk, samples: number, window: PageWindow): Block {
  const from = Math.max(window.y, top);
  const to = Math.min(window.y + window.height, top + height);
  return { values: new Uint8Array(width * (to - from) * samples), x: left, y: from, width, height: to - from };
}

/**
 * Copies what a block and a window share. `set` converts many times faster than a loop over arrays of several types.
 */
function copyBlock(
  { values, x, y, width, height }: Block,
  window: PageWindow,
  { samples, first, take, plane }: { samples: number; first: number; take: number; plane: number },
): void {
  const { out, step } = window;
  const left = Math.max(x, window.x);
  const right = Math.min(x + width, window.x + window.width);
  const top = Math.max(y, window.y);
  const bottom = Math.min(y + height, window.y + window.height);
  if (take === samples && take === step && left === x && right - left === width && width === window.width) {
    out.set(
      values.subarray((top - y) * width * samples, (bottom - y) * width * samples),
      window.at + (top - window.y) * width * step,
    );
    return;
  }
  for (let row = top; row < bottom; row++) {
    let from = ((row - y) * width + left - x) * samples + first;
    let to = window.at + plane + ((row - window.y) * window.width + left - window.x) * step;
    const end = from + (right - left) * samples;
    if (take === samples && take === step) out.set(values.subarray(from, end), to);
    else for (; from < end; from += samples, to += step) for (let s = 0; s < take; s++) out[to + s] = values[from + s]!;
  }
}

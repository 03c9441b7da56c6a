import { InputError } from '@lacuna/core';
import { damagedFile, type ByteSource } from './byte-source.js';
import { decompress } from './tiff-codecs.js';
import type { TiffPage } from './tiff-page.js';
import { samplesOf, type Samples } from './tiff-samples.js';

/** Decoded chunks that are kept, in bytes: a strip that many regions share is decoded once. */
const KEPT = 64 << 20;
/** Bytes of one chunk that must be decoded as a whole. */
const LARGEST = 2 ** 30;

/** Chunks that are unpacked at a time. */
const AT_ONCE = 4;

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
interface Block { readonly values: Samples; readonly x: number; readonly y: number; readonly width: number; readonly height: number }

/** Reads windows of pages out of strips and tiles. */
export class ChunkReader {
  readonly #kept = new Map<string, Block>();
  #bytes = 0;

  constructor(private readonly source: ByteSource, private readonly little: boolean) {}

  /**
   * Fills `window.out` from the chunks that the window touches.
   * @param key tells pages apart.
   */
  async read(page: TiffPage, key: number, window: PageWindow): Promise<void> {
    const { chunkWidth, chunkHeight, across, down, separate } = page;
    const waiting: (() => Promise<void>)[] = [];
    const firstRow = Math.floor(window.y / chunkHeight), lastRow = Math.floor((window.y + window.height - 1) / chunkHeight);
    const firstColumn = Math.floor(window.x / chunkWidth), lastColumn = Math.floor((window.x + window.width - 1) / chunkWidth);
    for (let row = firstRow; row <= lastRow; row++) {
      for (let column = firstColumn; column <= lastColumn; column++) {
        const planes = separate ? window.take : 1;
        for (let plane = 0; plane < planes; plane++) {
          const chunk = row * across + column + (separate ? (window.first + plane) * across * down : 0);
          // Waiting costs more than copying a small strip: only what must be waited for is, several at a time, since they are unpacked in threads.
          const block = this.#block(page, key, chunk, row, column, window);
          const part = separate ? { samples: 1, first: 0, take: 1, plane } : { samples: page.samples, first: window.first, take: window.take, plane: 0 };
          if (block instanceof Promise) {
            block.catch(() => undefined);
            waiting.push(async () => copyBlock(await block, window, part));
            if (waiting.length >= AT_ONCE) await waiting.shift()!();
          } else copyBlock(block, window, part);
        }
      }
    }
    for (const finish of waiting) await finish();
  }

  #block(page: TiffPage, key: number, chunk: number, row: number, column: number, window: PageWindow): Block | Promise<Block> {
    const { width, height, chunkWidth, chunkHeight, bits, compression, tiled } = page, name = this.source.name;
    const samples = page.separate ? 1 : page.samples, top = row * chunkHeight, left = column * chunkWidth;
    const rows = tiled ? chunkHeight : Math.min(chunkHeight, height - top), rowBytes = Math.ceil((chunkWidth * samples * bits) / 8);
    const offset = page.offsets[chunk]!, count = page.counts[chunk]!;
    if (offset === 0 && count === 0) return this.#empty(left, top, Math.min(chunkWidth, width - left), Math.min(rows, height - top), samples, window);
    if (compression === 1) {
      // Only the rows that are wanted, and of rows that are much wider than the window only the columns.
      const from = Math.max(window.y, top), to = Math.min(window.y + window.height, top + rows);
      if (count < rowBytes * (to - top) && !(offset + rowBytes * (to - top) <= this.source.size)) throw damagedFile(name, 'TIFF', `${count} of ${rowBytes * rows} bytes of a strip or tile`);
      const x = Math.max(window.x, left), right = Math.min(window.x + window.width, left + chunkWidth);
      if (bits % 8 === 0 && (right - x) * 4 < chunkWidth && page.predictor === 1) {
        const pixel = (samples * bits) / 8, wanted = (right - x) * pixel, bytes = new Uint8Array(wanted * (to - from));
        for (let y = from; y < to; y++) bytes.set(this.source.read(offset + (y - top) * rowBytes + (x - left) * pixel, wanted), (y - from) * wanted);
        return { values: samplesOf(bytes, this.little, page, right - x, samples), x, y: from, width: right - x, height: to - from };
      }
      const bytes = this.source.read(offset + (from - top) * rowBytes, (to - from) * rowBytes);
      return { values: samplesOf(bytes, this.little, page, chunkWidth, samples), x: left, y: from, width: chunkWidth, height: to - from };
    }
    const id = `${key}:${chunk}`, known = this.#kept.get(id);
    if (known) return known;
    const length = rowBytes * rows;
    if (length > LARGEST) throw new InputError({ who: name, got: `a compressed ${tiled ? 'tile' : 'strip'} of ${(length / 2 ** 30).toFixed(1)} GB`, wanted: 'at most 1 GB', remedy: 'save it with tiles or shorter strips' });
    const keep = (bytes: Uint8Array): Block => {
      const block = { values: samplesOf(bytes, this.little, page, chunkWidth, samples), x: left, y: top, width: chunkWidth, height: rows };
      this.#keep(id, block);
      return block;
    };
    const decoded = decompress(name, this.source.read(offset, count), length, page);
    return decoded instanceof Promise ? decoded.then(keep) : keep(decoded);
  }

  /** A chunk that was never written counts as zeros. */
  #empty(x: number, y: number, width: number, height: number, samples: number, window: PageWindow): Block {
    const from = Math.max(window.y, y), to = Math.min(window.y + window.height, y + height);
    return { values: new Uint8Array(width * (to - from) * samples), x, y: from, width, height: to - from };
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

/** Copies what a block and a window share. `set` converts many times faster than a loop over arrays of several types. */
function copyBlock({ values, x, y, width, height }: Block, window: PageWindow, { samples, first, take, plane }: { samples: number; first: number; take: number; plane: number }): void {
  const { out, step } = window;
  const left = Math.max(x, window.x), right = Math.min(x + width, window.x + window.width);
  const top = Math.max(y, window.y), bottom = Math.min(y + height, window.y + window.height);
  if (take === samples && take === step && left === x && right - left === width && width === window.width) {
    out.set(values.subarray((top - y) * width * samples, (bottom - y) * width * samples), window.at + (top - window.y) * width * step);
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

import { InputError } from '@lacuna/core';
import { HOST_LITTLE } from '../byte-order.js';
import { damagedFile, type ByteSource } from '../byte-source.js';
import { requireExact } from '../exact-values.js';
import { chunkAt, covers, emptyBlock, type Chunk } from './chunk.js';
import { LZW, NONE, decompress, requireExpansion } from './codecs.js';
import { ChunkMemory, type SampleForm } from './kernels/chunk-memory.js';
import { FLOAT, SIGNED, type TiffPage } from './page.js';
import { samplesOf, type Samples } from './samples.js';
import { copyBlock, type Block, type PageWindow, type Part } from './window.js';

/** Decoded chunks that are kept, in bytes: a strip that many regions share is decoded once. */
const KEPT = 64 << 20;
/** Bytes of one chunk that must be decoded as a whole. */
const LARGEST = 2 ** 30 - 2 ** 24;
/** Chunks that are unpacked at a time. */
const AT_ONCE = 4;
/** Bytes of uncompressed rows that are read at a time. */
const BAND = 1 << 20;

/** Where a chunk's values go: its page, the window of the page that is wanted, and which samples of a pixel. */
interface Task {
  readonly page: TiffPage;
  readonly chunk: Chunk;
  readonly window: PageWindow;
  readonly part: Part;
}

/** Reads windows of pages out of strips and tiles. */
export class ChunkReader {
  readonly #source: ByteSource;
  readonly #little: boolean;
  readonly #kept = new Map<string, Block>();
  #bytes = 0;

  constructor(source: ByteSource, little: boolean) {
    this.#source = source;
    this.#little = little;
  }

  /**
   * Fills `window.out` from the chunks that the window touches.
   * @param key tells pages apart.
   */
  async read(page: TiffPage, key: number, window: PageWindow): Promise<void> {
    const waiting: Promise<void>[] = [];
    for (const task of tasksOf(page, window)) {
      // Waiting costs more than copying a small strip: only what must be waited for is, several at a time, since they
      // are unpacked in threads.
      const later = this.#copy(task, `${key}:${task.chunk.number}`);
      if (!later) continue;
      later.catch(() => undefined);
      waiting.push(later);
      if (waiting.length >= AT_ONCE) await waiting.shift()!;
    }
    for (const later of waiting) await later;
  }

  #copy(task: Task, id: string): void | Promise<void> {
    const { page, chunk, window, part } = task;
    if (chunk.offset === 0 && chunk.count === 0)
      return copyBlock(emptyBlock(chunk, part.samples, window), window, part);
    if (page.compression === NONE) return this.#copyPlain(task);
    const known = this.#kept.get(id);
    if (known) return copyBlock(known, window, part);
    const length = chunk.rowBytes * chunk.rows;
    this.#requireBounds(task, length);
    if (page.compression === LZW) {
      const memory = new ChunkMemory(chunk.count, length, true);
      this.#source.readInto(chunk.offset, memory.target);
      const got = memory.lzw();
      if (got !== length) throw damagedFile(this.#source.name, 'TIFF', `${got} of ${length} bytes of a strip or tile`);
      return this.#copyMemory(task, id, memory);
    }
    const stored = this.#source.read(chunk.offset, chunk.count);
    const bytes = decompress(this.#source.name, stored, length, page);
    if (bytes instanceof Promise) return bytes.then((unpacked) => this.#copyBytes(task, id, unpacked));
    this.#copyBytes(task, id, bytes);
  }

  #requireBounds({ page, chunk: { count } }: Task, length: number): void {
    if (length > LARGEST || count > LARGEST)
      throw new InputError({
        who: this.#source.name,
        got: `a compressed ${page.tiled ? 'tile' : 'strip'} of ${(Math.max(length, count) / 2 ** 30).toFixed(1)} GB`,
        wanted: 'at most 1 GB',
        remedy: 'save it with tiles or shorter strips',
      });
    requireExpansion(this.#source.name, count, length);
  }

  /** Copies what was unpacked beside the kernel's memory, and keeps it where other windows may want of it. */
  #copyBytes(task: Task, id: string, bytes: Uint8Array): void {
    const form = this.#form(task.page, task.part.samples);
    if (!form || (!form.swapped && !form.differences)) {
      this.#copySamples(task, id, this.#samplesOf(bytes, task.page, task.part.samples));
      return;
    }
    const memory = new ChunkMemory(bytes.length, bytes.length, false);
    memory.target.set(bytes);
    this.#copyMemory(task, id, memory);
  }

  /** The same of what lies in the kernel's memory, good until the next chunk is put there. */
  #copyMemory(task: Task, id: string, memory: ChunkMemory): void {
    const { page, chunk, window, part } = task;
    const form = this.#form(page, part.samples);
    if (!form) return this.#copySamples(task, id, this.#samplesOf(memory.bytes.slice(), page, part.samples));
    memory.restore(form);
    const whole = isWhole(task);
    if (whole && part.take === window.step) return copyRows(memory, form, task, chunk.top, chunk.height);
    const values = memory.view(form.type);
    this.#copySamples(task, id, whole ? values : values.slice());
  }

  #copySamples(task: Task, id: string, values: Samples): void {
    const { page, chunk, window, part } = task;
    const block = { values, x: chunk.left, y: chunk.top, width: page.chunkWidth, height: chunk.rows };
    if (!isWhole(task)) this.#keep(id, block);
    copyBlock(block, window, part);
  }

  #samplesOf(bytes: Uint8Array, page: TiffPage, samples: number, across = page.chunkWidth): Samples {
    const { name } = this.#source;
    const values = samplesOf(name, bytes, { ...page, little: this.#little }, across, samples);
    requireExact(name, values);
    return values;
  }

  /** Only the rows that are wanted, and of rows that are much wider than the window only the columns. */
  #copyPlain(task: Task): void {
    const { page, chunk, window, part } = task;
    const { left, top, rows, rowBytes } = chunk;
    const from = Math.max(window.y, top);
    const to = Math.min(window.y + window.height, top + rows);
    const wanted = rowBytes * (to - top);
    if (chunk.count < wanted && !(chunk.offset + wanted <= this.#source.size))
      throw damagedFile(this.#source.name, 'TIFF', `${chunk.count} of ${rowBytes * rows} bytes of a strip or tile`);
    const x = Math.max(window.x, left);
    const right = Math.min(window.x + window.width, left + page.chunkWidth);
    const narrow = (right - x) * 4 < page.chunkWidth;
    if (narrow && page.bits % 8 === 0 && page.predictor === 1) {
      const values = this.#samplesOf(this.#columns(task, { x, right, from, to }), page, part.samples, right - x);
      return copyBlock({ values, x, y: from, width: right - x, height: to - from }, window, part);
    }
    const together = part.take === part.samples && part.take === window.step;
    const form = together ? this.#form(page, part.samples) : undefined;
    if (!form) {
      const bytes = this.#source.read(chunk.offset + (from - top) * rowBytes, (to - from) * rowBytes);
      const values = this.#samplesOf(bytes, page, part.samples);
      return copyBlock({ values, x: left, y: from, width: page.chunkWidth, height: to - from }, window, part);
    }
    const band = Math.max(1, Math.floor(BAND / rowBytes));
    for (let y = from; y < to; y += band) {
      const height = Math.min(band, to - y);
      const memory = new ChunkMemory(height * rowBytes, height * rowBytes, false);
      this.#source.readInto(chunk.offset + (y - top) * rowBytes, memory.target);
      memory.restore(form);
      copyRows(memory, form, task, y, height);
    }
  }

  /** The bytes of some columns of rows `from` to `to`, row by row. */
  #columns({ page, chunk, part }: Task, box: { x: number; right: number; from: number; to: number }): Uint8Array {
    const pixel = (part.samples * page.bits) / 8;
    const wanted = (box.right - box.x) * pixel;
    const bytes = new Uint8Array(wanted * (box.to - box.from));
    for (let y = box.from; y < box.to; y++) {
      const at = chunk.offset + (y - chunk.top) * chunk.rowBytes + (box.x - chunk.left) * pixel;
      bytes.set(this.#source.read(at, wanted), (y - box.from) * wanted);
    }
    return bytes;
  }

  /** How a page's samples are stored, where the kernel knows it. */
  #form({ bits, format, predictor, reversedBits, chunkWidth }: TiffPage, samples: number): SampleForm | undefined {
    const type = kernelType(bits, format, predictor);
    if (!type || reversedBits || predictor > 2 || !HOST_LITTLE) return undefined;
    return { type, swapped: !this.#little, differences: predictor === 2, perRow: chunkWidth * samples, samples };
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

/** The chunks that a window touches, row by row. */
function* tasksOf(page: TiffPage, window: PageWindow): Generator<Task> {
  const { chunkWidth, chunkHeight, separate, samples } = page;
  const lastRow = Math.floor((window.y + window.height - 1) / chunkHeight);
  const lastColumn = Math.floor((window.x + window.width - 1) / chunkWidth);
  for (let row = Math.floor(window.y / chunkHeight); row <= lastRow; row++) {
    for (let column = Math.floor(window.x / chunkWidth); column <= lastColumn; column++) {
      if (!separate) {
        const part = { samples, first: window.first, take: window.take, plane: 0 };
        yield { page, chunk: chunkAt(page, row, column, 0), window, part };
        continue;
      }
      for (let plane = 0; plane < window.take; plane++) {
        const part = { samples: 1, first: 0, take: 1, plane };
        yield { page, chunk: chunkAt(page, row, column, window.first + plane), window, part };
      }
    }
  }
}

/** Whether nothing of a chunk is left for another window. */
function isWhole({ chunk, window, part }: Task): boolean {
  return covers(window, chunk) && part.take === part.samples;
}

function kernelType(bits: number, format: number, predictor: number): SampleForm['type'] | null {
  if (format === FLOAT) return bits === 32 && predictor === 1 ? 'float32' : null;
  if (bits === 8) return format === SIGNED ? 'int8' : 'uint8';
  if (bits === 16) return format === SIGNED ? 'int16' : 'uint16';
  return null;
}

/** Copies `height` rows that memory holds of a chunk, the first of which is row `y` of the page, into the window. */
function copyRows(
  memory: ChunkMemory,
  { type, perRow }: SampleForm,
  { chunk: { left, width }, window, part: { samples } }: Task,
  y: number,
  height: number,
): void {
  const x = Math.max(left, window.x);
  const right = Math.min(left + width, window.x + window.width);
  memory.copyRows(
    type,
    { first: (x - left) * samples, pitch: perRow, count: (right - x) * samples, rows: height },
    {
      out: window.out,
      at: window.at + ((y - window.y) * window.width + x - window.x) * samples,
      pitch: window.width * samples,
    },
  );
}

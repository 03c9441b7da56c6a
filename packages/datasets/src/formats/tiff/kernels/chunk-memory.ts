import { Kernel, Layout, ModuleWriter } from '@lacuna/core/wasm';
import type { Samples } from '../samples.js';
import { LZW_MARGIN, LZW_SCRATCH, addLzw } from './lzw-code.js';
import { SAMPLES_MARGIN, addSamples } from './samples-code.js';

/** Addresses in bytes. */
interface TiffKernel {
  lzw(source: number, end: number, to: number, length: number, scratch: number): number;
  swap16(from: number, end: number): void;
  swap32(from: number, end: number): void;
  sum8(row: number, end: number): void;
  sum16(row: number, end: number): void;
}

let kernel: Kernel<TiffKernel> | undefined;

function tiffKernel(): Kernel<TiffKernel> {
  if (kernel) return kernel;
  const module = new ModuleWriter();
  addLzw(module);
  addSamples(module);
  return (kernel = new Kernel<TiffKernel>(module));
}

/** Samples that the kernel handles, as they are stored. */
export interface SampleForm {
  readonly type: 'uint8' | 'int8' | 'uint16' | 'int16' | 'float32';
  /** Whether the highest byte comes first. */
  readonly swapped: boolean;
  /** Whether each sample of a row is the difference from the one a pixel before. */
  readonly differences: boolean;
  /** Samples of a row, and of a pixel. */
  readonly perRow: number;
  readonly samples: number;
}

/** Rows of `count` samples that lie `pitch` apart, from `first` on. */
export interface RowsFrom {
  readonly first: number;
  readonly pitch: number;
  readonly count: number;
  readonly rows: number;
}

/** Where they go: rows that lie `pitch` apart, from `at` on. */
export interface RowsTo {
  readonly out: Float32Array;
  readonly at: number;
  readonly pitch: number;
}

const sizes = { uint8: 1, int8: 1, uint16: 2, int16: 2, float32: 4 };
const arrays = { uint8: Uint8Array, int8: Int8Array, uint16: Uint16Array, int16: Int16Array, float32: Float32Array };

/** Room that any function needs behind what it reads or writes. */
const MARGIN = Math.max(LZW_MARGIN, SAMPLES_MARGIN);

/** Bytes of a chunk in the kernel's memory: good until the next chunk is put there. */
export class ChunkMemory {
  readonly #functions: TiffKernel;
  readonly #storedLength: number;
  readonly #length: number;
  readonly #buffer: ArrayBuffer;
  readonly #stored: number;
  readonly #scratch: number;
  #bytes: number;

  /**
   * @param stored bytes of the chunk as the file has them.
   * @param length bytes of its samples; the same where nothing is compressed.
   */
  constructor(stored: number, length: number, compressed: boolean) {
    this.#storedLength = stored;
    this.#length = length;
    const layout = new Layout();
    this.#scratch = layout.take(compressed ? LZW_SCRATCH : 0);
    this.#stored = layout.take(stored + MARGIN);
    this.#bytes = compressed ? layout.take(length + MARGIN) : this.#stored;
    const { functions, buffer } = tiffKernel().reserve(layout.bytes);
    this.#functions = functions;
    this.#buffer = buffer;
  }

  /** What came out, where it lies. */
  get bytes(): Uint8Array {
    return new Uint8Array(this.#buffer, this.#bytes, this.#length);
  }

  /** Where the stored bytes go. */
  get target(): Uint8Array {
    return new Uint8Array(this.#buffer, this.#stored, this.#storedLength);
  }

  /** Undoes LZW. @returns bytes that came out. */
  lzw(): number {
    return this.#functions.lzw(
      this.#stored,
      this.#stored + this.#storedLength,
      this.#bytes,
      this.#length,
      this.#scratch,
    );
  }

  /** Undoes the order of bytes and the differences of all rows. Call it once. */
  restore({ type, swapped, differences, perRow, samples }: SampleForm): void {
    const size = sizes[type];
    const end = this.#bytes + this.#length;
    const functions = this.#functions;
    if (swapped && size === 2) functions.swap16(this.#bytes, end);
    if (swapped && size === 4) functions.swap32(this.#bytes, end);
    if (!differences) return;
    const rowBytes = perRow * size;
    if (samples === 1) {
      const sum = size === 1 ? functions.sum8 : functions.sum16;
      for (let row = this.#bytes; row + rowBytes <= end; row += rowBytes) sum(row, row + rowBytes);
      return;
    }
    const values = this.view(type);
    for (let row = 0; row + perRow <= values.length; row += perRow)
      for (let i = row + samples; i < row + perRow; i++) values[i] = values[i] + values[i - samples];
  }

  /** The samples where they lie. */
  view(type: SampleForm['type']): Samples {
    return new arrays[type](this.#buffer, this.#bytes, Math.floor(this.#length / sizes[type]));
  }

  /** Copies rows of samples as floats; `set` converts sixteen bytes at a time. */
  copyRows(type: SampleForm['type'], from: RowsFrom, to: RowsTo): void {
    const values = this.view(type);
    const { first, pitch, count, rows } = from;
    if (pitch === count && to.pitch === count) {
      to.out.set(values.subarray(first, first + count * rows), to.at);
      return;
    }
    for (let row = 0; row < rows; row++) {
      const start = first + row * pitch;
      to.out.set(values.subarray(start, start + count), to.at + row * to.pitch);
    }
  }
}

import { Kernel, Layout, ModuleWriter } from '@lacuna/core/wasm';
import type { Samples } from '../samples.js';
import {
  BROKEN,
  CHECKSUM,
  CUT,
  INFLATE_MARGIN,
  INFLATE_SCRATCH,
  addInflate,
  inflateConstants,
} from './inflate-code.js';
import { LZW_MARGIN, LZW_SCRATCH, addLzw } from './lzw-code.js';
import { SAMPLES_MARGIN, addSamples } from './samples-code.js';

/** Addresses in bytes. */
interface TiffKernel {
  inflate(source: number, end: number, to: number, length: number, scratch: number): number;
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
  addInflate(module);
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

const sizes = { uint8: 1, int8: 1, uint16: 2, int16: 2, float32: 4 };
const arrays = { uint8: Uint8Array, int8: Int8Array, uint16: Uint16Array, int16: Int16Array, float32: Float32Array };

/** Room that any function needs behind what it reads or writes. */
const MARGIN = Math.max(INFLATE_MARGIN, LZW_MARGIN, SAMPLES_MARGIN);

/** Bytes of a chunk in the kernel's memory: good until the next chunk is put there. */
export class ChunkMemory {
  readonly #functions: TiffKernel;
  readonly #buffer: ArrayBuffer;
  readonly #stored: number;
  readonly #scratch: number;
  #bytes: number;

  /**
   * @param stored bytes of the chunk as the file has them.
   * @param length bytes of its samples; the same where nothing is compressed.
   */
  constructor(
    private readonly stored: number,
    private readonly length: number,
    compressed: boolean,
  ) {
    const layout = new Layout();
    this.#scratch = layout.take(compressed ? Math.max(INFLATE_SCRATCH, LZW_SCRATCH) : 0);
    this.#stored = layout.take(stored + MARGIN);
    this.#bytes = compressed ? layout.take(length + MARGIN) : this.#stored;
    const { functions, buffer } = tiffKernel().reserve(layout.bytes);
    this.#functions = functions;
    this.#buffer = buffer;
  }

  /** What came out, where it lies. */
  get bytes(): Uint8Array {
    return new Uint8Array(this.#buffer, this.#bytes, this.length);
  }

  /** Where the stored bytes go. */
  get target(): Uint8Array {
    return new Uint8Array(this.#buffer, this.#stored, this.stored);
  }

  /** Undoes LZW. @returns bytes that came out. */
  lzw(): number {
    return this.#functions.lzw(this.#stored, this.#stored + this.stored, this.#bytes, this.length, this.#scratch);
  }

  /**
   * Undoes deflate in zlib's wrapping.
   * @returns bytes that came out, or what is wrong.
   */
  inflate(): number | string {
    new Int32Array(this.#buffer, this.#scratch).set(inflateConstants);
    const got = this.#functions.inflate(
      this.#stored,
      this.#stored + this.stored,
      this.#bytes,
      this.length,
      this.#scratch,
    );
    if (got >= 0) return got;
    return {
      [CUT]: 'the compressed data end early',
      [BROKEN]: 'compressed data that cannot be',
      [CHECKSUM]: 'a wrong checksum',
    }[got]!;
  }

  /** Undoes the order of bytes and the differences of all rows. Call it once. */
  restore({ type, swapped, differences, perRow, samples }: SampleForm): void {
    const size = sizes[type];
    const end = this.#bytes + this.length;
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
    return new arrays[type](this.#buffer, this.#bytes, Math.floor(this.length / sizes[type]));
  }

  /**
   * Copies samples as floats: rows of `count` that lie `pitch` apart, from `first` on, to rows of `out` that lie
   * `outPitch` apart. `set` converts sixteen bytes at a time.
   */
  copyRows(
    type: SampleForm['type'],
    first: number,
    pitch: number,
    count: number,
    rows: number,
    out: Float32Array,
    at: number,
    outPitch: number,
  ): void {
    const values = this.view(type);
    if (pitch === count && outPitch === count) out.set(values.subarray(first, first + count * rows), at);
    else
      for (let row = 0; row < rows; row++)
        out.set(values.subarray(first + row * pitch, first + row * pitch + count), at + row * outPitch);
  }
}

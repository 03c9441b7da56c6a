import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { makeFolder } from '@lacuna/core';
import { bytesPerSample, pixelBytes, samplesOfBytes, type SampleType } from '../pixel-bytes.js';
import { decodeZstd, encodeZstd } from '../zstd.js';

/** Which chunk of an array it is; one plane of one channel and time point deep. */
export interface ChunkPlace {
  readonly t: number;
  readonly c: number;
  readonly z: number;
  readonly row: number;
  readonly column: number;
}

/** Rows and columns of a chunk, the last ones excluded. */
export interface Shared {
  readonly left: number;
  readonly right: number;
  readonly top: number;
  readonly bottom: number;
}

/** What {@link ChunkFiles} needs to know of its array. */
export interface ChunkFilesOptions {
  /** Where the chunks lie. */
  readonly folder: string;
  /** Whether t is the first axis. */
  readonly timed: boolean;
  readonly type: SampleType;
  /** Sides of a chunk. */
  readonly high: number;
  readonly wide: number;
}

/** The chunks of an array in a folder, each a file compressed with Zstandard. */
export class ChunkFiles {
  readonly high: number;
  readonly wide: number;
  readonly #options: ChunkFilesOptions;

  constructor(options: ChunkFilesOptions) {
    this.#options = options;
    this.high = options.high;
    this.wide = options.wide;
  }

  /** Values of a chunk, [high][wide]; null where it was never written. */
  async read(place: ChunkPlace): Promise<ReturnType<typeof samplesOfBytes> | null> {
    const file = this.#fileOf(place);
    if (!existsSync(file)) return null;
    return samplesOfBytes(await this.#bytesOf(file), this.#options.type);
  }

  /**
   * Writes a chunk, [high][wide].
   * @param shared what of it is new, where it is not all: the rest stays as it is in the file.
   */
  async write(place: ChunkPlace, values: Float32Array, shared?: Shared): Promise<void> {
    const file = this.#fileOf(place);
    const bytes = pixelBytes(values, this.#options.type);
    const merged = shared && existsSync(file) ? await this.#merged(file, bytes, shared) : bytes;
    makeFolder(dirname(file));
    writeFileSync(file, await encodeZstd(merged));
  }

  #fileOf({ t, c, z, row, column }: ChunkPlace): string {
    const { folder, timed } = this.#options;
    return join(folder, ...[...(timed ? [t] : []), c, z, row, column].map(String));
  }

  #bytesOf(file: string): Promise<Uint8Array> {
    return decodeZstd(readFileSync(file), this.high * this.wide * bytesPerSample[this.#options.type]);
  }

  /** A chunk that is there, with what is new of it. */
  async #merged(file: string, bytes: Uint8Array, { left, right, top, bottom }: Shared): Promise<Uint8Array> {
    const pixel = bytesPerSample[this.#options.type];
    const before = (await this.#bytesOf(file)).slice();
    for (let line = top; line < bottom; line++) {
      const from = (line * this.wide + left) * pixel;
      before.set(bytes.subarray(from, from + (right - left) * pixel), from);
    }
    return before;
  }
}

import { existsSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { InputError, guardTemporary, makeFolder, temporaryPath, type Image, type PixelSize } from '@lacuna/core';
import { diskRefusal, requireSizes, requireSpace, requireValues, type ImageStream } from '../image-stream.js';
import { bytesPerSample, pixelBytes, type SampleType } from '../pixel-bytes.js';
import { fullRegion, type FullRegion } from '../region.js';
import { decodeZstd, encodeZstd } from '../zstd.js';
import { metadataFiles } from './written-metadata.js';

/** What {@link createZarrStream} makes. */
export interface ZarrStreamOptions {
  readonly width: number;
  readonly height: number;
  readonly depth?: number;
  /** Time points, each of `depth` planes; several of them make an axis t. */
  readonly frames?: number;
  readonly channels?: number;
  readonly type: SampleType;
  readonly pixelSize?: PixelSize | null;
  readonly name?: string;
  /** 0.5 lies on Zarr 3; 0.4, on Zarr 2, is what older readers know. */
  readonly version?: '0.4' | '0.5';
  /** What made it, written as its `_creator`. */
  readonly software?: string;
  /** What is there of that name goes when the new image is whole; by default it is an error. */
  readonly replace?: boolean;
  /** Side of a chunk in x and y; 256 by default. One plane and one channel deep. */
  readonly chunk?: number;
}

/**
 * Starts an OME-Zarr of one level (axes c, z, y, x, and t before them for several time points; chunks of one plane,
 * compressed with Zstandard) that takes its pixels by region. A region that covers a chunk in part is merged with what
 * is there; whole chunks are fastest. The folder appears under its name at the end.
 * @throws {InputError} if there is something of that name.
 * @throws {FailureError} where the disk refuses.
 */
export function createZarrStream(path: string, options: ZarrStreamOptions): ImageStream {
  return new ZarrStream(path, options);
}

/** What of a chunk a region holds. */
interface Shared {
  readonly left: number;
  readonly right: number;
  readonly top: number;
  readonly bottom: number;
}

class ZarrStream implements ImageStream {
  readonly #path: string;
  readonly #options: ZarrStreamOptions;
  readonly #shape: { name: string; width: number; height: number; depth: number; frames: number; channels: number };
  readonly #temporary: string;
  /** Ends the guard that removes the temporary folder where a signal ends the process. */
  readonly #release: () => void;
  /** Sides of a chunk. */
  readonly #high: number;
  readonly #wide: number;
  #open = true;

  constructor(path: string, options: ZarrStreamOptions) {
    const { width, height, depth = 1, frames = 1, channels = 1, chunk = 256, replace = false } = options;
    requireSizes(path, { width, height, depth, frames, channels, chunk });
    if (existsSync(path) && !replace)
      throw new InputError({
        who: path,
        got: 'a name that is taken',
        wanted: 'a new folder',
        remedy: 'remove it or choose another name',
      });
    this.#path = path;
    this.#options = options;
    this.#shape = { name: path, width, height, depth, frames, channels };
    this.#temporary = temporaryPath(path);
    this.#high = Math.min(chunk, height);
    this.#wide = Math.min(chunk, width);
    this.#release = guardTemporary(this.#temporary);
    this.#begin();
  }

  async writeRegion(region: Parameters<ImageStream['writeRegion']>[0], values: Float32Array): Promise<void> {
    const full = fullRegion(this.#shape, region);
    const { channels } = this.#shape;
    if (!this.#open)
      throw new InputError({
        who: this.#path,
        got: 'a region after the end',
        wanted: 'a folder that is still being written',
      });
    requireValues(this.#path, full, channels, values);
    const { x, y, width, height } = full;
    try {
      for (let c = 0; c < channels; c++) {
        for (let row = Math.floor(y / this.#high); row * this.#high < y + height; row++) {
          for (let column = Math.floor(x / this.#wide); column * this.#wide < x + width; column++)
            await this.#writeChunk(full, values, { c, row, column });
        }
      }
    } catch (error) {
      throw diskRefusal(this.#path, error);
    }
  }

  async finish(): Promise<void> {
    this.#open = false;
    const earlier = `${this.#temporary}.earlier`;
    try {
      if (this.#options.replace && existsSync(this.#path)) renameSync(this.#path, earlier);
      renameSync(this.#temporary, this.#path);
      this.#release();
      rmSync(earlier, { recursive: true, force: true });
    } catch (error) {
      throw diskRefusal(this.#path, error);
    }
  }

  async abandon(): Promise<void> {
    this.#open = false;
    rmSync(this.#temporary, { recursive: true, force: true });
    this.#release();
  }

  /** Makes the folder and what describes the image. */
  #begin(): void {
    const { type, pixelSize = null, version = '0.5', name = basename(this.#path), software = '' } = this.#options;
    const { width, height, depth, frames, channels } = this.#shape;
    const shape = [...(frames > 1 ? [frames] : []), channels, depth, height, width];
    const chunks = [...(frames > 1 ? [1] : []), 1, 1, this.#high, this.#wide];
    const axes = frames > 1 ? 'tczyx' : 'czyx';
    const bytes = frames * depth * channels * height * width * bytesPerSample[type];
    try {
      makeFolder(join(this.#temporary, '0'));
      requireSpace(join(this.#temporary, '0'), bytes / 8, 'an eighth of the image at the least');
      for (const [file, text] of metadataFiles({ axes, shape, chunks, type, pixelSize, version, name, software }))
        writeFileSync(join(this.#temporary, file), text);
    } catch (error) {
      rmSync(this.#temporary, { recursive: true, force: true });
      this.#release();
      throw diskRefusal(this.#path, error);
    }
  }

  #fileOf(region: FullRegion, { c, row, column }: { c: number; row: number; column: number }): string {
    const { version = '0.5' } = this.#options;
    const place = [...(this.#shape.frames > 1 ? [region.t] : []), c, region.z, row, column].map(String);
    return join(this.#temporary, '0', ...(version === '0.5' ? ['c'] : []), ...place);
  }

  async #writeChunk(
    region: FullRegion,
    values: Float32Array,
    chunk: { c: number; row: number; column: number },
  ): Promise<void> {
    const { type } = this.#options;
    const y0 = chunk.row * this.#high;
    const x0 = chunk.column * this.#wide;
    const shared = {
      left: Math.max(region.x, x0) - x0,
      right: Math.min(region.x + region.width, x0 + this.#wide) - x0,
      top: Math.max(region.y, y0) - y0,
      bottom: Math.min(region.y + region.height, y0 + this.#high) - y0,
    };
    const bytes = pixelBytes(this.#cut(region, values, { ...shared, x0, y0, c: chunk.c }), type);
    const file = this.#fileOf(region, chunk);
    const whole =
      shared.left === 0 &&
      shared.top === 0 &&
      shared.right === Math.min(this.#wide, this.#shape.width - x0) &&
      shared.bottom === Math.min(this.#high, this.#shape.height - y0);
    const merged = !whole && existsSync(file) ? await this.#merged(file, bytes, shared) : bytes;
    makeFolder(dirname(file));
    writeFileSync(file, await encodeZstd(merged));
  }

  /** One channel of what a region and a chunk share, in a chunk of zeros. */
  #cut(
    region: FullRegion,
    values: Float32Array,
    { left, right, top, bottom, x0, y0, c }: Shared & { readonly x0: number; readonly y0: number; readonly c: number },
  ): Float32Array {
    const { channels } = this.#shape;
    const block = new Float32Array(this.#high * this.#wide);
    for (let line = top; line < bottom; line++) {
      const from = (line + y0 - region.y) * region.width + x0 - region.x;
      for (let i = left; i < right; i++) block[line * this.#wide + i] = values[(from + i) * channels + c]!;
    }
    return block;
  }

  /** A chunk that is there, with what is new of it. */
  async #merged(file: string, bytes: Uint8Array, { left, right, top, bottom }: Shared): Promise<Uint8Array> {
    const pixel = bytesPerSample[this.#options.type];
    const before = (await decodeZstd(readFileSync(file), bytes.length)).slice();
    for (let line = top; line < bottom; line++) {
      const from = (line * this.#wide + left) * pixel;
      before.set(bytes.subarray(from, from + (right - left) * pixel), from);
    }
    return before;
  }
}

/** Writes an image or volume as OME-Zarr; options as in {@link createZarrStream}. */
export async function writeZarr(
  path: string,
  image: Image,
  options: Pick<ZarrStreamOptions, 'type' | 'version' | 'chunk'>,
): Promise<void> {
  const { width, height, depth, channels, pixelSize, name } = image;
  const plane = width * height * channels;
  const stream = createZarrStream(path, { width, height, depth, channels, pixelSize, name, ...options });
  try {
    for (let z = 0; z < depth; z++) await stream.writeRegion({ z }, image.data.subarray(z * plane, (z + 1) * plane));
    await stream.finish();
  } catch (error) {
    await stream.abandon();
    throw error;
  }
}

import { existsSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { InputError, guardTemporary, makeFolder, temporaryPath, type Image, type PixelSize } from '@lacuna/core';
import { diskRefusal, requireSizes, requireSpace, requireValues, type ImageStream } from '../image-stream.js';
import { bytesPerSample, type SampleType } from '../pixel-bytes.js';
import { fullRegion, type FullRegion } from '../region.js';
import { ChunkFiles, type Shared } from './chunk-files.js';
import { makeCoarserLevel, type StoredLevel } from './coarser-level.js';
import { planLevels } from './levels.js';
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
  /** Levels are added until no side of the last is longer; 256 by default. `Infinity` writes the image alone. */
  readonly smallest?: number;
}

/**
 * Starts an OME-Zarr (axes c, z, y, x, and t before them for several time points; chunks of one plane, compressed with
 * Zstandard) that takes its pixels by region. A region that covers a chunk in part is merged with what is there; whole
 * chunks are fastest. At the end the coarser levels are made, each from the chunks of the one before by means of blocks
 * (integers rounded), and the folder appears under its name.
 * @throws {InputError} if there is something of that name.
 * @throws {FailureError} where the disk refuses.
 */
export function createZarrStream(path: string, options: ZarrStreamOptions): ImageStream {
  return new ZarrStream(path, options);
}

class ZarrStream implements ImageStream {
  readonly #path: string;
  readonly #options: ZarrStreamOptions;
  readonly #shape: { name: string; width: number; height: number; depth: number; frames: number; channels: number };
  readonly #temporary: string;
  /** Ends the guard that removes the temporary folder where a signal ends the process. */
  readonly #release: () => void;
  /** The image itself, and what is made of it at the end. */
  readonly #levels: readonly [StoredLevel, ...StoredLevel[]];
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
    this.#levels = this.#planned() as [StoredLevel, ...StoredLevel[]];
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
    const { high, wide } = this.#levels[0].chunks;
    try {
      for (let c = 0; c < channels; c++) {
        for (let row = Math.floor(y / high); row * high < y + height; row++) {
          for (let column = Math.floor(x / wide); column * wide < x + width; column++)
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
      for (const [k, level] of this.#levels.entries())
        if (k > 0) await makeCoarserLevel(this.#levels[k - 1], level, this.#shape);
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

  #planned(): StoredLevel[] {
    const { type, pixelSize = null, version = '0.5', chunk = 256, smallest = 256 } = this.#options;
    return planLevels(this.#shape, pixelSize, smallest).map((level, k) => ({
      level,
      chunks: new ChunkFiles({
        folder: join(this.#temporary, String(k), version === '0.5' ? 'c' : ''),
        timed: this.#shape.frames > 1,
        type,
        high: Math.min(chunk, level.height),
        wide: Math.min(chunk, level.width),
      }),
    }));
  }

  /** Makes the folder and what describes the image. */
  #begin(): void {
    const { type, pixelSize = null, version = '0.5', name = basename(this.#path), software = '' } = this.#options;
    const { frames, channels } = this.#shape;
    const timed = frames > 1;
    const levels = this.#levels.map(({ level: { width, height, depth, span }, chunks }) => ({
      shape: [...(timed ? [frames] : []), channels, depth, height, width],
      chunks: [...(timed ? [1] : []), 1, 1, chunks.high, chunks.wide],
      span,
    }));
    const samples = levels.reduce((sum, { shape }) => sum + shape.reduce((product, size) => product * size, 1), 0);
    const axes = timed ? 'tczyx' : 'czyx';
    try {
      for (const k of levels.keys()) makeFolder(join(this.#temporary, String(k)));
      requireSpace(
        join(this.#temporary, '0'),
        (samples * bytesPerSample[type]) / 8,
        'an eighth of the image at the least',
      );
      for (const [file, text] of metadataFiles({ axes, levels, type, pixelSize, version, name, software }))
        writeFileSync(join(this.#temporary, file), text);
    } catch (error) {
      rmSync(this.#temporary, { recursive: true, force: true });
      this.#release();
      throw diskRefusal(this.#path, error);
    }
  }

  async #writeChunk(
    region: FullRegion,
    values: Float32Array,
    chunk: { c: number; row: number; column: number },
  ): Promise<void> {
    const { chunks } = this.#levels[0];
    const y0 = chunk.row * chunks.high;
    const x0 = chunk.column * chunks.wide;
    const shared = {
      left: Math.max(region.x, x0) - x0,
      right: Math.min(region.x + region.width, x0 + chunks.wide) - x0,
      top: Math.max(region.y, y0) - y0,
      bottom: Math.min(region.y + region.height, y0 + chunks.high) - y0,
    };
    const whole =
      shared.left === 0 &&
      shared.top === 0 &&
      shared.right === Math.min(chunks.wide, this.#shape.width - x0) &&
      shared.bottom === Math.min(chunks.high, this.#shape.height - y0);
    const block = this.#cut(region, values, { ...shared, x0, y0, c: chunk.c });
    await chunks.write({ t: region.t, z: region.z, ...chunk }, block, whole ? undefined : shared);
  }

  /** One channel of what a region and a chunk share, in a chunk of zeros. */
  #cut(
    region: FullRegion,
    values: Float32Array,
    { left, right, top, bottom, x0, y0, c }: Shared & { readonly x0: number; readonly y0: number; readonly c: number },
  ): Float32Array {
    const { channels } = this.#shape;
    const { high, wide } = this.#levels[0].chunks;
    const block = new Float32Array(high * wide);
    for (let line = top; line < bottom; line++) {
      const from = (line + y0 - region.y) * region.width + x0 - region.x;
      for (let i = left; i < right; i++) block[line * wide + i] = values[(from + i) * channels + c];
    }
    return block;
  }
}

/** Writes an image or volume as OME-Zarr; options as in {@link createZarrStream}. */
export async function writeZarr(
  path: string,
  image: Image,
  options: Pick<ZarrStreamOptions, 'type' | 'version' | 'chunk' | 'smallest'>,
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

import { closeSync, fsyncSync, ftruncateSync, openSync, renameSync, rmSync, writeSync } from 'node:fs';
import { basename, dirname } from 'node:path';
import { promisify } from 'node:util';
import { deflate } from 'node:zlib';
import { InputError, formatBytes, guardTemporary, makeFolder, temporaryPath, type PixelSize } from '@lacuna/core';
import { diskRefusal, requireSizes, requireSpace, requireValues, type ImageStream } from '../image-stream.js';
import { omeDescription } from '../ome-write.js';
import { pixelBytes, type SampleType } from '../pixel-bytes.js';
import { fullRegion, type FullRegion } from '../region.js';
import { chunkGrid, storedBytes, type ChunkGrid } from './chunk-grid.js';
import { imagejDescription } from './imagej-write.js';
import { directoryBytes, encodeDirectory, pageTags, type PageTags } from './tags.js';

const compress = promisify(deflate);

/** What {@link createTiffStream} makes. */
export interface TiffStreamOptions {
  readonly width: number;
  readonly height: number;
  readonly depth?: number;
  /** Time points, each of `depth` planes. */
  readonly frames?: number;
  readonly channels?: number;
  readonly type: SampleType;
  readonly pixelSize?: PixelSize | null;
  /** `ome`, OME-XML, for names that end in .ome.tif or .ome.tiff, else `imagej`. */
  readonly metadata?: 'imagej' | 'ome';
  readonly name?: string;
  /** Shown range, for ImageJ. */
  readonly dataRange?: readonly [number, number];
  /** Strips by default; tiles of 256 suit viewers of large planes. */
  readonly layout?: 'strips' | 'tiles';
  /** `deflate` takes tiles, and regions that are whole tiles; `none` by default. */
  readonly compression?: 'none' | 'deflate';
  /** Channels together in each pixel, by default, or each on pages of its own. */
  readonly channelLayout?: 'interleaved' | 'pages';
  /** The program that writes, for its tag; ASCII. */
  readonly software?: string;
  /** 64-bit offsets: by default where 32 bits are too few. */
  readonly bigTiff?: boolean;
}

/** Room for the header of either kind, so that the choice can wait until all sizes are known. */
const HEADER = 16;

/**
 * Starts a TIFF that takes its pixels by region, so that a volume need not fit into memory: one page a plane (and
 * channel, where asked), time point after time point, directories at the end; BigTIFF where it grows beyond 4 GB. The
 * file appears under its name when {@link ImageStream.finish} is through.
 * @throws {FailureError} where the disk refuses or has less room than the pixels need.
 */
export function createTiffStream(path: string, options: TiffStreamOptions): ImageStream {
  return new TiffStream(path, options);
}

/** Columns and rows of a page that a region and a chunk share. */
interface Shared {
  readonly x: number;
  readonly right: number;
  readonly y: number;
  readonly bottom: number;
}

class TiffStream implements ImageStream {
  readonly #path: string;
  readonly #options: TiffStreamOptions;
  readonly #shape: { name: string; width: number; height: number; depth: number; frames: number; channels: number };
  /** Channels that a page holds, and pages that a plane takes. */
  readonly #onPage: number;
  readonly #perPlane: number;
  readonly #pages: number;
  readonly #grid: ChunkGrid;
  readonly #compressed: boolean;
  readonly #offsets: Float64Array[];
  readonly #counts: Float64Array[];
  readonly #temporary: string;
  /** Ends the guard that removes the temporary file where a signal ends the process. */
  readonly #release: () => void;
  readonly #file: number;
  #end: number;
  #open = true;

  constructor(path: string, options: TiffStreamOptions) {
    const { width, height, depth = 1, frames = 1, channels = 1, type } = options;
    requireSizes(path, { width, height, depth, frames, channels });
    this.#path = path;
    this.#options = options;
    this.#shape = { name: path, width, height, depth, frames, channels };
    this.#compressed = options.compression === 'deflate';
    this.#onPage = options.channelLayout === 'pages' ? 1 : channels;
    this.#perPlane = channels / this.#onPage;
    this.#pages = frames * depth * this.#perPlane;
    const tiled = this.#compressed || options.layout === 'tiles';
    this.#grid = chunkGrid({ width, height }, this.#onPage, type, tiled);
    this.#end = this.#compressed ? HEADER : HEADER + this.#pages * this.#grid.pageBytes;
    this.#temporary = temporaryPath(path);
    this.#file = this.#guarded(() => {
      makeFolder(dirname(path));
      const bytes = HEADER + this.#pages * this.#grid.pageBytes;
      if (!this.#compressed) requireSpace(path, bytes, `${formatBytes(bytes)} for the image`);
      return openSync(this.#temporary, 'wx');
    });
    this.#release = guardTemporary(this.#temporary);
    const { across, down, pageBytes, chunkBytes } = this.#grid;
    const table = (value: (page: number, chunk: number) => number) =>
      Array.from({ length: this.#pages }, (_, page) =>
        Float64Array.from({ length: across * down }, (_, chunk) => (this.#compressed ? 0 : value(page, chunk))),
      );
    this.#offsets = table((page, chunk) => HEADER + page * pageBytes + chunk * chunkBytes);
    this.#counts = table((_, chunk) => storedBytes(this.#grid, chunk, height));
  }

  async writeRegion(region: Parameters<ImageStream['writeRegion']>[0], values: Float32Array): Promise<void> {
    const full = fullRegion(this.#shape, region);
    const { channels, depth } = this.#shape;
    if (!this.#open)
      throw new InputError({
        who: this.#path,
        got: 'a region after the end',
        wanted: 'a file that is still being written',
      });
    requireValues(this.#path, full, channels, values);
    const plane = full.t * depth + full.z;
    try {
      for (let c = 0; c < this.#perPlane; c++) {
        const onPage = this.#perPlane === 1 ? values : values.filter((_, i) => i % channels === c);
        await this.#writeChunks(plane * this.#perPlane + c, full, onPage);
      }
    } catch (error) {
      throw diskRefusal(this.#path, error);
    }
  }

  async finish(): Promise<void> {
    this.#guarded(() => {
      const start = Math.ceil(this.#end / 8) * 8;
      ftruncateSync(this.#file, start);
      const big = this.#writeDirectories(start);
      this.#put(headerBytes(start, big), 0);
      fsyncSync(this.#file);
      this.#close();
      renameSync(this.#temporary, this.#path);
      this.#release();
    });
  }

  async abandon(): Promise<void> {
    this.#close();
    rmSync(this.#temporary, { force: true });
    this.#release();
  }

  async #writeChunks(page: number, region: FullRegion, values: Float32Array): Promise<void> {
    const { x, y, width, height } = region;
    const { rows, chunkWidth, across } = this.#grid;
    const packed: Promise<void>[] = [];
    for (let row = Math.floor(y / rows); row * rows < y + height; row++) {
      for (let column = Math.floor(x / chunkWidth); column * chunkWidth < x + width; column++) {
        const shared = {
          x: Math.max(x, column * chunkWidth),
          right: Math.min(x + width, (column + 1) * chunkWidth),
          y: Math.max(y, row * rows),
          bottom: Math.min(y + height, (row + 1) * rows),
        };
        const bytes = this.#cut(values, region, column * chunkWidth, shared);
        const chunk = row * across + column;
        if (!this.#compressed) {
          this.#putPlain(page, chunk, shared, bytes);
          continue;
        }
        this.#requireWholeTile(region, shared);
        packed.push(compress(bytes).then((small) => this.#putPacked(page, chunk, small)));
      }
    }
    await Promise.all(packed);
  }

  /** Whether a region holds whole rows of a chunk. */
  #isWide({ x, right }: Shared): boolean {
    const { chunkWidth } = this.#grid;
    return x % chunkWidth === 0 && right === Math.min(x + chunkWidth, this.#shape.width);
  }

  /** What of a chunk a region holds, as bytes of whole chunk rows where it can; beyond the image's edge they are 0. */
  #cut(values: Float32Array, region: FullRegion, left: number, to: Shared): Uint8Array {
    const { chunkWidth, rows } = this.#grid;
    const { type } = this.#options;
    const wide = this.#isWide(to);
    const columns = wide ? chunkWidth : to.right - to.x;
    const lines = wide && this.#compressed ? rows : to.bottom - to.y;
    const row = region.width * this.#onPage;
    if (columns === region.width && to.x === region.x && lines === to.bottom - to.y)
      return pixelBytes(values.subarray((to.y - region.y) * row, (to.bottom - region.y) * row), type);
    const block = new Float32Array(columns * lines * this.#onPage);
    for (let y = to.y; y < to.bottom; y++) {
      const from = ((y - region.y) * region.width + to.x - region.x) * this.#onPage;
      const target = ((y - to.y) * columns + (wide ? to.x - left : 0)) * this.#onPage;
      block.set(values.subarray(from, from + (to.right - to.x) * this.#onPage), target);
    }
    return pixelBytes(block, type);
  }

  #putPlain(page: number, chunk: number, shared: Shared, bytes: Uint8Array): void {
    const { rows, rowBytes, chunkWidth, pixel } = this.#grid;
    const { x, right, y, bottom } = shared;
    const start = this.#offsets[page][chunk] + (y % rows) * rowBytes + (x % chunkWidth) * pixel;
    if (this.#isWide(shared)) return this.#put(bytes, start);
    const length = (right - x) * pixel;
    for (let line = 0; line < bottom - y; line++)
      this.#put(bytes.subarray(line * length, (line + 1) * length), start + line * rowBytes);
  }

  #putPacked(page: number, chunk: number, bytes: Uint8Array): void {
    this.#offsets[page][chunk] = this.#end;
    this.#counts[page][chunk] = bytes.length;
    this.#end += bytes.length + (bytes.length % 2);
    this.#put(bytes, this.#offsets[page][chunk]);
  }

  #requireWholeTile({ x, y, width, height }: FullRegion, shared: Shared): void {
    const { rows, chunkWidth } = this.#grid;
    const high = shared.y % rows === 0 && shared.bottom === Math.min(shared.y + rows, this.#shape.height);
    if (high && this.#isWide(shared)) return;
    throw new InputError({
      who: this.#path,
      got: `a region of ${width} x ${height} at ${x},${y}`,
      wanted: `whole tiles of ${chunkWidth} x ${rows} where tiles are compressed`,
    });
  }

  /** Writes the directories from `start` on. @returns whether they are those of a BigTIFF. */
  #writeDirectories(start: number): boolean {
    const tags = this.#tags();
    const description = this.#description();
    const page = (index: number, big: boolean) =>
      pageTags(index === 0 ? { ...tags, description } : tags, this.#offsets[index], this.#counts[index], big);
    const room = this.#offsets.reduce((sum, _, index) => sum + directoryBytes(page(index, false), false), 0);
    const big = this.#options.bigTiff ?? start + room > 0xffff_0000;
    let at = start;
    for (let index = 0; index < this.#pages; index++) {
      const entries = page(index, big);
      const next = at + directoryBytes(entries, big);
      this.#put(encodeDirectory(entries, at, index + 1 < this.#pages ? next : 0, big), at);
      at = next;
    }
    return big;
  }

  #tags(): PageTags {
    const { type, compression = 'none', pixelSize = null, software } = this.#options;
    const { tiled, rows, chunkWidth } = this.#grid;
    const { width, height } = this.#shape;
    return {
      width,
      height,
      channels: this.#onPage,
      type,
      compression,
      pixelSize,
      description: null,
      software,
      chunk: tiled ? { tile: chunkWidth } : { rows },
    };
  }

  #description(): string {
    const { metadata, type, channelLayout = 'interleaved', pixelSize = null, dataRange = null } = this.#options;
    const shape = { ...this.#shape, pixelSize, name: this.#options.name ?? basename(this.#path) };
    const ome = metadata ?? (/\.ome\.tiff?$/i.test(this.#path) ? 'ome' : 'imagej');
    return ome === 'ome'
      ? omeDescription(shape, type, channelLayout)
      : imagejDescription({ ...shape, dataRange }, channelLayout);
  }

  #put(bytes: Uint8Array, position: number): void {
    for (let at = 0; at < bytes.length;) at += writeSync(this.#file, bytes, at, bytes.length - at, position + at);
  }

  #close(): void {
    if (this.#open) closeSync(this.#file);
    this.#open = false;
  }

  #guarded<T>(work: () => T): T {
    try {
      return work();
    } catch (error) {
      throw diskRefusal(this.#path, error);
    }
  }
}

/** The first bytes of a file whose directories begin at `start`. */
function headerBytes(start: number, big: boolean): Buffer {
  const header = Buffer.alloc(HEADER);
  header.write('II', 0, 'ascii');
  header.writeUInt16LE(big ? 43 : 42, 2);
  if (!big) {
    header.writeUInt32LE(start, 4);
    return header;
  }
  header.writeUInt16LE(8, 4);
  header.writeBigUInt64LE(BigInt(start), 8);
  return header;
}

import { closeSync, fsyncSync, ftruncateSync, openSync, renameSync, rmSync, statfsSync, writeSync } from 'node:fs';
import { basename, dirname } from 'node:path';
import { promisify } from 'node:util';
import { deflate } from 'node:zlib';
import {
  FailureError,
  InputError,
  LacunaError,
  ShapeError,
  diskFailure,
  formatBytes,
  makeFolder,
  temporaryPath,
  type PixelSize,
} from '@lacuna/core';
import { omeDescription } from '../ome-write.js';
import { fullRegion, type FullRegion, type ImageRegion } from '../open-image.js';
import { bytesPerSample, pixelBytes, type SampleType } from '../pixel-bytes.js';
import { imagejDescription } from './write.js';
import { directoryBytes, encodeDirectory, pageTags, type PageTags } from './tags.js';

const compress = promisify(deflate);

/** What {@link createTiffStream} makes. */
export interface TiffStreamOptions {
  readonly width: number;
  readonly height: number;
  readonly depth?: number;
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

/** A TIFF that is written piece by piece. */
export interface TiffStream {
  /**
   * Writes a block of one plane, [height][width][channels] in either layout. Blocks may come in any order.
   * @throws {FailureError} where the disk refuses.
   */
  writeRegion(region: Omit<ImageRegion, 'c'>, values: Float32Array): Promise<void>;
  /** Writes the directories and gives the file its name. What was never written is 0. */
  finish(): Promise<void>;
  /** Leaves nothing behind. */
  abandon(): Promise<void>;
}

const TILE = 256;
const STRIP_BYTES = 1 << 18;
/** Room for the header of either kind, so that the choice can wait until all sizes are known. */
const HEADER = 16;

/**
 * Starts a TIFF that takes its pixels by region, so that a volume need not fit into memory: one page a plane (and
 * channel, where asked), directories at the end; BigTIFF where it grows beyond 4 GB. The file appears under its name
 * when {@link TiffStream.finish} is through.
 * @throws {FailureError} where the disk refuses or has less room than the pixels need.
 */
export function createTiffStream(path: string, options: TiffStreamOptions): TiffStream {
  const {
    width,
    height,
    depth = 1,
    channels = 1,
    type,
    pixelSize = null,
    compression = 'none',
    channelLayout = 'interleaved',
    name = basename(path),
  } = options;
  // What a page holds of the channels, and how many pages a plane takes.
  const onPage = channelLayout === 'pages' ? 1 : channels;
  const perPlane = channels / onPage;
  const pages = depth * perPlane;
  const layout = compression === 'deflate' ? 'tiles' : (options.layout ?? 'strips');
  const tiled = layout === 'tiles';
  const metadata = options.metadata ?? (/\.ome\.tiff?$/i.test(path) ? 'ome' : 'imagej');
  for (const [axis, size] of Object.entries({ width, height, depth, channels }))
    if (!Number.isInteger(size) || size < 1)
      throw new ShapeError({ who: path, got: `${axis} ${size}`, wanted: 'a whole number of at least 1' });
  const pixel = onPage * bytesPerSample[type];
  const shape = { name: path, width, height, depth, channels };
  const across = tiled ? Math.ceil(width / TILE) : 1;
  const chunkWidth = tiled ? TILE : width;
  const rows = tiled ? TILE : Math.max(1, Math.min(height, Math.floor(STRIP_BYTES / (width * pixel))));
  const down = Math.ceil(height / rows);
  const rowBytes = chunkWidth * pixel;
  const chunkBytes = rowBytes * rows;
  const pageBytes = tiled ? across * down * chunkBytes : rowBytes * height;
  guarded(path, () => {
    makeFolder(dirname(path));
    if (compression === 'none') requireSpace(path, HEADER + pages * pageBytes);
  });
  const offsets = Array.from({ length: pages }, (_, page) =>
    Float64Array.from({ length: across * down }, (_, chunk) =>
      compression === 'none' ? HEADER + page * pageBytes + chunk * chunkBytes : 0,
    ),
  );
  const counts = Array.from({ length: pages }, () =>
    Float64Array.from({ length: across * down }, (_, chunk) =>
      compression !== 'none' ? 0 : tiled ? chunkBytes : rowBytes * Math.min(rows, height - chunk * rows),
    ),
  );
  const temporary = temporaryPath(path);
  let end = compression === 'none' ? HEADER + pages * pageBytes : HEADER;
  const file = guarded(path, () => openSync(temporary, 'wx'));
  let open = true;
  const put = (bytes: Uint8Array, position: number) => {
    for (let at = 0; at < bytes.length;) at += writeSync(file, bytes, at, bytes.length - at, position + at);
  };
  const close = () => {
    if (open) closeSync(file);
    open = false;
  };

  /** Rows of one chunk that a region holds, as bytes of whole chunk rows; beyond the image's edge they are 0. */
  const cut = (
    values: Float32Array,
    region: FullRegion,
    left: number,
    to: { x: number; right: number; y: number; bottom: number },
    whole: boolean,
  ): Uint8Array => {
    const columns = whole ? chunkWidth : to.right - to.x;
    const lines = whole && compression !== 'none' ? rows : to.bottom - to.y;
    if (columns === region.width && to.x === region.x && lines === to.bottom - to.y)
      return pixelBytes(
        values.subarray((to.y - region.y) * region.width * onPage, (to.bottom - region.y) * region.width * onPage),
        type,
      );
    const block = new Float32Array(columns * lines * onPage);
    for (let y = to.y; y < to.bottom; y++) {
      const from = ((y - region.y) * region.width + to.x - region.x) * onPage;
      block.set(
        values.subarray(from, from + (to.right - to.x) * onPage),
        ((y - to.y) * columns + (whole ? to.x - left : 0)) * onPage,
      );
    }
    return pixelBytes(block, type);
  };

  const writeChunks = async (page: number, region: FullRegion, values: Float32Array): Promise<void> => {
    const { x, y, width: wide, height: high } = region;
    const packed: Promise<void>[] = [];
    for (let row = Math.floor(y / rows); row * rows < y + high; row++) {
      for (let column = Math.floor(x / chunkWidth); column * chunkWidth < x + wide; column++) {
        const left = column * chunkWidth;
        const top = row * rows;
        const chunk = row * across + column;
        const to = {
          x: Math.max(x, left),
          right: Math.min(x + wide, left + chunkWidth),
          y: Math.max(y, top),
          bottom: Math.min(y + high, top + rows),
        };
        const whole = to.x === left && to.right === Math.min(left + chunkWidth, width);
        const bytes = cut(values, region, left, to, whole);
        if (compression === 'deflate') {
          if (!whole || to.y !== top || to.bottom !== Math.min(top + rows, height))
            throw new InputError({
              who: path,
              got: `a region of ${wide} x ${high} at ${x},${y}`,
              wanted: `whole tiles of ${TILE} x ${TILE} where tiles are compressed`,
            });
          packed.push(
            compress(bytes).then((small) => {
              offsets[page][chunk] = end;
              counts[page][chunk] = small.length;
              end += small.length + (small.length % 2);
              put(small, offsets[page][chunk]);
            }),
          );
        } else {
          const start = offsets[page][chunk] + (to.y - top) * rowBytes + (to.x - left) * pixel;
          if (whole) put(bytes, start);
          else
            for (let line = 0, length = (to.right - to.x) * pixel; line < to.bottom - to.y; line++)
              put(bytes.subarray(line * length, (line + 1) * length), start + line * rowBytes);
        }
      }
    }
    await Promise.all(packed);
  };

  return {
    async writeRegion(region, values) {
      const full = fullRegion(shape, region);
      if (!open)
        throw new InputError({
          who: path,
          got: 'a region after the end',
          wanted: 'a file that is still being written',
        });
      if (values.length !== full.width * full.height * channels)
        throw new ShapeError({
          who: path,
          got: `${values.length} values`,
          wanted: `${full.width * full.height * channels} for ${full.width} x ${full.height}, ${channels} channel${channels === 1 ? '' : 's'}`,
        });
      await guardedAsync(path, async () => {
        for (let c = 0; c < perPlane; c++)
          await writeChunks(
            full.z * perPlane + c,
            full,
            perPlane === 1 ? values : values.filter((_, i) => i % channels === c),
          );
      });
    },
    async finish() {
      guarded(path, () => {
        const { dataRange = null } = options;
        const description =
          metadata === 'ome'
            ? omeDescription({ width, height, depth, channels, pixelSize, name }, type, channelLayout)
            : imagejDescription({ depth, channels, pixelSize, dataRange }, channelLayout);
        const tags: PageTags = {
          width,
          height,
          channels: onPage,
          type,
          compression,
          pixelSize,
          description: null,
          software: options.software,
          chunk: tiled ? { tile: TILE } : { rows },
        };
        const page = (index: number, wide: boolean) =>
          pageTags(index === 0 ? { ...tags, description } : tags, offsets[index], counts[index], wide);
        const start = Math.ceil(end / 8) * 8;
        const room = offsets.reduce((sum, _, index) => sum + directoryBytes(page(index, false), false), 0);
        const big = options.bigTiff ?? start + room > 0xffff_0000;
        ftruncateSync(file, start);
        let at = start;
        for (let index = 0; index < pages; index++) {
          const entries = page(index, big);
          const next = at + directoryBytes(entries, big);
          put(encodeDirectory(entries, at, index + 1 < pages ? next : 0, big), at);
          at = next;
        }
        const header = Buffer.alloc(HEADER);
        header.write('II', 0, 'ascii');
        header.writeUInt16LE(big ? 43 : 42, 2);
        if (big) {
          header.writeUInt16LE(8, 4);
          header.writeBigUInt64LE(BigInt(start), 8);
        } else header.writeUInt32LE(start, 4);
        put(header, 0);
        fsyncSync(file);
        close();
        renameSync(temporary, path);
      });
    },
    async abandon() {
      close();
      rmSync(temporary, { force: true });
    },
  };
}

/** A disk that is too full is better known before the first pixel than after hours. */
function requireSpace(path: string, bytes: number): void {
  const { bavail, bsize } = statfsSync(dirname(path));
  if (bavail * bsize < bytes)
    throw new FailureError({
      who: path,
      got: `${formatBytes(bavail * bsize)} free`,
      wanted: `${formatBytes(bytes)} for the image`,
      remedy: 'free some space or choose another folder',
    });
}

function refusal(path: string, error: unknown): unknown {
  if (error instanceof LacunaError) return error;
  return diskFailure(path, error, 'an image written whole', 'free some space or choose another folder');
}

function guarded<T>(path: string, work: () => T): T {
  try {
    return work();
  } catch (error) {
    throw refusal(path, error);
  }
}

async function guardedAsync(path: string, work: () => Promise<void>): Promise<void> {
  try {
    await work();
  } catch (error) {
    throw refusal(path, error);
  }
}

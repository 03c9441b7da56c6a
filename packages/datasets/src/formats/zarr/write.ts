import { existsSync, readFileSync, renameSync, rmSync, statfsSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import {
  FailureError,
  InputError,
  ShapeError,
  diskFailure,
  formatBytes,
  makeFolder,
  temporaryPath,
  type Image,
  type PixelSize,
} from '@lacuna/core';
import { fullRegion, type ImageRegion } from '../open-image.js';
import { bytesPerSample, pixelBytes, type SampleType } from '../pixel-bytes.js';
import type { TiffStream } from '../tiff/stream.js';
import { decodeZstd, encodeZstd } from '../zstd.js';

/** What {@link createZarrStream} makes. */
export interface ZarrStreamOptions {
  readonly width: number;
  readonly height: number;
  readonly depth?: number;
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

const units = { nm: 'nanometer', um: 'micrometer', mm: 'millimeter' } as const;
const v2Types: Record<SampleType, string> = { uint8: '|u1', uint16: '<u2', int16: '<i2', float32: '<f4' };

/**
 * Starts an OME-Zarr of one level (axes c, z, y, x; chunks of one plane, compressed with Zstandard) that takes its
 * pixels by region. A region that covers a chunk in part is merged with what is there; whole chunks are fastest. The
 * folder appears under its name at the end.
 * @throws {InputError} if there is something of that name.
 * @throws {FailureError} where the disk refuses.
 */
export function createZarrStream(path: string, options: ZarrStreamOptions): TiffStream {
  const {
    width,
    height,
    depth = 1,
    channels = 1,
    type,
    pixelSize = null,
    version = '0.5',
    chunk = 256,
    name = basename(path),
    software = '',
    replace = false,
  } = options;
  for (const [axis, size] of Object.entries({ width, height, depth, channels, chunk }))
    if (!Number.isInteger(size) || size < 1)
      throw new ShapeError({ who: path, got: `${axis} ${size}`, wanted: 'a whole number of at least 1' });
  if (existsSync(path) && !replace)
    throw new InputError({
      who: path,
      got: 'a name that is taken',
      wanted: 'a new folder',
      remedy: 'remove it or choose another name',
    });
  const shape = [channels, depth, height, width];
  const chunks = [1, 1, Math.min(chunk, height), Math.min(chunk, width)] as const;
  const [, , high, wide] = chunks;
  const temporary = temporaryPath(path);
  const length = high * wide * bytesPerSample[type];
  const guarded = async <T>(work: () => Promise<T> | T): Promise<T> => {
    try {
      return await work();
    } catch (error) {
      throw refusal(path, error);
    }
  };
  let open = true;
  const fileOf = (c: number, z: number, row: number, column: number) =>
    join(temporary, '0', ...(version === '0.5' ? ['c'] : []), `${c}`, `${z}`, `${row}`, `${column}`);
  const writeChunk = async (file: string, bytes: Uint8Array) => {
    makeFolder(dirname(file));
    writeFileSync(file, await encodeZstd(bytes));
  };
  try {
    makeFolder(join(temporary, '0'));
    const { bavail, bsize } = statfsSync(temporary);
    if (bavail * bsize < (depth * channels * height * width * bytesPerSample[type]) / 8)
      throw new FailureError({
        who: path,
        got: `${formatBytes(bavail * bsize)} free`,
        wanted: 'an eighth of the image at the least',
        remedy: 'free some space or choose another folder',
      });
    for (const [file, text] of metadataFiles({ shape, chunks, type, pixelSize, version, name, software }))
      writeFileSync(join(temporary, file), text);
  } catch (error) {
    rmSync(temporary, { recursive: true, force: true });
    throw refusal(path, error);
  }
  return {
    async writeRegion(region: Omit<ImageRegion, 'c'>, values) {
      const {
        x,
        y,
        z,
        width: across,
        height: down,
      } = fullRegion({ name: path, width, height, depth, channels }, region);
      if (!open)
        throw new InputError({
          who: path,
          got: 'a region after the end',
          wanted: 'a folder that is still being written',
        });
      if (values.length !== across * down * channels)
        throw new ShapeError({
          who: path,
          got: `${values.length} values`,
          wanted: `${across * down * channels} for ${across} x ${down}, ${channels} channel${channels === 1 ? '' : 's'}`,
        });
      await guarded(async () => {
        for (let c = 0; c < channels; c++) {
          for (let row = Math.floor(y / high); row * high < y + down; row++) {
            for (let column = Math.floor(x / wide); column * wide < x + across; column++) {
              const left = Math.max(x, column * wide);
              const right = Math.min(x + across, (column + 1) * wide);
              const top = Math.max(y, row * high);
              const bottom = Math.min(y + down, (row + 1) * high);
              const file = fileOf(c, z, row, column);
              const whole =
                left === column * wide &&
                top === row * high &&
                right === Math.min(width, (column + 1) * wide) &&
                bottom === Math.min(height, (row + 1) * high);
              const block = new Float32Array(high * wide);
              for (let line = top; line < bottom; line++)
                for (let i = left; i < right; i++)
                  block[(line - row * high) * wide + i - column * wide] =
                    values[((line - y) * across + i - x) * channels + c]!;
              const bytes = pixelBytes(block, type);
              if (!whole && existsSync(file)) {
                const before = (await decodeZstd(readFileSync(file), length)).slice();
                const pixel = bytesPerSample[type];
                for (let line = top; line < bottom; line++) {
                  const from = ((line - row * high) * wide + left - column * wide) * pixel;
                  before.set(bytes.subarray(from, from + (right - left) * pixel), from);
                }
                await writeChunk(file, before);
              } else await writeChunk(file, bytes);
            }
          }
        }
      });
    },
    async finish() {
      open = false;
      await guarded(() => {
        const earlier = `${temporary}.earlier`;
        if (replace && existsSync(path)) renameSync(path, earlier);
        renameSync(temporary, path);
        rmSync(earlier, { recursive: true, force: true });
      });
    },
    async abandon() {
      open = false;
      rmSync(temporary, { recursive: true, force: true });
    },
  };
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

interface Described {
  readonly shape: readonly number[];
  readonly chunks: readonly number[];
  readonly type: SampleType;
  readonly pixelSize: PixelSize | null;
  readonly version: '0.4' | '0.5';
  readonly name: string;
  readonly software: string;
}

/** The JSON files beside the chunks: one group with one array, its axes and pixel size. */
function metadataFiles({ shape, chunks, type, pixelSize, version, name, software }: Described): [string, string][] {
  const space = (axis: 'x' | 'y' | 'z') => ({
    name: axis,
    type: 'space',
    ...(pixelSize?.[axis] === undefined ? {} : { unit: units[pixelSize.unit] }),
  });
  const scale = [1, pixelSize?.z ?? 1, pixelSize?.y ?? 1, pixelSize?.x ?? 1];
  const multiscales = [
    {
      ...(version === '0.4' ? { version } : {}),
      name,
      axes: [{ name: 'c', type: 'channel' }, space('z'), space('y'), space('x')],
      datasets: [{ path: '0', coordinateTransformations: [{ type: 'scale', scale }] }],
    },
  ];
  const creator = software === '' ? {} : { _creator: { name: software } };
  const json = (value: unknown) => `${JSON.stringify(value, null, 1)}\n`;
  if (version === '0.4') {
    return [
      ['.zgroup', json({ zarr_format: 2 })],
      ['.zattrs', json({ multiscales, ...creator })],
      [
        '0/.zarray',
        json({
          zarr_format: 2,
          shape,
          chunks,
          dtype: v2Types[type],
          compressor: { id: 'zstd', level: 1 },
          fill_value: 0,
          order: 'C',
          filters: null,
          dimension_separator: '/',
        }),
      ],
    ];
  }
  const codecs = [
    bytesPerSample[type] === 1 ? { name: 'bytes' } : { name: 'bytes', configuration: { endian: 'little' } },
    { name: 'zstd', configuration: { level: 1, checksum: false } },
  ];
  return [
    [
      'zarr.json',
      json({ zarr_format: 3, node_type: 'group', attributes: { ome: { version, multiscales, ...creator } } }),
    ],
    [
      '0/zarr.json',
      json({
        zarr_format: 3,
        node_type: 'array',
        shape,
        data_type: type,
        chunk_grid: { name: 'regular', configuration: { chunk_shape: chunks } },
        chunk_key_encoding: { name: 'default', configuration: { separator: '/' } },
        fill_value: 0,
        codecs,
        dimension_names: ['c', 'z', 'y', 'x'],
        attributes: {},
      }),
    ],
  ];
}

function refusal(path: string, error: unknown): unknown {
  return diskFailure(path, error, 'an image written whole', 'free some space or choose another folder');
}

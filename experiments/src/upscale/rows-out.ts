import { existsSync, readdirSync, rmSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { InputError, createImage, describeShape, isAlive, writerOf, type PixelSize } from '@lacuna/core';
import {
  createTiffStream,
  createZarrStream,
  writePng,
  type OpenImage,
  type SampleType,
  type ImageStream,
} from '@lacuna/datasets';
import type { SrRows } from './enlarge-image.js';

/** Where rows of a result go; under its final name it appears whole or not at all. */
export interface RowsOut extends SrRows {
  finish(): Promise<void> | void;
  abandon(): Promise<void> | void;
}

/** What {@link openRows} writes. */
export interface RowsOptions {
  readonly width: number;
  readonly height: number;
  readonly depth: number;
  readonly frames: number;
  readonly channels: number;
  readonly type: SampleType;
  readonly channelLayout: OpenImage['channelLayout'];
  readonly pixelSize: PixelSize | null;
  /** Written into the file, so that it is known again. */
  readonly software: string;
  /** Shown range. */
  readonly dataRange: readonly [number, number];
}

/** A TIFF, an OME-TIFF, an OME-Zarr or a PNG, by its name. */
export function openRows(path: string, options: RowsOptions): RowsOut {
  if (/\.png$/i.test(path)) return pngOut(path, options);
  if (/\.zarr$/i.test(path)) return rowsOf(createZarrStream(path, { ...options, name: basename(path), replace: true }));
  const { width, height, depth, frames, channels, type } = options;
  const bytes = width * height * depth * frames * channels * bytesOf[type];
  return rowsOf(
    createTiffStream(path, {
      ...options,
      name: basename(path),
      // ImageJ's own description holds for files below 4 GB.
      metadata: /\.ome\.tiff?$/i.test(path) || bytes > 0xf000_0000 ? 'ome' : 'imagej',
    }),
  );
}

function rowsOf(stream: ImageStream): RowsOut {
  return {
    writeRows: ({ t, z }, y, height, values) => stream.writeRegion({ t, z, y, height }, values),
    finish: () => stream.finish(),
    abandon: () => stream.abandon(),
  };
}

const bytesOf: Record<SampleType, number> = { uint8: 1, uint16: 2, int16: 2, float32: 4 };

/** PNG is written whole: it has no place for rows in turn. */
function pngOut(path: string, { width, height, depth, frames, channels, type }: RowsOptions): RowsOut {
  if (depth !== 1 || frames !== 1 || (channels !== 1 && channels !== 3) || (type !== 'uint8' && type !== 'uint16')) {
    throw new InputError({
      who: path,
      got: `${describeShape({ width, height, depth: depth * frames, channels })}, ${type}`,
      wanted: 'one plane of 1 or 3 channels, 8 or 16 bits',
      remedy: 'write a TIFF: end the name in .tif',
    });
  }
  const data = new Float32Array(width * height * channels);
  return {
    writeRows: (_, y, __, values) => data.set(values, y * width * channels),
    finish: () =>
      writePng(
        path,
        createImage({
          data,
          width,
          height,
          channels,
          dataRange: [0, type === 'uint8' ? 255 : 65535],
          name: basename(path),
        }),
        { bits: type === 'uint8' ? 8 : 16 },
      ),
    abandon: () => undefined,
  };
}

/** Removes what killed processes left beside an output. */
export function clearRemains(output: string): void {
  const folder = dirname(output);
  if (!existsSync(folder)) return;
  for (const name of readdirSync(folder)) {
    const writer = name.startsWith(`${basename(output)}.`) ? writerOf(name) : null;
    if (writer !== null && !isAlive(writer)) rmSync(join(folder, name), { recursive: true, force: true });
  }
}

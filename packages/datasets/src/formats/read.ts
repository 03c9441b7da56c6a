import { statSync } from 'node:fs';
import type { Image } from '@lacuna/core';
import { requireKind } from './file-kind.js';
import { oneFrame } from './frames.js';
import type { OpenImage, OpenOptions } from './open-image.js';
import { openRaster } from './raster.js';
import { readWhole } from './read-whole.js';
import { openTiff } from './tiff/open-file.js';
import { folderSize } from './zarr/folder-store.js';
import { openZarr } from './zarr/open-folder.js';

/**
 * Opens a TIFF, OME-Zarr, PNG or JPEG to read it by region: a stack larger than memory needs no more than its regions
 * and 64 MB of decoded chunks. PNG and JPEG are decoded as a whole.
 * @throws {InputError} for a file that is missing, damaged, of another kind, or not what its name says.
 */
export async function openImage(path: string, { time, onNote }: OpenOptions = {}): Promise<OpenImage> {
  const image = await openAny(path);
  for (const note of image.notes) onNote?.(`${image.name}: ${note}`);
  if (time === undefined) return image;
  try {
    return oneFrame(image, time);
  } catch (error) {
    await image.close();
    throw error;
  }
}

async function openAny(path: string): Promise<OpenImage> {
  const kind = requireKind(path);
  if (kind === 'tiff') return openTiff(path);
  return kind === 'zarr' ? openZarr(path) : openRaster(path, kind);
}

/**
 * Reads an image of one time point with its data range and, where the file says it, its pixel size.
 * @throws {InputError} as {@link openImage}, and for several time points without a choice.
 */
export async function readImage(path: string, options: OpenOptions = {}): Promise<Image> {
  const image = await openImage(path, options);
  try {
    return await readWhole(oneFrame(image), bytesOf(path));
  } finally {
    await image.close();
  }
}

/**
 * Reads every time point of an image, each as an image of its own; of several the names end in `[0]`, `[1]`, ...
 * @throws {InputError} as {@link openImage}.
 */
export async function readFrames(path: string, options: OpenOptions = {}): Promise<Image[]> {
  const image = await openImage(path, options);
  try {
    const frames: Image[] = [];
    for (let t = 0; t < image.frames; t++) {
      const frame = await readWhole(image, bytesOf(path), t);
      frames.push(image.frames === 1 ? frame : { ...frame, name: `${frame.name}[${t}]` });
    }
    return frames;
  } finally {
    await image.close();
  }
}

function bytesOf(path: string): number {
  const stat = statSync(path);
  return stat.isDirectory() ? folderSize(path) : stat.size;
}

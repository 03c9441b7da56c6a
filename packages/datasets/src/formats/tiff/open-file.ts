import type { Image } from '@lacuna/core';
import { openBytes } from '../file-bytes.js';
import { oneFrame } from '../frames.js';
import type { OpenImage, OpenOptions } from '../open-image.js';
import { readWhole } from '../read-whole.js';
import { openTiffBytes } from './open.js';

/**
 * Reads a TIFF as one image or volume. Kinds, channels and pixel size as in {@link openTiff}.
 * @throws {InputError} also for several time points without a choice.
 */
export async function readTiff(path: string, options: OpenOptions = {}): Promise<Image> {
  const source = openBytes(path);
  const image = await openTiffBytes(source, options);
  try {
    return await readWhole(oneFrame(image), source.size);
  } finally {
    await image.close();
  }
}

/** {@link openTiffBytes} of a file. */
export function openTiff(path: string, options: OpenOptions = {}): Promise<OpenImage> {
  return openTiffBytes(openBytes(path), options);
}

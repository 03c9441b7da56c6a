import { statfsSync } from 'node:fs';
import { dirname } from 'node:path';
import { FailureError, LacunaError, ShapeError, diskFailure, formatBytes } from '@lacuna/core';
import type { ImageRegion } from './open-image.js';

/** An image file that is written piece by piece. */
export interface ImageStream {
  /**
   * Writes a block of one plane, [height][width][channels] in either layout. Blocks may come in any order.
   * @throws {FailureError} where the disk refuses.
   */
  writeRegion(region: Omit<ImageRegion, 'c'>, values: Float32Array): Promise<void>;
  /** Gives the file its name. What was never written is 0. */
  finish(): Promise<void>;
  /** Leaves nothing behind. */
  abandon(): Promise<void>;
}

/** @throws {ShapeError} for sizes that are no whole numbers from 1. */
export function requireSizes(path: string, sizes: Readonly<Record<string, number>>): void {
  for (const [axis, size] of Object.entries(sizes)) {
    if (!Number.isInteger(size) || size < 1)
      throw new ShapeError({ who: path, got: `${axis} ${size}`, wanted: 'a whole number of at least 1' });
  }
}

/** @throws {ShapeError} for values that are not those of a region. */
export function requireValues(
  path: string,
  { width, height }: { readonly width: number; readonly height: number },
  channels: number,
  values: Float32Array,
): void {
  const count = width * height * channels;
  if (values.length !== count)
    throw new ShapeError({
      who: path,
      got: `${values.length} values`,
      wanted: `${count} for ${width} x ${height}, ${channels} channel${channels === 1 ? '' : 's'}`,
    });
}

/**
 * A disk that is too full is better known before the first pixel than after hours.
 * @throws {FailureError} with what is free.
 */
export function requireSpace(path: string, bytes: number, wanted: string): void {
  const { bavail, bsize } = statfsSync(dirname(path));
  if (bavail * bsize < bytes)
    throw new FailureError({
      who: path,
      got: `${formatBytes(bavail * bsize)} free`,
      wanted,
      remedy: 'free some space or choose another folder',
    });
}

/** What a disk said, as one error of ours. */
export function diskRefusal(path: string, error: unknown): unknown {
  if (error instanceof LacunaError) return error;
  return diskFailure(path, error, 'an image written whole', 'free some space or choose another folder');
}

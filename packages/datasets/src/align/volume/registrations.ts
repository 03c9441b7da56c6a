import { createHash } from 'node:crypto';
import type { Image } from '@lacuna/core';
import type { VolumeAlignment } from './estimate-volume.js';

/** Where a caller keeps what registration found, so that equal volumes are not registered again. */
export interface RegistrationStore {
  /** What was kept under a key; null where nothing was. */
  read(key: string): VolumeAlignment | null;
  keep(key: string, found: VolumeAlignment): void;
}

/** A pair of volumes, and whether the shift is fitted or the pair is measured as it lies. */
export interface RegisteredPair {
  readonly lr: Image;
  readonly hr: Image;
  readonly fit: boolean;
}

/**
 * How a pair of volumes lies: as it was found before of the very same voxels, or by `estimate`. Nothing is kept of a
 * pair without a place to compare, since that is refused with its reason each time.
 */
export function findOnce(
  pair: RegisteredPair,
  estimate: () => VolumeAlignment,
  store: RegistrationStore | undefined,
): VolumeAlignment {
  if (store === undefined) return estimate();
  const key = keyOf(pair);
  const kept = store.read(key);
  if (kept !== null) return kept;
  const found = estimate();
  if (found.places > 0) store.keep(key, found);
  return found;
}

/** SHA-256 over sizes and intensities, hexadecimal: names and pixel sizes decide nothing. */
function keyOf({ lr, hr, fit }: RegisteredPair): string {
  const hash = createHash('sha256').update(fit ? 'fitted\n' : 'as it lies\n');
  for (const { data, width, height, depth } of [lr, hr]) {
    hash.update(`${width} ${height} ${depth}\n`);
    hash.update(new Uint8Array(data.buffer, data.byteOffset, data.byteLength));
  }
  return hash.digest('hex');
}

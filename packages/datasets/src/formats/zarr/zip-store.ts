import { InputError } from '@lacuna/core';
import { damagedFile } from '../byte-source.js';
import { storeRoot } from './store-root.js';
import { mapStore, type ZarrStore } from './store.js';

/** Bytes of all files of a zip at most: they are held in memory. */
const LARGEST = 2 ** 31;

/**
 * A zip as a store, unpacked in memory. The store may begin in a folder of the zip, whose name is then its own; else it
 * has the zip's without `.zip`.
 * @throws {InputError} for a damaged zip, one of more than 2 GB when unpacked, and one without a Zarr store.
 */
export async function zipStore(name: string, zip: Uint8Array): Promise<ZarrStore> {
  const files = await unpacked(name, zip);
  const root = storeRoot(name, 'a zip', Object.keys(files));
  const entries = Object.entries(files).filter(([path]) => path.startsWith(root));
  const own = root.split('/').at(-2) ?? name.replace(/\.zip$/i, '');
  return mapStore(own, new Map(entries.map(([path, bytes]) => [path.slice(root.length), bytes])));
}

async function unpacked(who: string, zip: Uint8Array): Promise<Record<string, Uint8Array>> {
  const { unzipSync } = await import('fflate');
  let total = 0;
  try {
    return unzipSync(zip, {
      filter({ name, originalSize }) {
        // macOS puts what its file system knows of each file beside it.
        if (name.endsWith('/') || name.startsWith('__MACOSX/')) return false;
        total += originalSize;
        if (total > LARGEST) throw tooLarge(who);
        return true;
      },
    });
  } catch (error) {
    if (error instanceof InputError) throw error;
    throw damagedFile(who, 'zip', error instanceof Error ? error.message : String(error), error);
  }
}

const tooLarge = (who: string): InputError =>
  new InputError({
    who,
    got: 'a zip that unpacks to more than 2 GB',
    wanted: 'what a page can hold in memory',
    remedy: 'unpack it, and give the folder: its chunks are read one by one',
  });

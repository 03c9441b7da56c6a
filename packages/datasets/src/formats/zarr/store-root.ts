import { InputError } from '@lacuna/core';
import { zarrMarks } from './store.js';

/**
 * The folder in which a Zarr store begins, the outermost that holds its metadata: '' or a path that ends in '/'.
 * @param got what holds the paths: "a folder", "a zip".
 * @throws {InputError} where none begins, or several beside one another.
 */
export function storeRoot(who: string, got: string, paths: Iterable<string>): string {
  const found = new Set<string>();
  for (const path of paths) {
    const cut = path.lastIndexOf('/') + 1;
    if (zarrMarks.includes(path.slice(cut))) found.add(path.slice(0, cut));
  }
  const depthOf = (root: string): number => root.split('/').length;
  const least = Math.min(...[...found].map(depthOf));
  const roots = [...found].filter((root) => depthOf(root) === least).sort();
  if (roots.length === 1) return roots[0];
  const names = roots.slice(0, 3).map((root) => root.slice(0, -1));
  throw new InputError({
    who,
    got: roots.length === 0 ? `${got} that holds no OME-Zarr` : `${got} of ${roots.length}: ${names.join(', ')}`,
    wanted: 'one image: an OME-Zarr, or a single file (a TIFF, also a stack or OME-TIFF, a PNG, a JPEG)',
    remedy: roots.length === 0 ? 'take an image out of it, and give that' : 'give one of them by itself',
  });
}

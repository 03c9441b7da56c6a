import { existsSync, statSync } from 'node:fs';
import { basename } from 'node:path';
import { InputError, nearestName } from '@lacuna/core';
import { isZarrStore, listImages } from '@lacuna/datasets';

/** Two files that are compared. */
export interface ImagePair {
  /** The reference's file name. */
  readonly name: string;
  readonly reference: string;
  readonly estimate: string;
  /** The time point, where the files have several. */
  readonly frame?: number;
}

/**
 * The pairs that two paths mean: two files, or the images of two folders with equal names (what follows the first part
 * of the name that says the format, `.tif`, `.ome.tif`, `.png`, does not count).
 * @throws {InputError} for a path that is not there, a file beside a folder, an image without a partner, a name that
 * is there twice.
 */
export function pairImages(reference: string, estimate: string): ImagePair[] {
  const kinds = [reference, estimate].map(kindOf);
  if (kinds[0] !== kinds[1]) {
    throw new InputError({
      who: 'iqa',
      got: `a ${kinds[0]} (${reference}) and a ${kinds[1]} (${estimate})`,
      wanted: 'two files or two folders',
    });
  }
  if (kinds[0] === 'file') return [{ name: basename(reference), reference, estimate }];
  const references = byStem(reference);
  const estimates = byStem(estimate);
  refuseLonely(estimate, references, estimates);
  refuseLonely(reference, estimates, references);
  return [...references].map(([stem, path]) => ({
    name: basename(path),
    reference: path,
    estimate: estimates.get(stem)!,
  }));
}

function kindOf(path: string): 'file' | 'folder' {
  if (!existsSync(path))
    throw new InputError({ who: path, got: 'no such file or folder', wanted: 'an image or a folder of images' });
  return statSync(path).isDirectory() && !isZarrStore(path) ? 'folder' : 'file';
}

/** The name of an image without what says its format. */
export function stemOf(path: string): string {
  return basename(path).replace(/(\.ome)?\.[^.]+$/i, '');
}

function byStem(folder: string): Map<string, string> {
  const found = new Map<string, string>();
  for (const path of listImages(folder)) {
    const stem = stemOf(path);
    const other = found.get(stem);
    if (other !== undefined)
      throw new InputError({
        who: folder,
        got: `both ${basename(other)} and ${basename(path)}`,
        wanted: 'one image of a name',
        remedy: 'move one of them elsewhere',
      });
    found.set(stem, path);
  }
  return found;
}

function refuseLonely(folder: string, wanted: ReadonlyMap<string, string>, present: ReadonlyMap<string, string>): void {
  const missing = [...wanted.keys()].filter((stem) => !present.has(stem));
  if (missing.length === 0) return;
  const shown = missing.slice(0, 3).join(', ') + (missing.length > 3 ? ` and ${missing.length - 3} more` : '');
  const near = nearestName(missing[0], present.keys());
  throw new InputError({
    who: folder,
    got: `no image named ${shown}`,
    wanted: 'an image of the same name for each in the other folder',
    ...(near === undefined ? {} : { remedy: `the nearest name is ${near}` }),
  });
}

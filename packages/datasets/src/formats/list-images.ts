import { readdirSync, statSync } from 'node:fs';
import { basename, join } from 'node:path';
import { InputError, nearestName } from '@lacuna/core';
import { foreignExtension, imageExtension, isZarrStore, readFormats } from './file-kind.js';

/**
 * Image files of a folder, in natural order of their names; a Zarr store is one image.
 * @throws {InputError} if the folder is missing or holds none.
 */
export function listImages(folder: string): string[] {
  let names: string[];
  try {
    if (isZarrStore(folder)) return [folder];
    if (!statSync(folder).isDirectory())
      throw new InputError({ who: folder, got: 'a file', wanted: 'a folder of images' });
    // Without what systems leave behind: ._scan.tif of macOS, .DS_Store.
    names = readdirSync(folder)
      .filter((name) => !name.startsWith('.'))
      .sort(byNaturalName);
  } catch (error) {
    if (error instanceof InputError) throw error;
    const { code } = error as NodeJS.ErrnoException;
    const got = code === 'ENOENT' ? 'no such folder' : `a folder that may not be read (${code})`;
    const near = code === 'ENOENT' ? nearFolder(folder) : {};
    throw new InputError({ who: folder, got, wanted: `a folder of ${readFormats} images`, ...near }, { cause: error });
  }
  const images = names.filter(imageExtension);
  if (images.length > 0) return images.map((name) => join(folder, name));
  const convertible = names.find(foreignExtension);
  throw new InputError({
    who: folder,
    got: names.length === 0 ? 'an empty folder' : `${names.length} files, none of them an image`,
    wanted: `at least one ${readFormats}`,
    remedy: convertible
      ? `convert ${convertible} and the like: bfconvert in.czi out.ome.tiff`
      : 'name the folder that holds the images: lacuna init FOLDER looks into it and into the folders in it',
  });
}

/**
 * Names as people count: numbers within them by their value (z2 before z10), all else letter by letter. The same order
 * in every spelling: é may be one letter, or e and an accent. Names that differ in leading zeros alone go by these.
 */
export function byNaturalName(one: string, other: string): number {
  const [a, b] = [one.normalize('NFC'), other.normalize('NFC')];
  const [these, those] = [a.match(RUNS) ?? [], b.match(RUNS) ?? []];
  for (let i = 0; i < Math.min(these.length, those.length); i++) {
    const order = compareRuns(these[i], those[i]);
    if (order !== 0) return order;
  }
  return these.length - those.length || compareTexts(a, b);
}

/** Numbers, and every other sign by itself. */
const RUNS = /\d+|\D/g;

function compareRuns(one: string, other: string): number {
  const areNumbers = /\d/.test(one) && /\d/.test(other);
  if (!areNumbers) return compareTexts(one, other);
  const [a, b] = [one.replace(/^0+/, ''), other.replace(/^0+/, '')];
  return a.length - b.length || compareTexts(a, b);
}

function compareTexts(one: string, other: string): number {
  if (one === other) return 0;
  return one < other ? -1 : 1;
}

function nearFolder(folder: string): { remedy: string } | Record<string, never> {
  try {
    const near = nearestName(basename(folder), readdirSync(join(folder, '..')));
    return near ? { remedy: `did you mean ${near}?` } : {};
  } catch {
    return {};
  }
}

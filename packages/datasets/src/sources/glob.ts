import { readdirSync } from 'node:fs';
import { basename, join, sep } from 'node:path';
import picomatch from 'picomatch';
import { InputError } from '@lacuna/core';
import { imageExtension } from '../formats/file-kind.js';
import { byNaturalName } from '../formats/list-images.js';

/** Folders that are gone into at most. */
const DEEPEST = 32;

/** Whether a path holds wildcards. */
export function isGlob(path: string): boolean {
  return /[*?]/.test(path);
}

/**
 * Tells whether a path fits a pattern: `*` is any characters within a folder, `?` one of them, `**` any number of
 * folders; upper and lower case are alike.
 */
function fits(pattern: string): (path: string) => boolean {
  // Every other sign stands for itself, as in names such as "scan (2)+.tif".
  return picomatch(pattern.replace(/[()[\]{}!+@|^$]/g, '\\$&'), { nocase: true });
}

/**
 * Those of some paths whose file name fits a pattern.
 * @throws {InputError} where none does.
 */
export function namedLike(paths: readonly string[], pattern: string | undefined, who: string): string[] {
  if (pattern === undefined) return [...paths];
  const fit = fits(pattern);
  const found = paths.filter((path) => fit(basename(path)));
  if (found.length === 0)
    throw new InputError({
      who,
      got: `no image named like ${pattern} among ${paths.length}`,
      wanted: 'at least one',
      remedy: `the first is ${basename(paths[0])}`,
    });
  return found;
}

/**
 * Image files (OME-Zarr folders among them) whose paths fit a pattern with `*`, `?` and `**`, in natural order.
 * @returns paths, and the fixed folder that the pattern starts with.
 * @throws {InputError} where nothing fits.
 */
export function globImages(pattern: string): { folder: string; paths: string[] } {
  const parts = pattern.split(sep).join('/').split('/');
  const first = parts.findIndex(isGlob);
  const folder = parts.slice(0, first).join('/') || (pattern.startsWith('/') ? '/' : '.');
  const rest = parts.slice(first).join('/');
  const fit = fits(rest);
  let found: string[];
  try {
    found = imagesBelow(folder, rest.includes('**') ? DEEPEST : rest.split('/').length).filter(fit);
  } catch (error) {
    throw new InputError(
      {
        who: pattern,
        got: `${folder}: ${(error as NodeJS.ErrnoException).code ?? (error as Error).message}`,
        wanted: 'a folder that can be read',
      },
      { cause: error },
    );
  }
  if (found.length === 0)
    throw new InputError({
      who: pattern,
      got: `no image below ${folder} that fits`,
      wanted: 'at least one TIFF, OME-Zarr, PNG or JPEG',
      remedy: '* and ? stay within a folder, ** goes through folders',
    });
  return { folder, paths: found.sort(byNaturalName).map((path) => join(folder, path)) };
}

/** Images below a folder, by their path from there; a folder that is an image is not gone into. */
function imagesBelow(folder: string, deepest: number): string[] {
  const found: string[] = [];
  const walk = (below: string, depth: number) => {
    for (const entry of readdirSync(join(folder, below), { withFileTypes: true })) {
      // What systems leave behind: ._scan.tif of macOS, .thumbnails.
      if (entry.name.startsWith('.')) continue;
      const path = below ? `${below}/${entry.name}` : entry.name;
      if (imageExtension(entry.name)) found.push(path);
      else if (entry.isDirectory() && depth < deepest) walk(path, depth + 1);
    }
  };
  walk('', 1);
  return found;
}

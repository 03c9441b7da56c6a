import { readdirSync } from 'node:fs';
import { join, sep } from 'node:path';
import { InputError } from '@lacuna/core';
import { imageExtension } from '../formats/read.js';

/** Whether a path holds wildcards. */
export function isGlob(path: string): boolean {
  return /[*?]/.test(path);
}

/**
 * A rule for names: `*` is any characters but a separator, `?` one of them, `**` between separators any number of
 * folders.
 */
function ruleOf(pattern: string): RegExp {
  const text = pattern
    .split('/')
    .map((part) =>
      part === '**'
        ? '**'
        : part
            .replace(/[.+^${}()|[\]\\]/g, '\\$&')
            .replaceAll('*', '[^/]*')
            .replaceAll('?', '[^/]'),
    )
    .join('/');
  return new RegExp(`^${text.replaceAll('**/', '(?:[^/]+/)*').replaceAll('/**', '(?:/[^/]+)*')}$`, 'i');
}

/**
 * Image files (OME-Zarr folders among them) whose paths fit a pattern with `*`, `?` and `**`, sorted.
 * @returns paths, and the fixed folder that the pattern starts with.
 * @throws {InputError} where nothing fits.
 */
export function globImages(pattern: string): { folder: string; paths: string[] } {
  const parts = pattern.split(sep).join('/').split('/');
  const first = parts.findIndex(isGlob);
  const folder = parts.slice(0, first).join('/') || (pattern.startsWith('/') ? '/' : '.');
  const rest = parts.slice(first).join('/');
  const rule = ruleOf(rest);
  const deepest = rest.includes('**') ? 32 : rest.split('/').length;
  const found: string[] = [];
  const walk = (below: string, depth: number) => {
    for (const entry of readdirSync(join(folder, below), { withFileTypes: true })) {
      // What systems leave behind: ._scan.tif of macOS, .thumbnails.
      if (entry.name.startsWith('.')) continue;
      const path = below ? `${below}/${entry.name}` : entry.name;
      if (imageExtension(entry.name) && rule.test(path)) found.push(path);
      else if (entry.isDirectory() && depth < deepest && !imageExtension(entry.name)) walk(path, depth + 1);
    }
  };
  try {
    walk('', 1);
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
  return { folder, paths: found.sort().map((path) => join(folder, path)) };
}

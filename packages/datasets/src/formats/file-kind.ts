import { closeSync, existsSync, openSync, readSync, statSync, type Stats } from 'node:fs';
import { basename, extname, join } from 'node:path';
import { InputError } from '@lacuna/core';
import { zarrMarks } from './zarr/store.js';

/** What a file is, by its first bytes; a folder that is a Zarr store. */
export type FileKind = 'tiff' | 'png' | 'jpeg' | 'zarr';

/** Formats of microscopes that need a converter first. */
const foreign: Record<string, string> = {
  '.czi': 'Zeiss',
  '.lif': 'Leica',
  '.nd2': 'Nikon',
  '.oib': 'Olympus',
  '.oif': 'Olympus',
  '.lsm': 'Zeiss',
};
const extensions: Record<string, FileKind> = {
  '.tif': 'tiff',
  '.tiff': 'tiff',
  '.png': 'png',
  '.jpg': 'jpeg',
  '.jpeg': 'jpeg',
  '.zarr': 'zarr',
};
const newExtensions: Record<FileKind, string> = { tiff: 'tif', png: 'png', jpeg: 'jpg', zarr: 'zarr' };
/** The formats that are read, for messages. */
export const readFormats = 'TIFF, OME-Zarr, PNG or JPEG';

/** Whether a name ends as images do. Names that begin with a dot are none: systems put such files beside others. */
export function imageExtension(name: string): boolean {
  return !name.startsWith('.') && extensions[extname(name).toLowerCase()] !== undefined;
}

/** Whether a name ends as those of a format that must be converted first. */
export function foreignExtension(name: string): boolean {
  return foreign[extname(name).toLowerCase()] !== undefined;
}

/** Whether a path is a folder that holds a Zarr store: an image, not a folder of images. */
export function isZarrStore(path: string): boolean {
  if (!statOf(path)?.isDirectory()) return false;
  return zarrMarks.some((mark) => existsSync(join(path, mark)));
}

/** The kind of a file by its magic bytes; undefined for anything else. */
export function sniffKind(bytes: Uint8Array): Exclude<FileKind, 'zarr'> | undefined {
  const [a, b, c, d] = bytes;
  const little = a === 0x49 && b === 0x49 && (c === 42 || c === 43) && d === 0;
  const big = a === 0x4d && b === 0x4d && c === 0 && (d === 42 || d === 43);
  if (little || big) return 'tiff';
  if (a === 0x89 && b === 0x50 && c === 0x4e && d === 0x47) return 'png';
  return a === 0xff && b === 0xd8 && c === 0xff ? 'jpeg' : undefined;
}

/**
 * The kind of the image at a path.
 * @throws {InputError} for what is missing, of another kind, or not what its name says.
 */
export function requireKind(path: string): FileKind {
  if (isZarrStore(path)) return 'zarr';
  const stat = statOf(path);
  if (stat?.isDirectory())
    throw new InputError({
      who: path,
      got: 'a folder that is no OME-Zarr',
      wanted: 'an image',
      remedy: 'name a file in it, or use the folder as a source of data',
    });
  // Opening a pipe would wait for somebody who writes to it.
  if (stat && !stat.isFile())
    throw new InputError({
      who: path,
      got: stat.isFIFO() ? 'a pipe' : 'a device or a socket',
      wanted: 'a file, which can be read at any place',
      remedy: 'write the image to a file first',
    });
  const kind = sniffKind(firstBytes(path));
  const extension = extname(path).toLowerCase();
  const named = extensions[extension];
  const maker = foreign[extension];
  if (maker)
    throw new InputError({
      who: path,
      got: `a ${maker} file (${extension})`,
      wanted: readFormats,
      remedy: `convert it: bfconvert "${basename(path)}" "${basename(path, extension)}.ome.tiff"`,
    });
  if (!kind)
    throw new InputError({
      who: path,
      got: named ? `bytes that are no ${named.toUpperCase()}, whatever the name says` : 'an unknown format',
      wanted: readFormats,
    });
  if (named && named !== kind)
    throw new InputError({
      who: path,
      got: `a ${kind.toUpperCase()} file named ${extension}`,
      wanted: `a file that is what its name says`,
      remedy: `rename it to .${newExtensions[kind]}`,
    });
  return kind;
}

/** Undefined for what is not there or lies behind a circle of links: opening it says why. */
function statOf(path: string): Stats | undefined {
  try {
    return statSync(path);
  } catch {
    return undefined;
  }
}

function firstBytes(path: string): Uint8Array {
  const head = new Uint8Array(8);
  try {
    const file = openSync(path, 'r');
    try {
      readSync(file, head, 0, 8, 0);
    } finally {
      closeSync(file);
    }
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code;
    throw new InputError(
      { who: path, got: code === 'ENOENT' ? 'no such file' : String(code), wanted: 'an image file that can be read' },
      { cause: error },
    );
  }
  return head;
}

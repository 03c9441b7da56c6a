import { closeSync, existsSync, openSync, readSync, readdirSync, statSync } from 'node:fs';
import { basename, extname, join } from 'node:path';
import { InputError, nearestName, type Image } from '@lacuna/core';
import { depthAxis, type OpenImage, type OpenOptions } from './open-image.js';
import { openRaster } from './raster.js';
import { openTiff, readWhole } from './tiff/open.js';
import { openZarr } from './zarr/open.js';
import { folderStore } from './zarr/store.js';

/** What a file is, by its first bytes. */
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
const wanted = 'TIFF, OME-Zarr, PNG or JPEG';

/** Whether a name ends as images do. */
export function imageExtension(name: string): boolean {
  return extensions[extname(name).toLowerCase()] !== undefined;
}

/** The kind of a file by its magic bytes; undefined for anything else. */
export function sniffKind(bytes: Uint8Array): FileKind | undefined {
  const [a, b, c, d] = bytes;
  const little = a === 0x49 && b === 0x49 && (c === 42 || c === 43) && d === 0;
  const big = a === 0x4d && b === 0x4d && c === 0 && (d === 42 || d === 43);
  if (little || big) return 'tiff';
  if (a === 0x89 && b === 0x50 && c === 0x4e && d === 0x47) return 'png';
  return a === 0xff && b === 0xd8 && c === 0xff ? 'jpeg' : undefined;
}

/**
 * Reads a TIFF, OME-Zarr, PNG or JPEG with its data range and, where the file says it, its pixel size.
 * @throws {InputError} for a file that is missing, truncated, of another kind, or not what its name says.
 */
export async function readImage(path: string, options: OpenOptions = {}): Promise<Image> {
  const image = await openImage(path, options);
  try {
    return await readWhole(image, statSync(path).isDirectory() ? folderStore(path).size() : statSync(path).size);
  } finally {
    await image.close();
  }
}

/**
 * Opens a TIFF, OME-Zarr, PNG or JPEG to read it by region: a stack larger than memory needs no more than its regions
 * and 64 MB of decoded chunks. PNG and JPEG are decoded as a whole.
 * @throws {InputError} for a file that is missing, damaged, of another kind, or not what its name says.
 */
export async function openImage(path: string, options: OpenOptions = {}): Promise<OpenImage> {
  const kind = requireKind(path);
  if (kind === 'tiff') return openTiff(path, options);
  if (kind === 'zarr') return openZarr(path, options);
  depthAxis(path, { Z: 1, T: 1 }, options.time);
  return openRaster(path, kind);
}

/** Files at the root of a Zarr folder. */
const zarrMarks = ['zarr.json', '.zattrs', '.zgroup', '.zarray'];

function requireKind(path: string): FileKind {
  if (statSync(path, { throwIfNoEntry: false })?.isDirectory()) {
    if (zarrMarks.some((mark) => existsSync(join(path, mark)))) return 'zarr';
    throw new InputError({
      who: path,
      got: 'a folder that is no OME-Zarr',
      wanted: 'an image',
      remedy: 'name a file in it, or use the folder as a source of data',
    });
  }
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
  const extension = extname(path).toLowerCase();
  const kind = sniffKind(head);
  const maker = foreign[extension];
  if (maker)
    throw new InputError({
      who: path,
      got: `a ${maker} file (${extension})`,
      wanted: wanted,
      remedy: `convert it: bfconvert "${basename(path)}" "${basename(path, extension)}.ome.tiff"`,
    });
  if (!kind)
    throw new InputError({
      who: path,
      got: extensions[extension]
        ? `bytes that are no ${extensions[extension].toUpperCase()}, whatever the name says`
        : 'an unknown format',
      wanted: wanted,
    });
  const named = extensions[extension];
  if (named && named !== kind)
    throw new InputError({
      who: path,
      got: `a ${kind.toUpperCase()} file named ${extension}`,
      wanted: `a file that is what its name says`,
      remedy: `rename it to .${kind === 'jpeg' ? 'jpg' : kind === 'tiff' ? 'tif' : 'png'}`,
    });
  return kind;
}

/**
 * Image files of a folder, sorted by name.
 * @throws {InputError} if the folder is missing or holds none.
 */
export function listImages(folder: string): string[] {
  let names: string[];
  try {
    if (!statSync(folder).isDirectory())
      throw new InputError({ who: folder, got: 'a file', wanted: 'a folder of images' });
    // Without what systems leave behind: ._scan.tif of macOS, .DS_Store.
    names = readdirSync(folder)
      .filter((name) => !name.startsWith('.'))
      .sort();
  } catch (error) {
    if (error instanceof InputError) throw error;
    const isMissing = (error as NodeJS.ErrnoException).code === 'ENOENT';
    throw new InputError(
      {
        who: folder,
        got: isMissing ? 'no such folder' : `a folder that may not be read (${(error as NodeJS.ErrnoException).code})`,
        wanted: `a folder of ${wanted} images`,
        ...(isMissing ? nearFolder(folder) : {}),
      },
      { cause: error },
    );
  }
  const images = names.filter((name) => extensions[extname(name).toLowerCase()] !== undefined);
  if (images.length === 0) {
    const convertible = names.find((name) => foreign[extname(name).toLowerCase()]);
    throw new InputError({
      who: folder,
      got: names.length === 0 ? 'an empty folder' : `${names.length} files, none of them an image`,
      wanted: `at least one ${wanted}`,
      ...(convertible ? { remedy: `convert ${convertible} and the like: bfconvert in.czi out.ome.tiff` } : {}),
    });
  }
  return images.map((name) => join(folder, name));
}

function nearFolder(folder: string): { remedy: string } | Record<string, never> {
  try {
    const near = nearestName(basename(folder), readdirSync(join(folder, '..')));
    return near ? { remedy: `did you mean ${near}?` } : {};
  } catch {
    return {};
  }
}

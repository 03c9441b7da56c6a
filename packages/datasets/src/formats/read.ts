import { closeSync, openSync, readSync, readdirSync, statSync } from 'node:fs';
import { basename, extname, join } from 'node:path';
import sharp from 'sharp';
import { InputError, createImage, nearestName, type Image } from '@lacuna/core';
import { readTiff } from './tiff.js';

/** What a file is, by its first bytes. */
export type FileKind = 'tiff' | 'png' | 'jpeg';

/** Formats of microscopes that need a converter first. */
const foreign: Record<string, string> = { '.czi': 'Zeiss', '.lif': 'Leica', '.nd2': 'Nikon', '.oib': 'Olympus', '.oif': 'Olympus', '.lsm': 'Zeiss' };
const extensions: Record<string, FileKind> = { '.tif': 'tiff', '.tiff': 'tiff', '.png': 'png', '.jpg': 'jpeg', '.jpeg': 'jpeg' };

/** The kind of a file by its magic bytes; undefined for anything else. */
export function sniffKind(bytes: Uint8Array): FileKind | undefined {
  const [a, b, c, d] = bytes;
  const little = a === 0x49 && b === 0x49 && (c === 42 || c === 43) && d === 0, big = a === 0x4d && b === 0x4d && c === 0 && (d === 42 || d === 43);
  if (little || big) return 'tiff';
  if (a === 0x89 && b === 0x50 && c === 0x4e && d === 0x47) return 'png';
  return a === 0xff && b === 0xd8 && c === 0xff ? 'jpeg' : undefined;
}

/**
 * Reads a TIFF, PNG or JPEG with its data range and, where the file says it, its pixel size.
 * @throws {InputError} for a file that is missing, truncated, of another kind, or not what its name says.
 */
export async function readImage(path: string): Promise<Image> {
  const kind = requireKind(path);
  try {
    return kind === 'tiff' ? await readTiff(path) : await readRaster(path);
  } catch (error) {
    if (error instanceof InputError) throw error;
    const reason = error instanceof Error ? error.message.split('\n')[0]! : String(error);
    throw new InputError({ who: path, got: `a damaged or truncated ${kind.toUpperCase()} (${reason})`, wanted: 'a whole image', remedy: 'export or copy it again' }, { cause: error });
  }
}

function requireKind(path: string): FileKind {
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
    throw new InputError({ who: path, got: code === 'ENOENT' ? 'no such file' : String(code), wanted: 'an image file that can be read' }, { cause: error });
  }
  const extension = extname(path).toLowerCase();
  const kind = sniffKind(head);
  const maker = foreign[extension];
  if (maker) throw new InputError({ who: path, got: `a ${maker} file (${extension})`, wanted: 'TIFF, PNG or JPEG', remedy: `convert it: bfconvert "${basename(path)}" "${basename(path, extension)}.ome.tiff"` });
  if (!kind) throw new InputError({ who: path, got: extensions[extension] ? `bytes that are no ${extensions[extension]!.toUpperCase()}, whatever the name says` : 'an unknown format', wanted: 'TIFF, PNG or JPEG' });
  const named = extensions[extension];
  if (named && named !== kind) throw new InputError({ who: path, got: `a ${kind.toUpperCase()} file named ${extension}`, wanted: `a file that is what its name says`, remedy: `rename it to .${kind === 'jpeg' ? 'jpg' : kind === 'tiff' ? 'tif' : 'png'}` });
  return kind;
}

async function readRaster(path: string): Promise<Image> {
  const { depth, channels = 1, hasAlpha = false } = await sharp(path).metadata();
  const wide = depth === 'ushort', grey = channels - (hasAlpha ? 1 : 0) === 1;
  // Without a colour space sharp turns grey into three channels and 16 bits into 8. Alpha is no measurement.
  const pixels = sharp(path, { failOn: 'truncated' }).removeAlpha().toColourspace(wide ? (grey ? 'grey16' : 'rgb16') : grey ? 'b-w' : 'srgb').raw({ depth: wide ? 'ushort' : 'uchar' });
  const { data, info } = await pixels.toBuffer({ resolveWithObject: true });
  const values = wide ? new Uint16Array(data.buffer, data.byteOffset, data.length / 2) : data;
  return createImage({ data: Float32Array.from(values), width: info.width, height: info.height, channels: info.channels, dataRange: [0, wide ? 65535 : 255], name: basename(path) });
}

/**
 * Image files of a folder, sorted by name.
 * @throws {InputError} if the folder is missing or holds none.
 */
export function listImages(folder: string): string[] {
  let names: string[];
  try {
    if (!statSync(folder).isDirectory()) throw new InputError({ who: folder, got: 'a file', wanted: 'a folder of images' });
    names = readdirSync(folder).sort();
  } catch (error) {
    if (error instanceof InputError) throw error;
    throw new InputError({ who: folder, got: 'no such folder', wanted: 'a folder of TIFF, PNG or JPEG images', ...nearFolder(folder) }, { cause: error });
  }
  const images = names.filter((name) => extensions[extname(name).toLowerCase()] !== undefined);
  if (images.length === 0) {
    const convertible = names.find((name) => foreign[extname(name).toLowerCase()]);
    throw new InputError({
      who: folder, got: names.length === 0 ? 'an empty folder' : `${names.length} files, none of them an image`, wanted: 'at least one TIFF, PNG or JPEG',
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

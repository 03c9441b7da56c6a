import { existsSync, readdirSync, statSync } from 'node:fs';
import { join, relative, sep } from 'node:path';
import { InputError, contentDigest, type PixelSize } from '@lacuna/core';
import { isZarrStore, listImages, openImage, type OpenImage } from '@lacuna/datasets';
import { digestCache } from '../sweep/plan/identity.js';

/** What the header of one of the user's images says. */
export interface FoundImage {
  readonly path: string;
  /** From the folder that was named. */
  readonly name: string;
  readonly width: number;
  readonly height: number;
  readonly depth: number;
  readonly frames: number;
  readonly channels: number;
  readonly dtype: OpenImage['dtype'];
  readonly bits: number;
  readonly dataRange: readonly [number, number] | null;
  readonly pixelSize: PixelSize | null;
  readonly notes: readonly string[];
}

/** An image with the content of one before it. */
interface Duplicate extends LeftOut {
  readonly image: FoundImage;
}

/** A file that cannot be used, and why. */
interface LeftOut {
  readonly path: string;
  readonly reason: string;
}

/** The images of a folder, by the folder that they lie in. */
export interface ImageGroup {
  readonly folder: string;
  readonly images: readonly FoundImage[];
}

/** All images below a folder whose headers can be read, and what is left out. */
export interface FoundImages {
  readonly groups: readonly ImageGroup[];
  readonly unreadable: readonly LeftOut[];
  readonly duplicates: readonly Duplicate[];
}

/**
 * Opens the headers of all images of a folder; of one that holds folders alone, those of each of them. Of files with
 * the same content the first by name stays.
 * @throws {InputError} for a folder without an image that can be read.
 */
export async function findImages(folders: readonly string[]): Promise<FoundImages> {
  const [first] = folders;
  const listed = folders.length > 1 ? folders.map((folder) => filesOf(folder)) : foldersBelow(first);
  const unreadable: LeftOut[] = [];
  const duplicates: Duplicate[] = [];
  const contents = new Map<string, string>();
  const groups: ImageGroup[] = [];
  for (const { folder, paths } of listed) {
    const images: FoundImage[] = [];
    for (const path of paths) {
      const name = relative(folders.length > 1 ? folder : first, path)
        .split(sep)
        .join('/');
      try {
        const image = await readHeader(path, name || path);
        const content = contentDigest(path, digestCache());
        const same = contents.get(content);
        if (same === undefined) {
          contents.set(content, name);
          images.push(image);
        } else duplicates.push({ path, reason: `the same as ${same}`, image });
      } catch (error) {
        if (!(error instanceof InputError)) throw error;
        unreadable.push({ path, reason: `${error.parts.got}, wanted ${error.parts.wanted}` });
      }
    }
    if (images.length > 0) groups.push({ folder, images });
  }
  if (groups.length > 0) return { groups, unreadable, duplicates };
  const [{ path, reason }] = unreadable;
  throw new InputError({
    who: first,
    got: `${unreadable.length} images, none of which can be read; ${path}: ${reason}`,
    wanted: 'at least one TIFF, OME-Zarr, PNG or JPEG that can be read',
    remedy: `look at one of them: lacuna data show ${path}`,
  });
}

interface Listed {
  readonly folder: string;
  readonly paths: readonly string[];
}

const filesOf = (folder: string): Listed => ({ folder, paths: listImages(folder) });

/** The folder itself where it holds images, else every folder in it that does. */
function foldersBelow(folder: string): Listed[] {
  if (!existsSync(folder) || !statSync(folder).isDirectory() || isZarrStore(folder)) return [filesOf(folder)];
  const below = readdirSync(folder, { withFileTypes: true })
    .filter((entry) => entry.isDirectory() && !entry.name.startsWith('.'))
    .map(({ name }) => join(folder, name))
    .filter((path) => !isZarrStore(path))
    .sort();
  try {
    return [filesOf(folder)];
  } catch (error) {
    const inside = below.flatMap((path) => listedOrNone(path));
    if (inside.length === 0) throw error;
    return inside;
  }
}

function listedOrNone(folder: string): Listed[] {
  try {
    return [filesOf(folder)];
  } catch (error) {
    if (error instanceof InputError) return [];
    throw error;
  }
}

async function readHeader(path: string, name: string): Promise<FoundImage> {
  const image = await openImage(path);
  try {
    const { width, height, depth, frames, channels, dtype, bits, dataRange, pixelSize, notes } = image;
    return { path, name, width, height, depth, frames, channels, dtype, bits, dataRange, pixelSize, notes };
  } finally {
    await image.close();
  }
}

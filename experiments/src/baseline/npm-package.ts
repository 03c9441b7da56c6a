import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { gunzipSync } from 'node:zlib';
import { FailureError, cacheFolder, makeFolder, writeFileAtomic } from '@lacuna/core';

/** A published package, pinned. */
export interface PinnedPackage {
  readonly name: string;
  readonly version: string;
  /** SHA-512 of the archive, Base64, as lock files have it. */
  readonly sha512: string;
}

/** Where packages are looked for. */
export interface PackagePlaces {
  /** A folder that holds archives in place of downloads, DIR/pretrained/NAME-VERSION.tgz; $LACUNA_DATA by default. */
  readonly mirror?: string | undefined;
  readonly cache?: string | undefined;
}

/** `@scope/name` 1.0.0 is `scope-name-1.0.0.tgz`, as npm pack names it. */
export const archiveName = ({ name, version }: PinnedPackage): string =>
  `${name.replace(/^@/, '').replace('/', '-')}-${version}.tgz`;

/** The verified archive where it lies on this machine; null where it does not. */
export function findPackage(
  pinned: PinnedPackage,
  { mirror = process.env['LACUNA_DATA'], cache = cacheFolder() }: PackagePlaces = {},
): Buffer | null {
  for (const folder of [...(mirror ? [join(mirror, 'pretrained')] : []), join(cache, 'pretrained')]) {
    const path = join(folder, archiveName(pinned));
    if (!existsSync(path)) continue;
    const bytes = readFileSync(path);
    if (digestOf(bytes) === pinned.sha512) return bytes;
  }
  return null;
}

/**
 * The archive of a package: from the mirror, the cache, or fetched by npm, with its settings, into the cache. Its
 * SHA-512 was compared.
 * @throws {FailureError} where it is not at hand and npm cannot fetch it, or gives another one.
 */
export async function fetchPackage(pinned: PinnedPackage, places: PackagePlaces = {}): Promise<Buffer> {
  const found = findPackage(pinned, places);
  if (found) return found;
  const folder = join(places.cache ?? cacheFolder(), 'pretrained');
  const id = `${pinned.name}@${pinned.version}`;
  const remedy =
    `check the connection and npm's settings, or put ${archiveName(pinned)} ` +
    'into the folder pretrained/ of what LACUNA_DATA names';
  makeFolder(folder);
  const scratch = mkdtempSync(join(folder, '.fetch-'));
  try {
    await promisify(execFile)('npm', ['pack', '--silent', '--pack-destination', scratch, id], {
      cwd: scratch,
      timeout: 600_000,
      maxBuffer: 2 ** 22,
    }).catch((error: unknown) => {
      const reason = error instanceof Error ? error.message.split('\n')[0] : String(error);
      const lastLine = ((error as { stderr?: string }).stderr ?? '').trim().split('\n').at(-1);
      throw new FailureError(
        {
          who: id,
          got: lastLine || reason,
          wanted: 'its archive, by npm pack',
          remedy,
        },
        { cause: error },
      );
    });
    const [file] = readdirSync(scratch).filter((name) => name.endsWith('.tgz'));
    if (file === undefined)
      throw new FailureError({ who: id, got: 'no archive from npm pack', wanted: archiveName(pinned), remedy });
    const bytes = readFileSync(join(scratch, file));
    const digest = digestOf(bytes);
    if (digest !== pinned.sha512)
      throw new FailureError({
        who: id,
        got: `an archive with SHA-512 ${digest}`,
        wanted: pinned.sha512,
        remedy: 'something between here and the registry changes files; nothing was kept',
      });
    writeFileAtomic(join(folder, archiveName(pinned)), bytes);
    return bytes;
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
}

const digestOf = (bytes: Uint8Array): string => createHash('sha512').update(bytes).digest('base64');

const BLOCK = 512;

/** Files below a folder of a verified archive (gzip, ustar), by path from there. */
export function filesIn(archive: Uint8Array, folder: string): Map<string, Uint8Array> {
  const tar = gunzipSync(archive);
  const files = new Map<string, Uint8Array>();
  const start = `package/${folder}/`;
  const text = (from: number, length: number) => tar.toString('latin1', from, from + length).replace(/\0.*$/s, '');
  for (let at = 0; at + BLOCK <= tar.length && tar[at] !== 0;) {
    const name = [text(at + 345, 155), text(at, 100)].filter((part) => part !== '').join('/');
    const size = parseInt(text(at + 124, 12), 8) || 0;
    const begin = at + BLOCK;
    if (name.startsWith(start)) files.set(name.slice(start.length), tar.subarray(begin, begin + size));
    at = begin + Math.ceil(size / BLOCK) * BLOCK;
  }
  return files;
}

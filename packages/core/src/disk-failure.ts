import { statfsSync, statSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { FailureError, LacunaError } from './errors.js';

const REFUSALS = new Set([
  'ENOSPC',
  'EDQUOT',
  'EFBIG',
  'EROFS',
  'EACCES',
  'EPERM',
  'ENOTDIR',
  'EISDIR',
  'EMFILE',
  'ENFILE',
]);

/** Whether an error is a disk's refusal, as the system words it. */
export function isDiskRefusal(error: unknown): boolean {
  return (
    error instanceof Error &&
    !(error instanceof LacunaError) &&
    REFUSALS.has((error as NodeJS.ErrnoException).code ?? '')
  );
}

/**
 * One clear error for what a disk refused. An error of ours passes unchanged.
 * @param path what was to be written.
 * @param wanted what the caller was after: `an image written whole`.
 * @param remedy what to do where the reason itself does not tell.
 */
export function diskFailure(path: string, error: unknown, wanted: string, remedy: string): LacunaError {
  if (error instanceof LacunaError) return error;
  const code = (error as NodeJS.ErrnoException).code;
  const { got, instead } = describe(code, path);
  return new FailureError(
    {
      who: path,
      got: got ?? code ?? (error instanceof Error ? error.message.split('\n')[0] : String(error)),
      wanted,
      remedy: instead ?? remedy,
    },
    { cause: error },
  );
}

function describe(code: string | undefined, path: string): { got?: string; instead?: string } {
  switch (code) {
    case 'ENOSPC':
      return {
        got: `disk full: ${formatBytes(freeBytes(path))} free`,
        instead: 'free some space and run the same command again',
      };
    case 'EDQUOT':
      return { got: 'disk quota used up', instead: 'free some space and run the same command again' };
    case 'EFBIG':
      return {
        got: 'a file larger than this process may write (EFBIG)',
        instead: 'raise the limit (ulimit -f) and run the same command again',
      };
    case 'EROFS':
      return { got: 'a disk that may only be read' };
    case 'EACCES':
    case 'EPERM':
      return { got: `a place that may not be written (${code})` };
    case 'ENOTDIR':
      return { got: 'a path that leads through a file (ENOTDIR)' };
    case 'EISDIR':
      return { got: 'a folder of that name (EISDIR)' };
    case 'EMFILE':
    case 'ENFILE':
      return { got: `too many open files (${code})`, instead: 'raise the limit (ulimit -n), or run fewer workers' };
    default:
      return {};
  }
}

/**
 * Bytes that this user may still write on the disk of `path`, which need not exist yet; null where the system does
 * not tell.
 */
export function freeBytes(path: string): number | null {
  try {
    let at = resolve(path);
    while (!statSync(at, { throwIfNoEntry: false })?.isDirectory() && dirname(at) !== at) at = dirname(at);
    const { bavail, bsize } = statfsSync(at);
    return bavail * bsize;
  } catch {
    return null;
  }
}

/** `1.3 GB`: powers of a thousand; `nothing` for null. */
export function formatBytes(bytes: number | null): string {
  if (bytes === null) return 'nothing';
  const units = ['bytes', 'kB', 'MB', 'GB', 'TB'];
  let at = 0;
  let value = bytes;
  for (; value >= 1000 && at < units.length - 1; at++) value /= 1000;
  return `${at === 0 ? value : value.toFixed(1)} ${units[at]}`;
}

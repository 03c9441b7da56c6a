import { hostname } from 'node:os';
import { join } from 'node:path';
import { FailureError, makeFolder, tryLockFile } from '@lacuna/core';

/**
 * Holds a sweep's folder for this process until the returned function is called. A lock whose process is gone is
 * taken over.
 * @throws {FailureError} while another process runs the same sweep; a process of another machine counts as running.
 */
export function lockSweep(folder: string): () => void {
  makeFolder(folder, { wanted: 'a folder for the results', remedy: 'choose another --out' });
  const path = join(folder, 'lock');
  const attempt = tryLockFile(path);
  if (attempt.got) return attempt.release;
  const { pid, host } = attempt.holder;
  throw host === hostname()
    ? new FailureError({
        who: folder,
        got: `a sweep that process ${pid} is running`,
        wanted: 'one process a sweep',
        remedy: 'wait for it, stop it, or choose another --out',
      })
    : new FailureError({
        who: folder,
        got: `a sweep that process ${pid} of ${host} is running`,
        wanted: 'one process a sweep',
        remedy: `if that machine no longer runs it, delete ${path}`,
      });
}

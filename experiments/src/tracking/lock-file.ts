import { readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { FailureError } from '@lacuna/core';

/**
 * Runs `work` while this process holds the file `path`; the lock of a process that died is taken over.
 * @throws {FailureError} when another process holds it for longer than `timeoutMs`.
 */
export async function withLockFile<T>(path: string, timeoutMs: number, work: () => Promise<T>): Promise<T> {
  const deadline = Date.now() + timeoutMs;
  while (!tryCreate(path)) {
    if (holderIsGone(path)) rmSync(path, { force: true });
    else if (Date.now() > deadline) {
      throw new FailureError({ who: 'lock', got: `${path} held by another process for ${Math.round(timeoutMs / 1000)} s`, wanted: 'it to be released', remedy: 'end that process, or remove the file if none is left' });
    } else await sleep(100);
  }
  const release = (): void => rmSync(path, { force: true });
  process.once('exit', release);
  try {
    return await work();
  } finally {
    process.off('exit', release);
    release();
  }
}

/** Whether a process with this id exists, be it another user's. */
export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

function tryCreate(path: string): boolean {
  try {
    writeFileSync(path, String(process.pid), { flag: 'wx' });
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  }
}

function holderIsGone(path: string): boolean {
  try {
    const pid = Number(readFileSync(path, 'utf8'));
    // Created but not written yet: its holder gets ten seconds.
    if (!pid) return Date.now() - statSync(path).mtimeMs > 10_000;
    return !isAlive(pid);
  } catch {
    return false;
  }
}

import { linkSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { FailureError, makeFolder } from '@lacuna/core';

/** Who holds a sweep. `started` tells a process from a later one with the same number. */
interface Holder { readonly pid: number; readonly host: string; readonly started: string | null }

let aside = 0;

/**
 * Holds a sweep's folder for this process until the returned function is called. A lock whose process is gone is taken over.
 * @throws {FailureError} while another process runs the same sweep; a process of another machine counts as running.
 */
export function lockSweep(folder: string): () => void {
  makeFolder(folder, { wanted: 'a folder for the results', remedy: 'choose another --out' });
  const path = join(folder, 'lock'), own = `${path}.${process.pid}.${aside++}`;
  const mine = JSON.stringify({ pid: process.pid, host: hostname(), started: startOf(process.pid) } satisfies Holder);
  // Written whole under another name, then linked: nobody ever reads half a lock.
  writeFileSync(own, mine);
  try {
    for (let attempt = 0; attempt < 100; attempt++) {
      if (tryLink(own, path)) return () => { if (readText(path) === mine) rmSync(path, { force: true }); };
      const text = readText(path);
      if (text === null) continue;
      const holder = parseHolder(text);
      if (holder && isRunning(holder)) throw refusal(folder, path, holder);
      takeAway(path, text);
    }
    throw new FailureError({ who: folder, got: 'a lock that other processes keep taking', wanted: 'one process a sweep' });
  } finally {
    rmSync(own, { force: true });
  }
}

function refusal(folder: string, path: string, { pid, host }: Holder): FailureError {
  return host === hostname()
    ? new FailureError({ who: folder, got: `a sweep that process ${pid} is running`, wanted: 'one process a sweep', remedy: 'wait for it, stop it, or choose another --out' })
    : new FailureError({ who: folder, got: `a sweep that process ${pid} of ${host} is running`, wanted: 'one process a sweep', remedy: `if that machine no longer runs it, delete ${path}` });
}

/** Removes a lock only if it still is the dead one that was read: another process may have taken it over meanwhile. */
function takeAway(path: string, dead: string): void {
  const away = `${path}.${process.pid}.${aside++}`;
  try {
    renameSync(path, away);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return;
    throw error;
  }
  if (readText(away) !== dead) tryLink(away, path);
  rmSync(away, { force: true });
}

function tryLink(from: string, to: string): boolean {
  try {
    linkSync(from, to);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  }
}

function readText(path: string): string | null {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw error;
  }
}

function parseHolder(text: string): Holder | null {
  try {
    const { pid, host, started } = JSON.parse(text) as Partial<Holder>;
    return typeof pid === 'number' && pid > 0 && typeof host === 'string' ? { pid, host, started: started ?? null } : null;
  } catch {
    return null;
  }
}

function isRunning({ pid, host, started }: Holder): boolean {
  if (host !== hostname()) return true;
  try {
    process.kill(pid, 0);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EPERM') return false;
  }
  return started === null || startOf(pid) === started;
}

/** Start of a process in clock ticks since boot (Linux: field 22 of /proc/PID/stat); null where there is no /proc. */
function startOf(pid: number): string | null {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19] ?? null;
  } catch {
    return null;
  }
}

import { randomBytes } from 'node:crypto';
import { closeSync, linkSync, openSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import { FailureError } from './errors.js';

/**
 * Who holds a lock. `started` tells a process from a later one with the same number; null where the system does not
 * say.
 */
export interface LockHolder {
  readonly pid: number;
  readonly host: string;
  readonly started: string | null;
  /** The job of a scheduler that the process belongs to. */
  readonly job?: string;
}

/** The job of a scheduler that takes a lock, and how it learns of others on machines that it cannot look into. */
export interface LockJob {
  readonly job: string;
  /** Whether the scheduler says that another job still runs. */
  readonly isRunning: (job: string) => boolean;
}

/** A lock that was got, or who has it. */
export type LockAttempt =
  | {
      readonly got: true;
      readonly release: () => void;
      /** Whether it still is this process's: one of another machine may have taken it over. */
      readonly isHeld: () => boolean;
    }
  | { readonly got: false; readonly holder: LockHolder };

/**
 * Takes the lock that the file `path` stands for, if nobody has it. The lock of a process that has died is taken
 * over; a process of another machine counts as living, unless it is of a job that has ended. The folder of `path` must
 * be there.
 * @param own the job that asks; an earlier start of the same job on another machine has ended.
 * @throws {FailureError} when other processes keep taking it.
 */
export function tryLockFile(path: string, own?: LockJob): LockAttempt {
  const written = beside(path);
  const mine = JSON.stringify({
    pid: process.pid,
    host: hostname(),
    started: startOf(process.pid),
    ...(own === undefined ? {} : { job: own.job }),
  } satisfies LockHolder);
  try {
    // Written whole under another name, then linked: nobody ever reads half a lock.
    writeFileSync(written, mine, { flag: 'wx' });
    for (let attempt = 0; attempt < 100; attempt++) {
      if (tryLink(written, path)) {
        const release = (): void => {
          process.off('exit', release);
          if (readText(path) === mine) rmSync(path, { force: true });
        };
        process.once('exit', release);
        return { got: true, release, isHeld: () => readText(path) === mine };
      }
      const text = readText(path);
      // Empty: its holder is writing it this moment, on a disk without hard links, or died then.
      if (text === null || (text === '' && attempt < 50)) continue;
      const holder = parseHolder(text);
      if (holder && isRunning(holder, own)) return { got: false, holder };
      takeAway(path, text);
    }
  } finally {
    rmSync(written, { force: true });
  }
  throw new FailureError({
    who: path,
    got: 'a lock that other processes keep taking',
    wanted: 'one process at a time',
    remedy: 'try again',
  });
}

/** How long, and until when, {@link withLockFile} waits for another holder. */
export interface LockWait {
  readonly timeoutMs: number;
  /** Ends the waiting at once: the user wants the process to stop. */
  readonly signal?: AbortSignal;
  /** The scheduler's job that waits. */
  readonly own?: LockJob | undefined;
}

/**
 * Runs `work` while this process holds the file `path`, waiting for another holder.
 * @throws {FailureError} when another process holds it for longer than `timeoutMs`, or `signal` ends the waiting.
 */
export async function withLockFile<T>(path: string, wait: LockWait, work: () => Promise<T>): Promise<T> {
  const deadline = Date.now() + wait.timeoutMs;
  let attempt = tryLockFile(path, wait.own);
  for (; !attempt.got; attempt = tryLockFile(path, wait.own)) {
    if (Date.now() > deadline || wait.signal?.aborted) throw heldByAnother(path, attempt.holder, wait);
    await sleep(100, undefined, wait.signal ? { signal: wait.signal } : {}).catch(() => undefined);
  }
  try {
    return await work();
  } finally {
    attempt.release();
  }
}

function heldByAnother(path: string, { pid, host }: LockHolder, { timeoutMs, signal }: LockWait): FailureError {
  const isHere = host === hostname();
  const waited = signal?.aborted ? 'holds' : `has held for ${Math.round(timeoutMs / 1000)} s`;
  return new FailureError({
    who: path,
    got: isHere
      ? `a lock that process ${pid} ${waited}`
      : `a lock that process ${pid} of another machine, ${host}, ${waited}`,
    wanted: 'it to be released',
    remedy: isHere
      ? 'end that process, or wait for it'
      : `if ${host} no longer runs it (it was given up, or is a container that is gone), delete the file`,
  });
}

/** Whether a process of this machine with this number exists, be it another user's. */
export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

const beside = (path: string): string => `${path}.${process.pid}-${randomBytes(8).toString('hex')}`;

/** Removes a lock only if it still is the dead one that was read: another process may have taken it over meanwhile. */
function takeAway(path: string, dead: string): void {
  const away = beside(path);
  try {
    renameSync(path, away);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return;
    throw error;
  }
  if (readText(away) !== dead) tryLink(away, path);
  rmSync(away, { force: true });
}

/** Gives a file a second name, unless that is taken. */
function tryLink(from: string, to: string): boolean {
  try {
    linkSync(from, to);
    return true;
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'EEXIST') return false;
    if (code === 'ENOENT') throw error;
    return tryCreate(to, readFileSync(from, 'utf8'));
  }
}

/** For disks without hard links (exFAT, some network shares): a lock may then be seen empty for a moment. */
function tryCreate(path: string, text: string): boolean {
  let file: number;
  try {
    file = openSync(path, 'wx');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  }
  try {
    writeFileSync(file, text);
  } finally {
    closeSync(file);
  }
  return true;
}

function readText(path: string): string | null {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw error;
  }
}

function parseHolder(text: string): LockHolder | null {
  try {
    const { pid, host, started, job } = JSON.parse(text) as Partial<LockHolder>;
    return typeof pid === 'number' && pid > 0 && typeof host === 'string'
      ? { pid, host, started: started ?? null, ...(typeof job === 'string' ? { job } : {}) }
      : null;
  } catch {
    return null;
  }
}

function isRunning({ pid, host, started, job }: LockHolder, own?: LockJob): boolean {
  if (host !== hostname()) return job === undefined || own === undefined || (job !== own.job && own.isRunning(job));
  return isAlive(pid) && (started === null || startOf(pid) === started);
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

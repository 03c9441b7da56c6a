import { randomBytes } from 'node:crypto';
import { closeSync, fsyncSync, openSync, renameSync, rmSync, writeSync } from 'node:fs';
import { dirname } from 'node:path';
import { diskFailure } from './disk-failure.js';
import { ensureFolder } from './folders.js';

/** What a failure to write says besides its reason. */
export interface AtomicWriteOptions {
  /** Default `a file written whole`. */
  readonly wanted?: string;
  /** Where the reason itself does not tell what to do; default `check that the folder exists and may be written`. */
  readonly remedy?: string;
  /** Who may read and write the file, as for `chmod`, less what the process's umask takes; default 0o666. */
  readonly mode?: number;
}

/**
 * Writes a file so that under its final name there is either the old content or all of the new, on the disk itself:
 * into a temporary file beside it, fsync, rename. Folders above it are made.
 * @param content text (UTF-8), bytes, or bytes in several parts.
 * @throws {FailureError} where the disk refuses (full, not writable, ...); the temporary file is removed.
 */
export function writeFileAtomic(
  path: string,
  content: string | Uint8Array | readonly Uint8Array[],
  options: AtomicWriteOptions = {},
): void {
  const parts = partsOf(content);
  const temporary = begin(path, options);
  try {
    const file = openSync(temporary, 'wx', options.mode ?? 0o666);
    try {
      for (const part of parts) writeAll(file, part);
      fsyncSync(file);
    } finally {
      closeSync(file);
    }
    finish(temporary, path);
  } catch (error) {
    throw failure(path, error, options);
  } finally {
    end(temporary);
  }
}

/**
 * {@link writeFileAtomic} for what comes piece by piece, or from the network: nothing is held in memory.
 * @param source chunks; an error of theirs is thrown as it is, and nothing is left on the disk.
 */
export async function writeStreamAtomic(
  path: string,
  source: AsyncIterable<string | Uint8Array> | Iterable<string | Uint8Array>,
  options: AtomicWriteOptions = {},
): Promise<void> {
  const temporary = begin(path, options);
  const guarded = <T>(work: () => T): T => {
    try {
      return work();
    } catch (error) {
      throw failure(path, error, options);
    }
  };
  try {
    const file = guarded(() => openSync(temporary, 'wx', options.mode ?? 0o666));
    try {
      for await (const chunk of source)
        guarded(() => writeAll(file, typeof chunk === 'string' ? Buffer.from(chunk) : chunk));
      guarded(() => fsyncSync(file));
    } finally {
      closeSync(file);
    }
    guarded(() => finish(temporary, path));
  } finally {
    end(temporary);
  }
}

/**
 * {@link writeFileAtomic} for what writes files by itself: `write` fills the temporary file whose name it is given. The
 * file is there already, and empty.
 * @throws what `write` throws, as it is; {@link FailureError} where the disk refuses the rest.
 */
export async function withAtomicFile(
  path: string,
  write: (temporary: string) => void | Promise<void>,
  options: AtomicWriteOptions = {},
): Promise<void> {
  const temporary = begin(path, options);
  try {
    try {
      closeSync(openSync(temporary, 'wx'));
    } catch (error) {
      throw failure(path, error, options);
    }
    await write(temporary);
    try {
      syncPath(temporary, 'r+');
      finish(temporary, path);
    } catch (error) {
      throw failure(path, error, options);
    }
  } finally {
    end(temporary);
  }
}

function partsOf(content: string | Uint8Array | readonly Uint8Array[]): readonly Uint8Array[] {
  if (typeof content === 'string') return [Buffer.from(content)];
  return content instanceof Uint8Array ? [content] : content;
}

/**
 * A name beside `path` for what is being written: `out.tif.PID-RANDOM.part`. Nobody can guess it and plant a link
 * there; open it exclusively (`wx`) all the same. The number of the process says later whether anybody still writes it.
 */
export function temporaryPath(path: string): string {
  return `${path}.${process.pid}-${randomBytes(8).toString('hex')}.part`;
}

/** The process that writes a file of {@link temporaryPath}, by its name; null for any other file. */
export function writerOf(name: string): number | null {
  const match = /\.(\d+)(-[0-9a-f]{16})?\.part$/.exec(name);
  return match ? Number(match[1]) : null;
}

/** Temporary files of this thread that are being written. */
const pending = new Set<string>();

/**
 * For writers that fill a temporary file or folder by themselves: until it is released, a signal that ends the process,
 * or its exit, removes it.
 * @returns releases it; to be called once it has its final name or is gone.
 */
export function guardTemporary(temporary: string): () => void {
  if (pending.size === 0) watch();
  pending.add(temporary);
  return () => {
    pending.delete(temporary);
    if (pending.size === 0) setImmediate(unwatch);
  };
}

function begin(path: string, options: AtomicWriteOptions): string {
  try {
    ensureFolder(dirname(path));
  } catch (error) {
    throw failure(path, error, options);
  }
  const temporary = temporaryPath(path);
  if (pending.size === 0) watch();
  pending.add(temporary);
  return temporary;
}

function finish(temporary: string, path: string): void {
  renameSync(temporary, path);
  pending.delete(temporary);
  // A rename is on the disk once its folder is. Windows opens no folders.
  if (process.platform !== 'win32') syncPath(dirname(path), 'r');
}

/** Leaves no temporary file behind, whatever happened. */
function end(temporary: string): void {
  if (pending.delete(temporary)) remove(temporary);
  if (pending.size === 0) setImmediate(unwatch);
}

function remove(temporary: string): void {
  try {
    rmSync(temporary, { recursive: true, force: true });
  } catch {
    // The first error says why: below a path that is no folder there is nothing to remove either.
  }
}

const failure = (
  path: string,
  error: unknown,
  { wanted = 'a file written whole', remedy = 'check that the folder exists and may be written' }: AtomicWriteOptions,
): Error => diskFailure(path, error, wanted, remedy);

function writeAll(file: number, bytes: Uint8Array): void {
  for (let at = 0; at < bytes.length;) at += writeSync(file, bytes, at);
}

function syncPath(path: string, flags: 'r' | 'r+'): void {
  const handle = openSync(path, flags);
  try {
    fsyncSync(handle);
  } finally {
    closeSync(handle);
  }
}

const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
let watching = false;

/**
 * While a file is being written, a signal that would end the process removes the temporary file first. Where the
 * program has its own handler, that one decides, and a `process.exit` of its cleans up.
 */
function watch(): void {
  if (watching) return;
  watching = true;
  process.on('exit', removePending);
  for (const signal of signals) process.on(signal, onSignal);
}

/** Not before the event loop has been round: a signal that came during a blocking write is delivered only then. */
function unwatch(): void {
  if (pending.size > 0 || !watching) return;
  watching = false;
  process.off('exit', removePending);
  for (const signal of signals) process.off(signal, onSignal);
}

function removePending(): void {
  for (const temporary of pending) remove(temporary);
  pending.clear();
}

function onSignal(signal: NodeJS.Signals): void {
  if (process.listenerCount(signal) > 1) return;
  removePending();
  unwatch();
  process.kill(process.pid, signal);
}

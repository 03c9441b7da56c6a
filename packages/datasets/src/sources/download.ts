import { closeSync, createWriteStream, fsyncSync, openSync, renameSync, rmSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import { Readable, Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { ReadableStream } from 'node:stream/web';
import { setTimeout as wait } from 'node:timers/promises';
import { FailureError, diskFailure, makeFolder } from '@lacuna/core';
import { checksumKind, checksumOfFile } from './files.js';

/** How far a download is. */
export interface DownloadProgress {
  readonly file: string;
  readonly received: number;
  readonly total: number;
}

/** What {@link download} is given. */
export interface DownloadOptions {
  /** SHA-256, or MD5 where the source publishes no more. */
  readonly checksum: string;
  readonly bytes: number;
  readonly signal?: AbortSignal | undefined;
  readonly onProgress?: ((progress: DownloadProgress) => void) | undefined;
}

/** Attempts one after the other that bring nothing, before a download gives up. */
const FRUITLESS = 3;
const remedy = 'check the connection and try again, or set LACUNA_DATA to a folder that holds the data';

/** The connection was cut: what came is kept, and another attempt may go on from there. */
class Cut extends Error {}

/**
 * Fetches a file to `path`. It appears there only when its length and SHA-256 are right. What a cut connection or an
 * end of the process left lies beside it, `path.partial`, and is gone on from: at once while each attempt brings
 * something, and by the next call.
 * @throws {FailureError} for no connection, an HTTP error, other contents than pinned, or a disk that is full.
 */
export async function download(url: string, path: string, options: DownloadOptions): Promise<void> {
  const { checksum, bytes, signal } = options;
  const partial = `${path}.partial`;
  makeFolder(dirname(path));
  if (sizeOf(partial) > bytes) rmSync(partial, { force: true });
  for (let fruitless = 0; sizeOf(partial) < bytes || bytes === 0;) {
    const before = sizeOf(partial);
    try {
      await transfer(url, path, partial, before, options);
      break;
    } catch (error) {
      if (!(error instanceof Cut)) throw error;
      const after = sizeOf(partial);
      fruitless = after > before ? 0 : fruitless + 1;
      if (signal?.aborted || fruitless >= FRUITLESS) {
        if (after === 0) rmSync(partial, { force: true });
        throw new FailureError(
          {
            who: url,
            got: `a broken download after ${after} of ${bytes} bytes (${error.message})`,
            wanted: 'the whole file',
            remedy: `run the same command again: it goes on from there; or ${remedy}`,
          },
          { cause: error.cause },
        );
      }
      await wait(200 * fruitless);
    }
  }
  const received = sizeOf(partial);
  const kind = checksumKind(checksum);
  const actual = await checksumOfFile(partial, kind);
  const label = kind === 'md5' ? 'MD5' : 'SHA-256';
  if (received !== bytes || actual !== checksum) {
    rmSync(partial, { force: true });
    throw new FailureError({
      who: url,
      got: `${received} bytes with ${label} ${actual}`,
      wanted: `${bytes} bytes with ${label} ${checksum}`,
      remedy: 'something between here and there changes files; nothing was kept',
    });
  }
  try {
    const file = openSync(partial, 'r+');
    fsyncSync(file);
    closeSync(file);
    renameSync(partial, path);
  } catch (error) {
    throw diskFailure(path, error, 'a file written whole', 'choose another folder: XDG_CACHE_HOME names it');
  }
}

function sizeOf(path: string): number {
  return statSync(path, { throwIfNoEntry: false })?.size ?? 0;
}

/** One request: from `start` on where the server can, else from the beginning. */
async function transfer(
  url: string,
  path: string,
  partial: string,
  start: number,
  { bytes, signal, onProgress }: DownloadOptions,
): Promise<void> {
  let response: Response;
  try {
    response = await fetch(url, { signal: signal ?? null, headers: start > 0 ? { range: `bytes=${start}-` } : {} });
  } catch (error) {
    const reason = (error as { cause?: { code?: string } }).cause?.code ?? (error as Error).message;
    if (start > 0) throw new Cut(`no answer, ${reason}`, { cause: error });
    throw new FailureError({ who: url, got: `no answer (${reason})`, wanted: 'a download', remedy }, { cause: error });
  }
  if (!response.ok || !response.body) {
    // A place beyond the end: what is here is not the start of what is there.
    if (response.status === 416) rmSync(partial, { force: true });
    throw response.status === 416
      ? new Cut('HTTP status 416')
      : new FailureError({ who: url, got: `HTTP status ${response.status}`, wanted: 'a download', remedy });
  }
  const resumed =
    response.status === 206 && response.headers.get('content-range')?.startsWith(`bytes ${start}-`) === true;
  let received = resumed ? start : 0;
  const meter = new Transform({
    transform(chunk: Buffer, _encoding, done) {
      received += chunk.length;
      // A server that sends without end must not fill the disk.
      if (received > bytes)
        return done(
          new FailureError({
            who: url,
            got: `more than ${bytes} bytes`,
            wanted: `the pinned file of ${bytes} bytes`,
            remedy,
          }),
        );
      onProgress?.({ file: path, received, total: bytes });
      done(null, chunk);
    },
  });
  try {
    await pipeline(
      Readable.fromWeb(response.body as ReadableStream<Uint8Array>),
      meter,
      createWriteStream(partial, { flags: resumed ? 'a' : 'w' }),
      ...(signal ? ([{ signal }] as const) : []),
    );
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code;
    if (error instanceof FailureError) {
      rmSync(partial, { force: true });
      throw error;
    }
    if (code && ['ENOSPC', 'EDQUOT', 'EROFS', 'EACCES', 'EFBIG', 'EIO'].includes(code))
      throw diskFailure(
        path,
        error,
        `${bytes} bytes of space that can be written`,
        'free some space or set XDG_CACHE_HOME',
      );
    throw new Cut(code ?? (error as Error).message, { cause: error });
  }
}

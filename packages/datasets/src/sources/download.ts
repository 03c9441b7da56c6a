import { createHash } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { Readable, Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { ReadableStream } from 'node:stream/web';
import { FailureError, withAtomicFile } from '@lacuna/core';

/** How far a download is. */
export interface DownloadProgress {
  readonly file: string;
  readonly received: number;
  readonly total: number;
}

/** What {@link download} is given. */
export interface DownloadOptions {
  readonly sha256: string;
  readonly bytes: number;
  readonly signal?: AbortSignal | undefined;
  readonly onProgress?: ((progress: DownloadProgress) => void) | undefined;
}

/**
 * Fetches a file to `path`. It appears there only when its length and SHA-256 are right.
 * @throws {FailureError} for no connection, an HTTP error, other contents than pinned, or a disk that is full.
 */
export async function download(url: string, path: string, options: DownloadOptions): Promise<void> {
  const { sha256, bytes, signal, onProgress } = options;
  const remedy = 'check the connection and try again, or set LACUNA_DATA to a folder that holds the data';
  let response: Response;
  try {
    response = await fetch(url, { signal: signal ?? null });
  } catch (error) {
    const reason = (error as { cause?: { code?: string } }).cause?.code ?? (error as Error).message;
    throw new FailureError({ who: url, got: `no answer (${reason})`, wanted: 'a download', remedy }, { cause: error });
  }
  if (!response.ok || !response.body) throw new FailureError({ who: url, got: `HTTP status ${response.status}`, wanted: 'a download', remedy });
  const hash = createHash('sha256');
  let received = 0;
  const meter = new Transform({
    transform(chunk: Buffer, _encoding, done) {
      received += chunk.length;
      // A server that sends without end must not fill the disk.
      if (received > bytes) return done(new FailureError({ who: url, got: `more than ${bytes} bytes`, wanted: `the pinned file of ${bytes} bytes`, remedy }));
      hash.update(chunk);
      onProgress?.({ file: path, received, total: bytes });
      done(null, chunk);
    },
  });
  await withAtomicFile(path, async (temporary) => {
    try {
      await pipeline(Readable.fromWeb(response.body as ReadableStream<Uint8Array>), meter, createWriteStream(temporary), ...(signal ? [{ signal }] as const : []));
    } catch (error) {
      if (error instanceof FailureError) throw error;
      throw new FailureError({ who: url, got: `a broken download after ${received} of ${bytes} bytes (${(error as NodeJS.ErrnoException).code ?? (error as Error).message})`, wanted: 'the whole file', remedy }, { cause: error });
    }
    const actual = hash.digest('hex');
    if (received !== bytes || actual !== sha256) {
      throw new FailureError({ who: url, got: `${received} bytes with SHA-256 ${actual}`, wanted: `${bytes} bytes with SHA-256 ${sha256}`, remedy: 'something between here and there changes files; nothing was kept' });
    }
  });
}

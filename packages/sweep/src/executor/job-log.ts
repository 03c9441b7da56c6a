import { createWriteStream, type WriteStream } from 'node:fs';
import { dirname } from 'node:path';
import { makeFolder } from '@lacuna/core';
import { FailureReason } from './failure-reason.js';

/** The file that a job's output is appended to, and the line of it that says why the job failed. */
export class JobLog {
  readonly reason = new FailureReason();
  private readonly file: WriteStream;
  private readonly written: Promise<void>;

  /** Makes the folder of the file, where it is missing. @throws {LacunaError} where that cannot be done. */
  constructor(path: string) {
    makeFolder(dirname(path));
    this.file = createWriteStream(path, { flags: 'a' });
    this.written = new Promise((resolve) => {
      // A full disk costs the log, not the sweep.
      this.file.on('error', () => resolve()).on('finish', () => resolve());
    });
  }

  add(bytes: Buffer): void {
    this.file.write(bytes);
    this.reason.add(bytes);
  }

  /** Resolves once all stands in the file, or cannot. Never rejects. */
  close(): Promise<void> {
    this.file.end();
    return this.written;
  }
}

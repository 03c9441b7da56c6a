import fs from 'node:fs';
import path from 'node:path';
import { MlflowSpoolError } from '../errors.js';
import { encodeRecord, type HeaderRecord, type Item } from './record.js';
import { listSegments, segmentName } from './segments.js';

/** When a segment is full: delivered segments are deleted whole, so this bounds what lies about. */
const SEGMENT_BYTES = 8 * 1024 * 1024;
const FSYNC_MS = 1000;

/**
 * Appends to a run's journal. Each record is handed to the operating system before `append` returns, so a killed
 * process loses nothing that was logged; a power cut loses at most what came after the last fsync (each second, and
 * at the end). An opened writer always starts a segment of its own: nothing is ever appended after a torn line of a
 * dead process.
 */
export class JournalWriter {
  private readonly folder: string;
  private readonly header: HeaderRecord;
  private readonly onAppend: () => void;
  private segment: number;
  private fd: number;
  private bytes = 0;
  private torn = false;
  private dirty = false;
  private readonly timer: NodeJS.Timeout;

  constructor(folder: string, header: HeaderRecord, options: { firstSegment: number; onAppend: () => void }) {
    this.folder = folder;
    this.header = header;
    this.onAppend = options.onAppend;
    this.segment = Math.max(options.firstSegment, (listSegments(folder).at(-1) ?? 0) + 1);
    this.fd = this.openSegment();
    this.timer = setInterval(() => this.syncSoon(), FSYNC_MS);
    this.timer.unref();
  }

  /** @throws {MlflowSpoolError} where the disk refuses; the record is then not logged. */
  append(item: Item): void {
    if (this.bytes > SEGMENT_BYTES) this.rotate();
    this.write(encodeRecord(item));
    this.onAppend();
  }

  /** Returns when all that was appended is on the disk. */
  sync(): void {
    if (this.fd < 0) return;
    fs.fsyncSync(this.fd);
    this.dirty = false;
  }

  /** Writes what is left to the disk and closes the file. */
  close(): void {
    if (this.fd < 0) return;
    clearInterval(this.timer);
    this.sync();
    this.abandon();
  }

  /** Closes without a last fsync, as a killed process would. */
  abandon(): void {
    clearInterval(this.timer);
    if (this.fd >= 0) fs.closeSync(this.fd);
    this.fd = -1;
  }

  private rotate(): void {
    this.sync();
    fs.closeSync(this.fd);
    this.segment += 1;
    this.bytes = 0;
    this.fd = this.openSegment();
  }

  private openSegment(): number {
    const fd = fs.openSync(path.join(this.folder, segmentName(this.segment)), 'wx');
    this.fd = fd;
    this.write(encodeRecord(this.header));
    return fd;
  }

  private write(line: Buffer): void {
    try {
      // After a write that failed half way, a line feed ends the torn line: only that record is lost.
      if (this.torn) fs.writeSync(this.fd, '\n');
      this.torn = false;
      for (let written = 0; written < line.length;) written += fs.writeSync(this.fd, line, written);
    } catch (error) {
      this.torn = true;
      throw new MlflowSpoolError(
        {
          who: 'journal',
          got: `${(error as NodeJS.ErrnoException).code ?? String(error)} writing to ${this.folder}`,
          wanted: 'a disk that takes what is logged',
          remedy: 'Free space or name another spool folder.',
        },
        { cause: error },
      );
    }
    this.bytes += line.length;
    this.dirty = true;
  }

  private syncSoon(): void {
    if (!this.dirty || this.fd < 0) return;
    this.dirty = false;
    // A failed background fsync is retried by the next one; the one at the end reports.
    fs.fdatasync(this.fd, (error) => {
      if (error) this.dirty = true;
    });
  }
}

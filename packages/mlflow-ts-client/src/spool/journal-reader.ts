import fs from 'node:fs';
import path from 'node:path';
import { decodeRecord, type JournalRecord } from './record.js';
import { listSegments, segmentName } from './segments.js';

/** A place in the journal: everything before it is delivered. */
export interface Position {
  /** Number of the segment file. */
  readonly segment: number;
  /** Bytes from its beginning. */
  readonly offset: number;
}

/** A record and where it stands. */
export interface PlacedRecord {
  /** The record itself. */
  readonly record: JournalRecord;
  /** The place after this record. */
  readonly next: Position;
  /** Bytes of its line. */
  readonly size: number;
}

/** What one reading gave. */
export interface Reading {
  /** In the order in which they were logged. */
  readonly records: readonly PlacedRecord[];
  /** Lines that are torn or altered and were passed over. */
  readonly bad: number;
  /** Where to read on, also where nothing was found. */
  readonly next: Position;
}

const CHUNK_BYTES = 512 * 1024;

/**
 * Reads records from a place on, at least one where there is one, about half a megabyte at most. A line without its
 * end is left for later in the last segment (it may still be growing) and passed over in an earlier one (its writer
 * is gone).
 */
export async function readJournal(folder: string, from: Position): Promise<Reading> {
  let position = from;
  let bad = 0;
  for (;;) {
    const segments = listSegments(folder).filter((number) => number >= position.segment);
    if (segments.length === 0) return { records: [], bad, next: position };
    if (segments[0] > position.segment) position = { segment: segments[0], offset: 0 };
    const last = segments.length === 1;
    const chunk = readLines(path.join(folder, segmentName(position.segment)), position.offset);
    const records: PlacedRecord[] = [];
    let offset = position.offset;
    for (const line of chunk.lines) {
      offset += line.length + 1;
      const record = decodeRecord(line);
      if (record === undefined) bad += 1;
      else records.push({ record, next: { segment: position.segment, offset }, size: line.length + 1 });
    }
    position = { segment: position.segment, offset };
    if (records.length > 0) return { records, bad, next: position };
    if (chunk.lines.length > 0) continue;
    if (last) return { records, bad, next: position };
    if (chunk.rest > 0) bad += 1;
    position = { segment: segments[1], offset: 0 };
  }
}

/**
 * Whole lines from an offset on; `rest` is the length of a line without end that follows them at the end of the file.
 * Without turns of the event loop: mostly a few records lie there, just written, and four of them took as long as all
 * else that a delivery without faults does.
 */
function readLines(file: string, offset: number): { lines: Buffer[]; rest: number } {
  const descriptor = fs.openSync(file, 'r');
  try {
    // A buffer of the full size each time would cost more than reading them.
    const left = fs.fstatSync(descriptor).size - offset;
    for (let chunk = CHUNK_BYTES; ; chunk *= 2) {
      const size = Math.max(0, Math.min(chunk, left));
      const buffer = Buffer.allocUnsafe(size);
      const bytesRead = fs.readSync(descriptor, buffer, 0, size, offset);
      const lines: Buffer[] = [];
      let start = 0;
      for (let end = buffer.indexOf(10); end >= 0 && end < bytesRead; end = buffer.indexOf(10, start)) {
        lines.push(buffer.subarray(start, end));
        start = end + 1;
      }
      if (lines.length > 0 || bytesRead < chunk) return { lines, rest: bytesRead - start };
    }
  } finally {
    fs.closeSync(descriptor);
  }
}

import { createHash } from 'node:crypto';
import { closeSync, existsSync, fsyncSync, openSync, readFileSync, truncateSync } from 'node:fs';
import { join } from 'node:path';
import { appendWhole, makeFolder } from '@lacuna/core';

/** What happened to a trial. */
export type TrialState = 'planned' | 'running' | 'finished' | 'failed' | 'diverged' | 'pruned' | 'interrupted';

/** One line of the journal. */
export interface JournalEntry {
  readonly time: number;
  readonly trial: string;
  readonly state: TrialState;
  readonly reason?: string;
  /** Of the running process, or the name that another executor gave the job. */
  readonly pid?: number;
  readonly job?: string;
}

/**
 * How long lines may wait for the disk, in ms: those that follow one another faster are forced to it together. Who is
 * killed loses none of them, a machine that loses its power the last ones; results of trials are files anyway.
 */
const SYNC_MS = 50;

/**
 * The diary of a sweep: one JSON line an event, each with a checksum, written at once and forced to the disk within
 * {@link SYNC_MS}. A line whose checksum does not hold is left out; what a crash tore at the end is cut off at the next
 * opening.
 */
export class Journal {
  private readonly path: string;
  private readonly latest = new Map<string, JournalEntry>();
  private synced = -Infinity;
  private timer: NodeJS.Timeout | undefined;

  constructor(folder: string) {
    makeFolder(folder);
    this.path = join(folder, 'journal.jsonl');
    for (const entry of readJournal(folder, { repair: true })) this.latest.set(entry.trial, entry);
  }

  /** The last entry of a trial. */
  last(trial: string): JournalEntry | undefined {
    return this.latest.get(trial);
  }

  append(entry: Omit<JournalEntry, 'time'>): void {
    const full: JournalEntry = { time: Date.now(), ...entry };
    const text = JSON.stringify(full);
    const isDue = performance.now() - this.synced >= SYNC_MS;
    appendWhole(this.path, `${checksum(text)} ${text}\n`, { sync: isDue });
    if (isDue) this.synced = performance.now();
    else this.syncSoon();
    this.latest.set(full.trial, full);
  }

  private syncSoon(): void {
    this.timer ??= setTimeout(() => {
      this.timer = undefined;
      this.sync();
    }, SYNC_MS).unref();
  }

  private sync(): void {
    if (!existsSync(this.path)) return;
    const file = openSync(this.path, 'r+');
    try {
      fsyncSync(file);
      this.synced = performance.now();
    } finally {
      closeSync(file);
    }
  }
}

const checksum = (text: string): string => createHash('sha256').update(text).digest('hex').slice(0, 8);

/** All entries that are whole, in order. `repair` cuts off what follows the last of them. */
export function readJournal(folder: string, options: { repair?: boolean } = {}): JournalEntry[] {
  const path = join(folder, 'journal.jsonl');
  if (!existsSync(path)) return [];
  const bytes = readFileSync(path);
  const entries: JournalEntry[] = [];
  let good = 0;
  // Only lines with their end count: what is appended next must begin on a line of its own.
  for (let start = 0, end = bytes.indexOf(0x0a); end >= 0; start = end + 1, end = bytes.indexOf(0x0a, start)) {
    const line = bytes.toString('utf8', start, end);
    const body = line.slice(9);
    if (checksum(body) !== line.slice(0, 8)) continue;
    entries.push(JSON.parse(body) as JournalEntry);
    good = end + 1;
  }
  if (options.repair && good < bytes.length) truncateSync(path, good);
  return entries;
}

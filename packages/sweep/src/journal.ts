import { createHash } from 'node:crypto';
import { appendFileSync, closeSync, existsSync, fsyncSync, mkdirSync, openSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { FailureError } from '@lacuna/core';

/** What happened to a trial. */
export type TrialState = 'planned' | 'running' | 'finished' | 'failed' | 'diverged' | 'interrupted';

/** One line of the journal. */
export interface JournalEntry {
  readonly time: number;
  readonly trial: string;
  readonly state: TrialState;
  readonly reason?: string;
  readonly pid?: number;
}

/**
 * The diary of a sweep: one JSON line an event, each with a checksum, written through to the disk. A line that a crash tore is left out
 * and cut off at the next opening.
 */
export class Journal {
  private readonly path: string;
  private readonly latest = new Map<string, JournalEntry>();

  constructor(folder: string) {
    mkdirSync(folder, { recursive: true });
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
    appendFileSync(this.path, `${checksum(text)} ${text}\n`);
    const file = openSync(this.path, 'r+');
    try {
      fsyncSync(file);
    } finally {
      closeSync(file);
    }
    this.latest.set(full.trial, full);
  }
}

const checksum = (text: string): string => createHash('sha256').update(text).digest('hex').slice(0, 8);

/** All entries that are whole. `repair` cuts the file where the first damaged line begins. */
export function readJournal(folder: string, options: { repair?: boolean } = {}): JournalEntry[] {
  const path = join(folder, 'journal.jsonl');
  if (!existsSync(path)) return [];
  const text = readFileSync(path, 'utf8');
  const entries: JournalEntry[] = [];
  let good = 0;
  // Only lines with their end count: what is appended next must begin on a line of its own.
  for (const line of text.slice(0, text.lastIndexOf('\n') + 1).split('\n')) {
    const body = line.slice(9);
    if (line === '' || checksum(body) !== line.slice(0, 8)) break;
    entries.push(JSON.parse(body) as JournalEntry);
    good += Buffer.byteLength(line) + 1;
  }
  if (options.repair && good < Buffer.byteLength(text)) truncateSync(path, good);
  return entries;
}

/**
 * Holds a sweep's folder for this process. A lock whose process is gone is taken over.
 * @throws {FailureError} while another process of this machine runs the same sweep.
 */
export function lockSweep(folder: string): () => void {
  mkdirSync(folder, { recursive: true });
  const path = join(folder, 'lock');
  for (let attempt = 0; ; attempt++) {
    try {
      writeFileSync(path, String(process.pid), { flag: 'wx' });
      return () => rmSync(path, { force: true });
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
      const owner = Number(readFileSync(path, 'utf8'));
      if (attempt < 3 && (!(owner > 0) || !isAlive(owner))) {
        rmSync(path, { force: true });
        continue;
      }
      throw new FailureError({ who: folder, got: `a sweep that process ${owner} is running`, wanted: 'one process a sweep', remedy: 'wait for it, stop it, or choose another --out' });
    }
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

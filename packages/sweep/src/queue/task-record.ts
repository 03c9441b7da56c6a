import { readFileSync } from 'node:fs';
import { writeFileAtomic } from '@lacuna/core';
import type { EndCounts } from './rules.js';

/** Where a trial stood when its job last told. */
export interface TaskProgress {
  readonly step: number;
  readonly steps: number;
  readonly loss: number | null;
  readonly score: number | null;
  readonly stepMs: number | null;
  readonly note?: string;
}

/** What a trial's job writes into the trial's folder: the one file that tells a front end how it goes. */
export interface TaskRecord {
  readonly state: 'running' | 'stopped' | 'failed' | 'ended';
  readonly reason?: string;
  readonly token: string;
  readonly job: string;
  readonly host: string;
  /** By the clock of that host. */
  readonly time: number;
  readonly starts: number;
  readonly counts: EndCounts;
  readonly progress: TaskProgress | null;
}

export function writeTaskRecord(path: string, record: TaskRecord): void {
  writeFileAtomic(path, `${JSON.stringify(record, null, 2)}\n`);
}

/** Null where there is none, or one that a full disk cut short. */
export function readTaskRecord(path: string): TaskRecord | null {
  try {
    return JSON.parse(readFileSync(path, 'utf8')) as TaskRecord;
  } catch {
    return null;
  }
}

import { createHash, randomUUID } from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import { MlflowSpoolError } from '../errors.js';
import { readJournal } from './journal-reader.js';
import { isHeld } from './lock.js';
import { stepOf, type HeaderRecord } from './record.js';
import { listSegments, segmentName } from './segments.js';
import { readState } from './state.js';

/** One run's folder in a spool. */
export interface SpooledRun {
  /** Absolute path of the folder. */
  readonly folder: string;
  /** The server's id, once known. */
  readonly runId: string | undefined;
  /** Whether a living process is logging to it. */
  readonly active: boolean;
  /** Bytes of journal that are not delivered yet. */
  readonly pendingBytes: number;
  /** Items that the server refused for ever; they are in the folder's `rejected.jsonl`. */
  readonly rejected: number;
  /** Journal lines lost to a crash. */
  readonly torn: number;
}

/** A folder that holds the journals of runs, one folder a run. */
export interface Spool {
  /** Absolute path of the spool. */
  readonly dir: string;
  /** What lies in it now. */
  runs(): SpooledRun[];
}

/** Opens a spool, making its folder. @throws {MlflowSpoolError} where that is not possible. */
export function openSpool(dir: string): Spool {
  const root = path.resolve(dir);
  try {
    fs.mkdirSync(root, { recursive: true });
    fs.accessSync(root, fs.constants.W_OK);
  } catch (error) {
    throw new MlflowSpoolError(
      {
        who: 'spool',
        got: `${(error as NodeJS.ErrnoException).code ?? String(error)} on ${root}`,
        wanted: 'a folder to write to',
        remedy: 'Name another spool folder.',
      },
      { cause: error },
    );
  }
  return { dir: root, runs: () => runFolders(root).map(describeRun) };
}

/** Folders of runs, whether delivered or not. */
export function runFolders(root: string): string[] {
  return fs
    .readdirSync(root, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map((entry) => path.join(root, entry.name))
    .sort();
}

/** How one run's folder stands, read from the disk. */
export function describeRun(folder: string): SpooledRun {
  const { runId, rejected, torn } = readState(folder);
  return {
    folder,
    runId,
    active: isHeld(path.join(folder, 'writer.lock')),
    pendingBytes: pendingBytes(folder),
    rejected,
    torn,
  };
}

/** Bytes of journal after the delivered place. Headers count until they are passed. */
export function pendingBytes(folder: string): number {
  const { position } = readState(folder);
  let bytes = 0;
  for (const segment of listSegments(folder)) {
    if (segment < position.segment) continue;
    const { size } = fs.statSync(path.join(folder, segmentName(segment)), { throwIfNoEntry: false }) ?? { size: 0 };
    bytes += segment === position.segment ? Math.max(0, size - position.offset) : size;
  }
  return bytes;
}

/** The folder of a run: the same for the same experiment and trial key, a new one without a trial key. */
export function folderName(experimentName: string, trialKey: string | undefined): string {
  if (trialKey === undefined) return randomUUID();
  const sum = createHash('sha256')
    .update(JSON.stringify([experimentName, trialKey]))
    .digest('hex')
    .slice(0, 12);
  return `${trialKey.replace(/[^\w.-]+/g, '_').slice(0, 80)}-${sum}`;
}

/** What a resumed run already logged: the highest step of each metric and image, and the tables. */
export async function loggedSteps(folder: string): Promise<Map<string, number>> {
  const state = readState(folder);
  const steps = new Map(Object.entries(state.steps));
  let position = state.position;
  for (;;) {
    const { records, next } = await readJournal(folder, position);
    if (records.length === 0) return steps;
    for (const { record } of records) {
      const step = record.t === 'header' ? undefined : stepOf(record);
      if (step !== undefined) steps.set(step[0], Math.max(steps.get(step[0]) ?? -Infinity, step[1]));
    }
    position = next;
  }
}

/** The header of a folder's journal, where it has one. */
export async function readHeader(folder: string): Promise<HeaderRecord | undefined> {
  for (const segment of listSegments(folder)) {
    const { records } = await readJournal(folder, { segment, offset: 0 });
    if (records[0]?.record.t === 'header') return records[0].record;
  }
  return undefined;
}

/** Tidies a delivered, ended run: without a trial key nothing stays, with one what a later resume needs. */
export function tidyFolder(folder: string, keep: boolean): void {
  if (!keep) return fs.rmSync(folder, { recursive: true, force: true });
  fs.rmSync(path.join(folder, 'files'), { recursive: true, force: true });
}

import fs from 'node:fs';
import path from 'node:path';
import { MlflowClient } from './client.js';
import type { ClientOptions } from './config.js';
import type { RunStatus } from './entities/run.js';
import type { MlflowError } from './errors.js';
import { writerLockPath } from './fluent/delivery.js';
import { pause } from './rest.js';
import type { SpoolEvent } from './sender/events.js';
import { Sender, type SenderOptions } from './sender/sender.js';
import { FileLock } from './spool/lock.js';
import { JournalWriter } from './spool/journal-writer.js';
import { readJournal } from './spool/journal-reader.js';
import { describeRun, openSpool, pendingBytes, readHeader, runFolders, tidyFolder } from './spool/spool.js';
import { readState } from './spool/state.js';
import type { Transport } from './transport/transport.js';

/** How spools are delivered. */
export interface SyncOptions extends ClientOptions {
  /** Give up on a run after this long; default 60 s. */
  readonly timeoutMs?: number;
  /** Status for runs whose process is gone without ending them; `'leave'` leaves them RUNNING. Default `KILLED`. */
  readonly reap?: Extract<RunStatus, 'KILLED' | 'FAILED'> | 'leave';
  /** Ends it at once: what is on its way is cut, and sent again by the next sync. */
  readonly signal?: AbortSignal;
  /** Told of refusals, retries and torn lines, with the run's folder. It must not throw. */
  readonly onEvent?: (event: SpoolEvent & { readonly folder: string }) => void;
  /** How requests are sent; default: `node:http` with kept-alive connections. */
  readonly transport?: Transport;
  /** Timing of the delivery; for tests and odd networks. */
  readonly delivery?: Pick<SenderOptions, 'retryBaseMs' | 'retryMaxMs' | 'settleMs' | 'lingerMs'>;
}

/** What became of one run's journal. */
export interface SyncedRun {
  /** The run's folder in the spool; removed where all is delivered and the run has ended. */
  readonly folder: string;
  /** The server's id, once known. */
  readonly runId: string | undefined;
  /** `active`: a living process delivers it itself. `pending`: the server did not take all of it in time. */
  readonly outcome: 'delivered' | 'active' | 'blocked' | 'pending';
  /** Whether the reaper ended it. */
  readonly reaped: boolean;
  /** Bytes of journal that are not delivered yet. */
  readonly pendingBytes: number;
  /** Items that the server refused for ever. */
  readonly rejected: number;
  /** Journal lines lost to a crash. */
  readonly torn: number;
  /** What stands in the way, where something does. */
  readonly error: MlflowError | undefined;
}

/**
 * Delivers the journals that earlier processes left behind, and ends runs whose process is gone. Runs that a living
 * process logs to are left to it. Safe to call at any time, from several processes at once, and again.
 */
export async function syncSpools(dir: string, options: SyncOptions = {}): Promise<SyncedRun[]> {
  const client = new MlflowClient({ ...options, maxRetries: 0 }, options.transport);
  const spool = openSpool(dir);
  const results: SyncedRun[] = [];
  for (const folder of runFolders(spool.dir)) results.push(await syncFolder(folder, client, options));
  return results;
}

/**
 * Journals an end for runs whose process is gone without one, and sends nothing: what is not running is not said to
 * run, whenever its journal gets to the server. A run that is started again is RUNNING again.
 * @returns how many runs were ended.
 */
export async function endLostRuns(dir: string, status: Extract<RunStatus, 'KILLED' | 'FAILED'>): Promise<number> {
  let ended = 0;
  for (const folder of runFolders(openSpool(dir).dir)) {
    const lock = FileLock.acquire(writerLockPath(folder));
    if (lock === undefined) continue;
    try {
      if (await reap(folder, status)) ended += 1;
    } finally {
      lock.release();
    }
  }
  return ended;
}

async function syncFolder(folder: string, client: MlflowClient, options: SyncOptions): Promise<SyncedRun> {
  const lock = FileLock.acquire(writerLockPath(folder));
  if (lock === undefined) return result(folder, 'active', false);
  try {
    const header = await readHeader(folder);
    if (header === undefined) return result(folder, 'delivered', false);
    const reaped = await reap(folder, options.reap ?? 'KILLED');
    const onEvent = options.onEvent && ((event: SpoolEvent) => options.onEvent?.({ ...event, folder }));
    const sender = new Sender(folder, { client, onEvent, ...options.delivery });
    const outcome = await passWithin(sender, options);
    const before = result(folder, outcome, reaped, sender.lastError);
    if (outcome === 'delivered' && readState(folder).ended)
      tidyFolder(folder, !isAnonymous(folder, header.key) || before.rejected > 0);
    return before;
  } finally {
    lock.release();
  }
}

const OUTCOMES = { drained: 'delivered', blocked: 'blocked', stopped: 'pending' } as const;

async function passWithin(
  sender: Sender,
  { timeoutMs = 60_000, signal }: Pick<SyncOptions, 'timeoutMs' | 'signal'>,
): Promise<'delivered' | 'blocked' | 'pending' | 'active'> {
  const stop = (): void => sender.stop();
  const timer = setTimeout(stop, timeoutMs);
  signal?.addEventListener('abort', stop, { once: true });
  if (signal?.aborted) stop();
  try {
    for (let attempt = 0; attempt < 20; attempt++) {
      const passed = await sender.pass();
      if (passed !== 'locked') return OUTCOMES[passed];
      await pause(100, signal);
    }
    return 'active';
  } finally {
    clearTimeout(timer);
    signal?.removeEventListener('abort', stop);
  }
}

/** Journals an end for a run whose process died before it could; the time is that of its last sign of life. */
async function reap(folder: string, status: 'KILLED' | 'FAILED' | 'leave'): Promise<boolean> {
  const header = await readHeader(folder);
  if (status === 'leave' || header === undefined || (await hasEnded(folder))) return false;
  const at = lastWrite(folder);
  const writer = new JournalWriter(folder, header, {
    firstSegment: readState(folder).position.segment + 1,
    onAppend: () => undefined,
  });
  writer.append({ t: 'end', status, at });
  writer.close();
  return true;
}

async function hasEnded(folder: string): Promise<boolean> {
  const state = readState(folder);
  let { ended } = state;
  let { position } = state;
  for (;;) {
    const { records, next } = await readJournal(folder, position);
    if (records.length === 0) return ended;
    for (const { record } of records) {
      if (record.t === 'end') ended = true;
      else if (record.t === 'open') ended = false;
    }
    position = next;
  }
}

function lastWrite(folder: string): number {
  const times = fs
    .readdirSync(folder)
    .filter((name) => name.endsWith('.log'))
    .map((name) => fs.statSync(path.join(folder, name)).mtimeMs);
  return Math.round(Math.max(...times));
}

/** Folders of runs without a trial key are named by their key. */
function isAnonymous(folder: string, key: string): boolean {
  return path.basename(folder) === key;
}

function result(folder: string, outcome: SyncedRun['outcome'], reaped: boolean, error?: MlflowError): SyncedRun {
  const { runId, rejected, torn } = describeRun(folder);
  return { folder, runId, outcome, reaped, pendingBytes: pendingBytes(folder), rejected, torn, error };
}

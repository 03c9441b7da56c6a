import fs from 'node:fs';
import { setMaxListeners } from 'node:events';
import path from 'node:path';
import type { MlflowClient } from '../client.js';
import { MlflowAuthError, type MlflowError, MlflowInputError, MlflowServerError } from '../errors.js';
import { backoffMs, pause } from '../rest.js';
import { readJournal, type PlacedRecord } from '../spool/journal-reader.js';
import { FileLock } from '../spool/lock.js';
import { filesOf, stepOf, type HeaderRecord, type Item } from '../spool/record.js';
import { listSegments, segmentName } from '../spool/segments.js';
import { readState, writeState, type SpoolState } from '../spool/state.js';
import { CONNECTIONS } from '../transport/transport.js';
import { deliverBatch, deliverItem, type Target } from './deliver.js';
import type { SpoolEvent } from './events.js';
import { asMlflowError, BlockedError, isRefusal, isUncertain } from './failures.js';
import { isListTag, joinLists } from './list-tag.js';
import { locateRun, refuseOldServer, RUN_NAME_TAG } from './locate.js';
import { isBarrier, takeWindow, type Window } from './window.js';

/** Server and timing of a delivery. */
export interface SenderOptions {
  /** The server; one try a request, the sender has its own patience. */
  readonly client: MlflowClient;
  /** Told of refusals, retries and torn lines. It must not throw. */
  readonly onEvent?: (event: SpoolEvent) => void;
  /** First pause after a failure, doubled each time up to `retryMaxMs`, with jitter. */
  readonly retryBaseMs?: number;
  /** Longest pause after a failure, milliseconds. */
  readonly retryMaxMs?: number;
  /**
   * How long a request whose fate is unknown is feared to arrive late; nothing that it could overwrite is sent
   * meanwhile.
   */
  readonly settleMs?: number;
  /** How long to collect items before a request is made for them. */
  readonly lingerMs?: number;
}

/** Answers of 5xx in a row after which the server may be choking on the items rather than be ill. */
const POISON_ATTEMPTS = 8;
/** As many as the transport's connections: a server of several workers has all of them at work. */
const CONCURRENT_UPLOADS = CONNECTIONS;
/**
 * Uploads over new connections begin this long after one another: of a burst of them, the first worker process of the
 * server that wakes takes all, and the others have nothing to do for as long as the connections live.
 */
const STAGGER_MS = 2;
/** Connections that served an upload this long ago are still open: well below the transport's idle limit. */
const WARM_MS = 2000;
/**
 * Progress is saved at most this often while windows follow one another: on a slow disk a save costs as much as a
 * small upload.
 */
const SAVE_MS = 100;

/** Why a delivery pass ended. */
export type PassResult = 'drained' | 'stopped' | 'blocked' | 'locked';

/**
 * Delivers one run's journal in order. Holds half a megabyte of it at a time. Progress is saved while windows are
 * delivered and at the end of a pass; windows that were delivered and not noted are delivered again, in order, which
 * the server's own keys make harmless.
 */
export class Sender {
  private readonly folder: string;
  private readonly client: MlflowClient;
  private readonly options: Required<Omit<SenderOptions, 'onEvent' | 'client'>> & Pick<SenderOptions, 'onEvent'>;
  private readonly stopping = new AbortController();
  private progress: SpoolState;
  private header: HeaderRecord | undefined;
  private fence = 0;
  private failures = 0;
  private saved = 0;
  /** How many connections the last uploads left open, and when. */
  private warm = { connections: 0, at: -Infinity };
  private unsaved = false;
  /** Answers of 500 in a row for a group of items, by its first. */
  private readonly choking = new WeakMap<Item, { length: number; count: number }>();
  /** The last failure, until something succeeds. */
  lastError: MlflowError | undefined;

  constructor(folder: string, options: SenderOptions) {
    this.folder = folder;
    this.options = { retryBaseMs: 250, retryMaxMs: 30_000, settleMs: 1000, lingerMs: 50, ...options };
    // One listener for each request under way.
    setMaxListeners(0, this.stopping.signal);
    this.client = options.client.cancelledBy(this.stopping.signal);
    this.progress = readState(folder);
    // A sender that died may have left a request on its way.
    if (this.progress.position.segment > 0) this.fence = Date.now() + this.options.settleMs;
  }

  get state(): Readonly<SpoolState> {
    return this.progress;
  }

  /** Makes the pass under way end soon; what is on its way is given up and will be sent again. */
  stop(): void {
    this.stopping.abort();
  }

  /** Delivers until nothing is left, taking the sender's lock meanwhile. Never rejects because of the server. */
  async pass(): Promise<PassResult> {
    const lock = FileLock.acquire(path.join(this.folder, 'sender.lock'));
    if (lock === undefined) return 'locked';
    try {
      this.progress = readState(this.folder);
      const result = await this.drain();
      if (this.unsaved) this.save();
      return result;
    } finally {
      lock.release();
    }
  }

  private async drain(): Promise<PassResult> {
    let queue: PlacedRecord[] = [];
    for (;;) {
      if (this.stopping.signal.aborted) return 'stopped';
      if (queue.length === 0) {
        const reading = await readJournal(this.folder, this.progress.position);
        if (reading.bad > 0) {
          this.progress.torn += reading.bad;
          this.options.onEvent?.({ type: 'torn', lines: reading.bad });
        }
        if (reading.records.length === 0) {
          this.advance(reading.next);
          return 'drained';
        }
        queue = [...reading.records];
      }
      const header = queue[0].record;
      if (header.t === 'header') this.header = header;
      const window = takeWindow(queue);
      const rejected = this.progress.rejected;
      const result = await this.deliverWindow(window);
      if (result !== 'done') return result;
      queue = queue.slice(window.taken);
      for (const item of [...window.batch, ...window.others]) this.note(item);
      this.advance(window.next);
      // A refusal is told once: it is noted before anything else happens.
      if (this.progress.rejected > rejected || isBarrier(window)) this.save();
      this.removeFiles(window.others);
    }
  }

  /** Tries until every item of the window is delivered or refused. */
  private async deliverWindow(window: Window): Promise<'done' | 'stopped' | 'blocked'> {
    const done = new Set<Item>();
    let uncertain = false;
    for (;;) {
      if (this.stopping.signal.aborted) return 'stopped';
      const overwrites = window.others.length > 0 || window.batch.some((item) => item.t === 'tag');
      try {
        if (overwrites || uncertain) await pause(this.fence - Date.now(), this.stopping.signal);
        if (window.batch.length + window.others.length > 0) await this.attempt(window, done);
        this.failures = 0;
        this.lastError = undefined;
        this.noteRisks(window, uncertain);
        if (uncertain && overwrites) this.fence = Date.now() + this.options.settleMs;
        return 'done';
      } catch (error) {
        if (error instanceof BlockedError) {
          this.lastError = error.reason;
          this.options.onEvent?.({ type: 'blocked', error: error.reason });
          return 'blocked';
        }
        if (this.stopping.signal.aborted) return 'stopped';
        if (isUncertain(error)) {
          uncertain = true;
          this.fence = Date.now() + this.options.settleMs;
        }
        await this.backOff(asMlflowError(error));
      }
    }
  }

  /**
   * A request whose fate is unknown may arrive after `settleMs` all the same: what the tags that it carried are to be
   * is kept until the end, and looked at then.
   */
  private noteRisks({ batch, others }: Window, uncertain: boolean): void {
    const risks = this.progress.risks;
    for (const item of [...batch, ...others]) {
      const written = tagWritten(item);
      if (written === undefined) continue;
      const [key, value] = written;
      if (!uncertain && !(key in risks)) continue;
      risks[key] = value !== null && isListTag(key) ? joinLists(risks[key] ?? undefined, value) : value;
    }
  }

  private async backOff(error: MlflowError): Promise<void> {
    this.lastError = error;
    const slow = error instanceof MlflowAuthError;
    const inMs = Math.min(this.options.retryMaxMs, slow ? 10_000 : backoffMs(this.failures, this.options.retryBaseMs));
    this.failures += 1;
    this.options.onEvent?.({ type: 'retry', error, inMs });
    await pause(inMs, this.stopping.signal);
  }

  private async attempt(window: Window, done: Set<Item>): Promise<void> {
    const target = await this.target();
    const batch = window.batch.filter((item) => !done.has(item));
    const others = window.others.filter((item) => !done.has(item));
    const tasks: (() => Promise<void>)[] = others.map(
      (item) => () => this.halving(target, [item], done, ([only]) => deliverItem(target, only)),
    );
    if (batch.length > 0)
      tasks.unshift(() => this.halving(target, batch, done, (items) => deliverBatch(target, items)));
    let failure: unknown;
    const stagger = Math.min(STAGGER_MS, this.options.lingerMs);
    const warm = performance.now() - this.warm.at < WARM_MS ? this.warm.connections : 1;
    const workers = Math.min(CONCURRENT_UPLOADS, tasks.length);
    const worker = async (_: unknown, index: number): Promise<void> => {
      if (index >= warm && stagger > 0) await pause((index - warm + 1) * stagger, this.stopping.signal);
      for (
        let task = tasks.shift();
        task !== undefined && failure === undefined && !this.stopping.signal.aborted;
        task = tasks.shift()
      ) {
        try {
          await task();
        } catch (error) {
          failure ??= error;
        }
      }
    };
    await Promise.all(Array.from({ length: workers }, worker));
    // A failure may have closed some.
    this.warm = { connections: failure === undefined ? Math.max(workers, warm) : 1, at: performance.now() };
    if (failure !== undefined) throw failure;
    if (this.stopping.signal.aborted) throw new Error('stopped before all was sent');
  }

  /** Delivers items together; where the server refuses them, each half by itself, down to the one that is bad. */
  private async halving(
    target: Target,
    items: readonly Item[],
    done: Set<Item>,
    deliver: (items: readonly Item[]) => Promise<void>,
  ): Promise<void> {
    try {
      await deliver(items);
      for (const item of items) done.add(item);
      this.failures = 0;
    } catch (error) {
      if (!isRefusal(error) && !(await this.isPoisoned(target, error, items))) throw error;
      await this.requireActive(target);
      if (items.length > 1) {
        const middle = items.length >> 1;
        await this.halving(target, items.slice(0, middle), done, deliver);
        await this.halving(target, items.slice(middle), done, deliver);
      } else if (!done.has(items[0])) {
        done.add(items[0]);
        this.failures = 0;
        this.reject(items[0], asMlflowError(error));
      }
    }
  }

  /**
   * Whether the server fails on just these items again and again, with an error of its own, while it answers other
   * questions: then they count as refused. Any other outcome for the same items starts the count anew.
   */
  private async isPoisoned(target: Target, error: unknown, items: readonly Item[]): Promise<boolean> {
    if (!(error instanceof MlflowServerError) || error.status !== 500) {
      this.choking.delete(items[0]);
      return false;
    }
    const before = this.choking.get(items[0]);
    const count = before?.length === items.length ? before.count + 1 : 1;
    this.choking.set(items[0], { length: items.length, count });
    if (count < (items.length === 1 ? 2 * POISON_ATTEMPTS : POISON_ATTEMPTS)) return false;
    return target.client.getRun(target.run.runId).then(
      () => true,
      () => false,
    );
  }

  /** A deleted run refuses everything: then it is not the items that are bad. */
  private async requireActive(target: Target): Promise<void> {
    const found = await locateRun(target.client, { ...target.header, runId: target.run.runId });
    this.progress.artifactUri = found.artifactUri;
  }

  private async target(): Promise<Target> {
    const client = this.client;
    const header = this.header ?? (await this.readHeader());
    const { runId, experimentId, artifactUri } = this.progress;
    if (runId === undefined || experimentId === undefined || artifactUri === undefined) {
      await refuseOldServer(client);
      const run = await locateRun(client, header).catch(blockWhereRefused);
      Object.assign(this.progress, { runId: run.runId, experimentId: run.experimentId, artifactUri: run.artifactUri });
      writeState(this.folder, this.progress);
      return { client, folder: this.folder, header, run, state: this.progress };
    }
    return { client, folder: this.folder, header, run: { runId, experimentId, artifactUri }, state: this.progress };
  }

  /** After a restart in the middle of a segment: its first line. */
  private async readHeader(): Promise<HeaderRecord> {
    for (const segment of listSegments(this.folder).filter((number) => number >= this.progress.position.segment)) {
      const { records } = await readJournal(this.folder, { segment, offset: 0 });
      if (records[0]?.record.t === 'header') return (this.header = records[0].record);
    }
    throw new Error(`no header in ${this.folder}`);
  }

  private note(item: Item): void {
    const { steps } = this.progress;
    const step = stepOf(item);
    if (step !== undefined) steps[step[0]] = Math.max(steps[step[0]] ?? -Infinity, step[1]);
    if (item.t === 'end') this.progress.ended = true;
    else if (item.t === 'open') this.progress.ended = false;
  }

  private advance(position: SpoolState['position']): void {
    const before = this.progress.position;
    if (before.segment === position.segment && before.offset === position.offset) return;
    this.progress.position = position;
    this.unsaved = true;
    if (before.segment !== position.segment || Date.now() - this.saved >= SAVE_MS) this.save();
    if (before.segment !== position.segment) {
      for (const number of listSegments(this.folder))
        if (number < position.segment) fs.rmSync(path.join(this.folder, segmentName(number)), { force: true });
    }
  }

  private save(): void {
    writeState(this.folder, this.progress);
    this.saved = Date.now();
    this.unsaved = false;
  }

  private removeFiles(items: readonly Item[]): void {
    for (const item of items)
      for (const file of filesOf(item)) fs.rmSync(path.join(this.folder, 'files', file), { force: true });
  }

  private reject(item: Item, error: MlflowError): void {
    this.progress.rejected += 1;
    const files = filesOf(item).map((file) => path.join(this.folder, 'rejected', file));
    fs.appendFileSync(
      path.join(this.folder, 'rejected.jsonl'),
      `${JSON.stringify({ item, error: error.message, files })}\n`,
    );
    for (const file of files) keepFile(path.join(this.folder, 'files', path.basename(file)), file);
    this.options.onEvent?.({ type: 'rejected', item, error, files });
  }
}

/** A run or experiment that the server does not take is not taken the next time either: a person has to act. */
function blockWhereRefused(error: unknown): never {
  if (error instanceof MlflowInputError || isRefusal(error)) throw new BlockedError(error);
  throw error;
}

/** The tag that an item writes, and its value; null where the tag goes. */
function tagWritten(item: Item): readonly [string, string | null] | undefined {
  if (item.t === 'tag') return [item.k, item.v];
  if (item.t === 'untag') return [item.k, null];
  return item.t === 'name' ? [RUN_NAME_TAG, item.v] : undefined;
}

/** Out of the folder that is emptied after delivery: what the server refuses is the user's to look at. */
function keepFile(from: string, to: string): void {
  fs.mkdirSync(path.dirname(to), { recursive: true });
  try {
    fs.renameSync(from, to);
  } catch (error) {
    // Moved already, by a sender that died before it could note so.
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
  }
}

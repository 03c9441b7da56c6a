import fs from 'node:fs';
import path from 'node:path';
import type { MlflowError } from '../errors.js';
import { MlflowInputError } from '../errors.js';
import { pause } from '../rest.js';
import { Sender, type SenderOptions } from '../sender/sender.js';
import { JournalWriter } from '../spool/journal-writer.js';
import type { FileLock } from '../spool/lock.js';
import type { HeaderRecord, Item } from '../spool/record.js';
import { pendingBytes, tidyFolder } from '../spool/spool.js';
import { readState } from '../spool/state.js';

/** How a delivery stands. */
export interface DeliveryReport {
  /** Whether everything logged is at the server. */
  readonly delivered: boolean;
  /** The server's id of the run, once known. */
  readonly runId: string | undefined;
  /** Bytes of journal that wait for `syncSpools`. */
  readonly pendingBytes: number;
  /** Items that the server refused for ever. */
  readonly rejected: number;
  /** What stands in the way, where something does. */
  readonly error: MlflowError | undefined;
}

/** What a run's journal and its delivery begin with. */
export interface DeliveryOptions {
  /** The run's folder in the spool. */
  readonly folder: string;
  /** What the run was started with. */
  readonly header: HeaderRecord;
  /** Held by this writer; given back at the end. */
  readonly lock: FileLock;
  /** Whether the run was begun by an earlier process. */
  readonly resumed: boolean;
  /** Whether the folder is kept after the end, so that a later start finds the run again. */
  readonly keepFolder: boolean;
  /** Absent where no server is named: then everything stays in the journal. */
  readonly sender?: SenderOptions;
}

/** A run's journal and the loop that delivers it, in this process. */
export class Delivery {
  /** The run's folder in the spool. */
  readonly folder: string;
  /** What the run was started with. */
  readonly header: HeaderRecord;
  /** Whether the run was begun by an earlier process. */
  readonly resumed: boolean;
  /** Absent where no server is named. */
  readonly sender: Sender | undefined;
  /** The server's id that an earlier process noted. */
  readonly knownRunId: string | undefined;
  private readonly options: DeliveryOptions;
  private readonly writer: JournalWriter;
  private readonly lingerMs: number;
  private readonly stopping = new AbortController();
  private readonly loop: Promise<void>;
  private wake: (() => void) | undefined;
  private appended = 0;
  /** How many appends the last whole pass covered. */
  private covered = -1;
  private hurried = false;
  private closed = false;
  private waiters: (() => void)[] = [];
  private blocked = false;

  /** Opens the journal and begins to deliver. */
  constructor(options: DeliveryOptions) {
    this.options = options;
    this.folder = options.folder;
    this.header = options.header;
    this.resumed = options.resumed;
    const state = readState(options.folder);
    this.knownRunId = state.runId;
    this.lingerMs = options.sender?.lingerMs ?? 50;
    this.writer = new JournalWriter(options.folder, options.header, {
      firstSegment: state.position.segment + 1,
      onAppend: () => this.onAppend(),
    });
    this.sender = options.sender === undefined ? undefined : new Sender(options.folder, options.sender);
    this.loop = this.sender === undefined ? Promise.resolve() : this.run(this.sender);
  }

  /** Journals an item. @throws {MlflowInputError} after the end. */
  append(item: Item): void {
    if (this.closed)
      throw new MlflowInputError({
        who: 'run',
        got: 'something to log after its end',
        wanted: 'an open run',
        remedy: 'Log before end(); or start the run again with its runId or trialKey.',
      });
    this.writer.append(item);
  }

  /** Writes the journal to the disk and waits until all of it is delivered, so many milliseconds at most. */
  async flush(timeoutMs: number): Promise<DeliveryReport> {
    if (!this.closed) this.writer.sync();
    return this.report(await this.drained(timeoutMs));
  }

  /** Journals the last item, closes the journal, waits for delivery, stops the loop and gives the locks back. */
  async close(last: Item | undefined, timeoutMs: number): Promise<DeliveryReport> {
    if (last !== undefined) this.append(last);
    this.closed = true;
    this.writer.close();
    const delivered = await this.drained(timeoutMs);
    await this.halt();
    const report = this.report(delivered);
    if (delivered && last !== undefined) tidyFolder(this.folder, this.options.keepFolder || report.rejected > 0);
    this.options.lock.release();
    return report;
  }

  /** Drops everything as a killed process would: nothing is flushed, the request under way is cut. */
  async abandon(): Promise<void> {
    this.closed = true;
    this.writer.abandon();
    await this.halt();
    this.options.lock.release();
  }

  private async halt(): Promise<void> {
    this.stopping.abort();
    this.sender?.stop();
    this.wake?.();
    await this.loop;
  }

  private onAppend(): void {
    this.appended += 1;
    this.wake?.();
  }

  private async run(sender: Sender): Promise<void> {
    while (!this.stopping.signal.aborted && !this.blocked) {
      const target = this.appended;
      try {
        const result = await sender.pass();
        if (result === 'drained') this.covered = target;
        else if (result === 'blocked') this.blocked = true;
        else if (result === 'locked') await pause(200, this.stopping.signal);
      } catch (error) {
        // The spool itself failed (a disk that is full or gone): delivery waits, the run goes on.
        this.options.sender?.onEvent?.({ type: 'retry', error: asSpoolFailure(error), inMs: 1000 });
        await pause(1000, this.stopping.signal);
      }
      for (const wake of this.waiters.splice(0)) wake();
      if (this.covered === this.appended && !this.stopping.signal.aborted)
        await new Promise<void>((resolve) => {
          this.wake = resolve;
        });
      this.wake = undefined;
      if (!this.hurried) await pause(this.lingerMs, this.stopping.signal);
    }
    for (const wake of this.waiters.splice(0)) wake();
  }

  /** @returns whether everything appended before the call is delivered. */
  private async drained(timeoutMs: number): Promise<boolean> {
    if (this.sender === undefined) return false;
    const target = this.appended;
    const deadline = Date.now() + timeoutMs;
    this.hurried = true;
    try {
      while (this.covered < target && !this.blocked) {
        const left = deadline - Date.now();
        if (left <= 0) return false;
        const passed = new AbortController();
        this.waiters.push(() => passed.abort());
        await pause(left, passed.signal);
      }
    } finally {
      this.hurried = false;
    }
    return this.covered >= target;
  }

  private report(delivered: boolean): DeliveryReport {
    const state = readState(this.folder);
    return {
      delivered,
      runId: this.sender?.state.runId ?? state.runId ?? this.header.runId,
      pendingBytes: delivered || !fs.existsSync(this.folder) ? 0 : pendingBytes(this.folder),
      rejected: this.sender?.state.rejected ?? state.rejected,
      error: this.sender?.lastError,
    };
  }
}

function asSpoolFailure(error: unknown): MlflowError {
  const got = error instanceof Error ? error.message : String(error);
  return new MlflowInputError(
    { who: 'spool', got, wanted: 'a spool that can be read', remedy: 'Check the disk.' },
    { cause: error },
  );
}

/** Where a run's writer notes that it is alive. */
export function writerLockPath(folder: string): string {
  return path.join(folder, 'writer.lock');
}

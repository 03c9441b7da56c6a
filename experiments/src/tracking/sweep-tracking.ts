import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { endLostRuns, syncSpools } from 'mlflow-ts-client';
import { readSetupState } from '../machine/setup-state.js';
import { stateFolder } from '../machine/workspace.js';
import type { LacunaSweep } from '../sweep/plan/plan.js';
import { layout } from '../sweep/results/results.js';
import { trackingAddress, type TrackingChoice } from './address.js';
import { prepareComparison } from './prepare-comparison.js';
import { ANSWER_MS, whyNoMlflow } from './probe.js';
import { ensureTrackingServer } from './server.js';
import { sweepIdentity } from './sweep-identity.js';

/** For how long a server that did not answer is taken for gone, before anybody waits for it again. */
const GONE_MS = 300_000;

/** How the last delivery is made. */
interface FinishOptions {
  /** Gives up at once: what is on its way is cut and sent again by `lacuna sync`. */
  readonly signal: AbortSignal;
  /** The longest that all of it may take, the server's first answer too; without it journals have 60 s. */
  readonly timeoutMs?: number;
}

/** Which server, and how long it is waited for. */
interface TrackingOptions extends TrackingChoice {
  /** Milliseconds that the server has for its first answer. Default 20 s. */
  readonly answerMs?: number;
}

/** Tracking as a sweep sees it: where the server is, once there is one. */
export interface SweepTracking {
  /** Where trials deliver; null while no server is known to be there: then they write their journals alone. */
  readonly uri: () => string | null;
  /** What the sweep is called in MLflow. */
  readonly identity: () => string;
  /** Waits for the server that was named or is being started; null where there is none. */
  readonly opened: () => Promise<string | null>;
  /** Why there is no server. */
  readonly unavailable: () => string | null;
  /** Why something stayed behind at the last delivery, or null: all of it is at the server. */
  readonly behind: () => string | null;
  /** Delivers what the trials' journals still hold. Runs in the background, one delivery at a time. */
  readonly deliver: () => Promise<void>;
  /**
   * After the last trial: delivers everything, ends runs whose process is gone, prepares the comparison.
   * @returns its address, or null without a server.
   */
  readonly finish: (options: FinishOptions) => Promise<string | null>;
}

/**
 * Begins tracking: names the given server, or starts the local one while trials already train. A server is asked once
 * whether it answers; where it does not, everything is written to the journals and nobody waits.
 * @throws {InputError} if what was given is no server's address.
 */
export function openSweepTracking(sweep: LacunaSweep, folder: string, options: TrackingOptions): SweepTracking {
  return new Tracking(sweep, folder, options);
}

/** The longest that the journals of all trials may take after the last of them. */
const DELIVERY_MS = 60_000;

class Tracking implements SweepTracking {
  private readonly sweep: LacunaSweep;
  private readonly folder: string;
  private readonly answerMs: number;
  private readonly cancel = new AbortController();
  private readonly opening: Promise<void>;
  private address: string | null = null;
  private absent: string | null;
  private left: string | null = null;
  private delivery: Promise<void> = Promise.resolve();
  /** When the server was last found not to answer. */
  private goneAt = -Infinity;

  constructor(sweep: LacunaSweep, folder: string, options: TrackingOptions) {
    this.answerMs = options.answerMs ?? ANSWER_MS;
    this.sweep = sweep;
    this.folder = folder;
    this.absent = options.enabled ? null : 'switched off (--no-tracking)';
    const given = trackingAddress(sweep, options);
    this.address = given;
    this.opening = options.enabled ? this.open(given) : Promise.resolve();
  }

  uri(): string | null {
    return this.isGone() ? null : this.address;
  }

  identity(): string {
    return sweepIdentity(this.folder, this.sweep.name);
  }

  async opened(): Promise<string | null> {
    await this.opening;
    return this.address;
  }

  unavailable(): string | null {
    return this.absent;
  }

  behind(): string | null {
    return this.left;
  }

  deliver(): Promise<void> {
    return this.deliverWithin(20_000, 'leave');
  }

  async finish({ signal, timeoutMs }: FinishOptions): Promise<string | null> {
    const cancel = () => this.cancel.abort();
    signal.addEventListener('abort', cancel, { once: true });
    if (signal.aborted) cancel();
    const limit = timeoutMs === undefined ? undefined : setTimeout(cancel, timeoutMs);
    try {
      return await untilAborted(this.deliverLast(timeoutMs ?? DELIVERY_MS), this.cancel.signal);
    } finally {
      if (this.cancel.signal.aborted) this.absent ??= 'stopped before all was delivered';
      clearTimeout(limit);
      signal.removeEventListener('abort', cancel);
      // Nothing of tracking holds the process from here on.
      this.cancel.abort();
    }
  }

  private async open(given: string | null): Promise<void> {
    try {
      if (given === null) await this.openLocal();
      else await this.probe();
    } catch (error) {
      this.absent = error instanceof Error ? error.message : String(error);
    }
  }

  private async openLocal(): Promise<void> {
    const python = readSetupState()?.mlflow?.python ?? null;
    if (python === null) {
      this.absent = 'no Python environment with MLflow (npm run setup says what is missing)';
      return;
    }
    const dir = join(stateFolder, 'mlflow');
    const server = await ensureTrackingServer({ dir, python, signal: this.cancel.signal });
    if ('unavailable' in server) this.absent = server.unavailable;
    else this.address = server.uri;
  }

  /** Asks the server whether it is there, and notes it. */
  private async probe(): Promise<boolean> {
    if (this.address === null) return false;
    this.absent = await whyNoMlflow(this.address, this.sweep.common.tracking.experiment, {
      signal: this.cancel.signal,
      answerMs: this.answerMs,
    });
    this.left = this.absent;
    this.goneAt = this.absent === null ? -Infinity : performance.now();
    return this.absent === null;
  }

  private isGone(): boolean {
    return performance.now() - this.goneAt < GONE_MS;
  }

  private async deliverLast(timeoutMs: number): Promise<string | null> {
    await this.opening;
    await this.deliverWithin(timeoutMs, 'KILLED');
    if (this.address === null || this.absent !== null) return null;
    try {
      const identity = this.identity();
      return await prepareComparison(this.sweep, { uri: this.address, identity, signal: this.cancel.signal });
    } catch (error) {
      this.left ??= `the comparison: ${error instanceof Error ? error.message : String(error)}`;
      return this.address;
    }
  }

  private deliverWithin(timeoutMs: number, reap: 'leave' | 'KILLED'): Promise<void> {
    this.delivery = this.delivery
      .then(() => this.deliverAll(timeoutMs, reap))
      .catch((error: unknown) => {
        // The journals are kept: nothing is lost.
        this.left = error instanceof Error ? error.message : String(error);
      });
    return this.delivery;
  }

  private async deliverAll(timeoutMs: number, reap: 'leave' | 'KILLED'): Promise<void> {
    const spools = this.spools();
    // First, and without a server: runs whose process is gone get their end in the journal.
    if (reap !== 'leave') for (const { spool } of spools) await endLostRuns(spool, reap);
    await this.opening;
    // A server that was just found not to answer is not asked again.
    if (this.isGone() || !(await this.probe())) return;
    const deadline = performance.now() + timeoutMs;
    for (const { id, spool } of spools) {
      this.left = await this.deliverTrial(id, spool, Math.max(0, deadline - performance.now()));
      if (this.left !== null) return;
    }
  }

  /** Journals of the trials that are planned, of those that an earlier plan had and that were given up, of a search. */
  private spools(): { id: string; spool: string }[] {
    const planned = this.sweep.trials.map(({ id }) => id);
    const trials = layout.trials(this.folder);
    const others = existsSync(trials) ? readdirSync(trials).filter((id) => !planned.includes(id)) : [];
    const spools = [...planned, ...others].map((id) => ({ id, spool: layout.spool(layout.trial(this.folder, id)) }));
    const search = { id: 'search', spool: layout.searchSpool(this.folder) };
    return [...spools, search].filter(({ spool }) => existsSync(spool));
  }

  /** @returns why something of the trial stayed behind, or null. */
  private async deliverTrial(id: string, spool: string, timeoutMs: number): Promise<string | null> {
    const results = await syncSpools(spool, {
      trackingUri: this.address!,
      timeoutMs,
      reap: 'leave',
      signal: this.cancel.signal,
    });
    const kept = results.find(({ outcome }) => outcome === 'pending' || outcome === 'blocked');
    return kept ? `trial ${id}: ${kept.error?.message ?? 'not taken within the time'}` : null;
  }
}

/** What work gives, or null as soon as the signal aborts; the work's own failure after that is nobody's. */
function untilAborted<T>(work: Promise<T>, signal: AbortSignal): Promise<T | null> {
  return new Promise((resolve, reject) => {
    if (signal.aborted) resolve(null);
    signal.addEventListener('abort', () => resolve(null), { once: true });
    work.then(resolve, reject);
  });
}

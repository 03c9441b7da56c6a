import { PassThrough } from 'node:stream';
import { FailureError } from '@lacuna/core';
import type { Executor, Job, JobEnd, QueueSpec, RunningJob, TrialMessage, Verdict } from '@lacuna/sweep';
import { layout } from '../sweep/results/results.js';
import { HIDDEN_MS } from './shared-folder.js';
import { standingsOf, type TrialStanding } from './standings.js';
import { submitTrials } from './submit-trials.js';
import { readValidations, writeVerdict } from './verdict-files.js';

/** The first and the longest pause between two questions to the scheduler, in ms: the longer, the less happens. */
const FIRST_PAUSE_MS = 1000;
const LONGEST_PAUSE_MS = 15_000;

/** What {@link queueExecutor} is told. */
export interface QueueExecutorOptions {
  /** The sweep's. */
  readonly folder: string;
  readonly executor: QueueSpec;
  /** Told of a trial that the scheduler does not take, or whose job somebody cancelled: the search is to stop. */
  readonly onRefused: (reason: FailureError) => void;
  /** Told of what passes by itself, such as a scheduler that does not answer. */
  readonly print: (line: string) => void;
}

/**
 * Runs trials as jobs of a cluster, for a search, which has to know how they end: each is submitted by itself and
 * followed by its folder and by the scheduler's answer. A trial that is queued or runs already is followed and not
 * submitted again. To stop is to stop following: jobs stay with the scheduler.
 */
export function queueExecutor(options: QueueExecutorOptions): Executor {
  return new QueueExecutor(options);
}

class QueueExecutor implements Executor {
  private readonly followed = new Map<string, FollowedTrial>();
  private readonly options: QueueExecutorOptions;
  private timer: NodeJS.Timeout | null = null;
  private pauseMs = FIRST_PAUSE_MS;
  private isSilent = false;

  constructor(options: QueueExecutorOptions) {
    this.options = options;
  }

  start({ id }: Job): RunningJob {
    const { folder } = this.options;
    const trial = new FollowedTrial(layout.trial(folder, id));
    this.followed.set(id, trial);
    void trial.ended.then(() => this.followed.delete(id));
    const [standing] = standingsOf(folder, [id]);
    if (standing.kind !== 'queued' && standing.kind !== 'running') this.submit(id, trial);
    this.askAfter(FIRST_PAUSE_MS);
    return trial;
  }

  private submit(id: string, trial: FollowedTrial): void {
    const { folder, executor, onRefused } = this.options;
    try {
      submitTrials(folder, [id], { executor, onSubmitted: () => trial.wasSubmitted() });
    } catch (error) {
      if (!(error instanceof FailureError)) throw error;
      onRefused(error);
      trial.leave(error.message);
    }
  }

  private askAfter(pauseMs: number): void {
    if (this.timer !== null) clearTimeout(this.timer);
    this.pauseMs = pauseMs;
    this.timer = this.followed.size === 0 ? null : setTimeout(() => this.ask(), pauseMs);
  }

  /** Looks at all trials at once. */
  private ask(): void {
    const standings = this.standings();
    const news = standings.map((standing) => this.take(standing));
    this.askAfter(news.includes(true) ? FIRST_PAUSE_MS : Math.min(LONGEST_PAUSE_MS, 2 * this.pauseMs));
  }

  /** None where the scheduler does not answer, which is said once. */
  private standings(): TrialStanding[] {
    try {
      const standings = standingsOf(this.options.folder, [...this.followed.keys()]);
      this.isSilent = false;
      return standings;
    } catch (error) {
      if (!(error instanceof FailureError)) throw error;
      if (!this.isSilent) this.options.print(`${error.message}; asked again until it answers`);
      this.isSilent = true;
      return [];
    }
  }

  /** @returns whether there was news of the trial. */
  private take(standing: TrialStanding): boolean {
    const trial = this.followed.get(standing.id)!;
    const next = trial.take(standing);
    if (next === 'submit') this.submit(standing.id, trial);
    if (next === 'cancelled') {
      this.options.onRefused(cancelled(standing));
      trial.leave('cancelled');
    }
    return next !== 'wait';
  }
}

const cancelled = ({ id, job }: TrialStanding): FailureError =>
  new FailureError({
    who: `trial ${id}`,
    got: `job ${job ?? '–'}, which was cancelled`,
    wanted: 'a job that ends by itself',
    remedy: 'the same command goes on with its point; lacuna cancel ends the jobs that are left',
  });

/** One trial that is a job of a cluster, as the search sees it. */
class FollowedTrial implements RunningJob {
  readonly handle = {};
  readonly messages = new PassThrough({ objectMode: true });
  readonly ended: Promise<JobEnd>;
  private readonly folder: string;
  private validationsTold = 0;
  private progressTold = '';
  private stepAtSubmission = -1;
  private step = 0;
  private endSeen: number | null = null;
  private isOver = false;
  private resolve!: (end: JobEnd) => void;

  constructor(folder: string) {
    this.folder = folder;
    this.ended = new Promise((resolve) => {
      this.resolve = resolve;
    });
  }

  /** Jobs are not asked to end: the search goes on with them when it is begun again. */
  stop(): void {
    this.leave('left with the scheduler');
  }

  kill(): void {
    this.stop();
  }

  answer(verdict: Verdict): void {
    if (verdict.prune !== null) writeVerdict(this.folder, verdict);
  }

  wasSubmitted(): void {
    this.stepAtSubmission = this.step;
    this.endSeen = null;
  }

  /** Is followed no longer; its point stays open. */
  leave(reason: string): void {
    this.end({ kind: 'done', status: 'stopped', reason });
  }

  /** What is to be done about where a trial stands; `told` where it was told on. */
  take(standing: TrialStanding): 'wait' | 'told' | 'submit' | 'cancelled' {
    const news = this.tellValidations() || this.tellProgress(standing);
    const { kind, reason, record, job } = standing;
    if (kind === 'queued' || kind === 'running') return news ? 'told' : 'wait';
    if (kind === 'finished' || kind === 'diverged' || kind === 'pruned') {
      this.end({ kind: 'done', status: kind, ...(reason === '' ? {} : { reason }) });
      return 'told';
    }
    if (kind === 'cancelled') return 'cancelled';
    // Where nobody queued it again by itself; one that makes no step any more is not tried for ever.
    if (kind === 'stopped' && this.step > this.stepAtSubmission) return 'submit';
    const isTold = record !== null && record.job === job && record.state !== 'running';
    if (!isTold && !this.isGone()) return 'wait';
    this.end({ kind: 'error', message: reason === '' ? 'the scheduler does not know its job' : reason, exitCode: 1 });
    return 'told';
  }

  /** Whether a job ended so long ago that its result would be seen, if there were one. */
  private isGone(): boolean {
    this.endSeen ??= performance.now();
    return performance.now() - this.endSeen > HIDDEN_MS;
  }

  private tellValidations(): boolean {
    const fresh = readValidations(this.folder).slice(this.validationsTold);
    this.validationsTold += fresh.length;
    for (const validation of fresh) this.messages.write({ kind: 'validation', ...validation } satisfies TrialMessage);
    return fresh.length > 0;
  }

  private tellProgress({ kind, record, job }: TrialStanding): boolean {
    const own = record?.job === job ? record.progress : null;
    this.step = Math.max(this.step, own?.step ?? 0);
    const queued = {
      step: this.step,
      steps: 0,
      loss: null,
      score: null,
      stepMs: null,
      note: `${kind}, job ${job ?? '–'}`,
    };
    const progress = kind === 'running' && own ? own : queued;
    const text = JSON.stringify(progress);
    if (text === this.progressTold) return false;
    this.progressTold = text;
    this.messages.write({ kind: 'progress', ...progress } satisfies TrialMessage);
    return true;
  }

  private end(message: TrialMessage): void {
    if (this.isOver) return;
    this.isOver = true;
    this.messages.end(message);
    this.resolve({ kind: 'exited', code: 0, output: null });
  }
}

import type { JobSource, QueuedJob } from '../run/job-source.js';
import type { JournalEntry } from '../run/journal.js';
import { joulesOf, type BudgetSpec } from './budget-spec.js';

/** What a sweep has used, over all its runs. */
interface Usage {
  readonly trials: number;
  readonly hours: number;
  readonly joules: number;
  readonly gpuHours: number;
}

/** How a budget is kept. */
export interface BudgetOptions {
  readonly budget: BudgetSpec;
  /** The journal of earlier runs. */
  readonly earlier: readonly JournalEntry[];
  /** Energy of a trial that has ended; 0 where it left no result. */
  readonly joulesOfTrial: (id: string) => number;
  /** GPUs that a trial has: a part of one where several share it. */
  readonly gpusOfTrial: number;
  /** Told once, when something is used up. */
  readonly onUsedUp: (what: string) => void;
  /** Milliseconds since 1970. */
  readonly now?: () => number;
}

/** Jobs until the budget is used up: then what runs is let end, and nothing else begins. */
export function withinBudget(jobs: JobSource, options: BudgetOptions): JobSource {
  return new Budgeted(jobs, options);
}

class Budgeted implements JobSource {
  private readonly jobs: JobSource;
  private readonly options: BudgetOptions;
  private readonly meter = new Meter();
  private readonly now: () => number;
  private joules = 0;
  private isSaid = false;

  constructor(jobs: JobSource, options: BudgetOptions) {
    this.jobs = jobs;
    this.options = options;
    this.now = options.now ?? Date.now;
    for (const { trial, state, time } of options.earlier) {
      if (state === 'running') this.meter.start(trial, time);
      else this.meter.end(trial, time);
    }
    this.meter.endAll();
    for (const trial of this.meter.trials) this.joules += options.joulesOfTrial(trial);
  }

  async take(): Promise<QueuedJob | undefined> {
    if (this.isUsedUp()) return undefined;
    const job = await this.jobs.take();
    if (job) this.meter.start(job.id, this.now());
    return job;
  }

  whyNot(job: QueuedJob) {
    return this.jobs.whyNot?.(job) ?? null;
  }

  async judge(...validation: Parameters<NonNullable<JobSource['judge']>>) {
    return (await this.jobs.judge?.(...validation)) ?? null;
  }

  async end(...[id, end]: Parameters<JobSource['end']>): Promise<void> {
    this.meter.end(id, this.now());
    this.joules += this.options.joulesOfTrial(id);
    await this.jobs.end(id, end);
  }

  private isUsedUp(): boolean {
    const { budget, gpusOfTrial, onUsedUp } = this.options;
    const { hours, trialHours } = this.meter.read(this.now());
    const trials = this.meter.trials.size;
    const what = usedUp(budget, { trials, hours, joules: this.joules, gpuHours: trialHours * gpusOfTrial });
    if (what !== null && !this.isSaid) onUsedUp(what);
    this.isSaid ||= what !== null;
    return what !== null;
  }
}

/** The first part of a budget that is used up: "2.10 of 2 hours"; null where there is more of all. */
function usedUp(budget: BudgetSpec, used: Usage): string | null {
  const { trials = Infinity, hours = Infinity, energy, gpuHours = Infinity } = budget;
  if (used.trials >= trials) return `${used.trials} of ${trials} trials`;
  if (used.hours >= hours) return `${used.hours.toFixed(2)} of ${hours} hours`;
  if (used.gpuHours >= gpuHours) return `${used.gpuHours.toFixed(2)} of ${gpuHours} GPU hours`;
  if (energy === undefined || used.joules < joulesOf(energy)) return null;
  return `${(used.joules / 3.6e6).toPrecision(3)} kWh of ${energy}`;
}

/**
 * Time in which trials ran: of each, and in which at least one did. A trial whose end nobody wrote down (its sweep was
 * killed) counts until the last line of the journal.
 */
class Meter {
  /** All that have begun. */
  readonly trials = new Set<string>();
  private readonly since = new Map<string, number>();
  private last = 0;
  private busyMs = 0;
  private trialMs = 0;

  start(trial: string, time: number): void {
    this.advance(time);
    this.trials.add(trial);
    this.since.set(trial, time);
  }

  end(trial: string, time: number): void {
    this.advance(time);
    this.since.delete(trial);
  }

  endAll(): void {
    this.since.clear();
  }

  read(time: number): { hours: number; trialHours: number } {
    this.advance(time);
    return { hours: this.busyMs / 3.6e6, trialHours: this.trialMs / 3.6e6 };
  }

  private advance(time: number): void {
    // Clocks may be set back.
    const passed = Math.max(0, time - this.last);
    if (this.since.size > 0) this.busyMs += passed;
    this.trialMs += passed * this.since.size;
    this.last = time;
  }
}

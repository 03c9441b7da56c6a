import { InputError } from '@lacuna/core';
import type { Validation } from '../executor/executor.js';
import type { JobSource, QueuedJob, TrialEnd } from '../run/job-source.js';
import type { Trial } from '../plan/trial-list.js';
import type { Search } from './plan-search.js';
import type { PruneSpec } from './search-spec.js';
import type { Labels, Study, StudyEnd, StudyTrial } from './study.js';

/** What a trial that has ended is worth. */
export type TrialOutcome =
  | {
      readonly state: 'finished';
      /** By objective; null for a score that is undefined. */
      readonly values: Readonly<Record<string, number | null>>;
      /** Scores of single validation regions by the first objective, for the Wilcoxon pruner. */
      readonly regions: readonly number[];
    }
  | { readonly state: 'diverged' | 'pruned'; readonly reason: string };

/** What a search is run with. */
export interface SearchSourceOptions<Config> {
  readonly search: Search<Config>;
  readonly study: Study;
  /** What the study knows of when it is opened. */
  readonly known: readonly StudyTrial[];
  readonly jobOf: (trial: Trial<Config>) => QueuedJob;
  /** What a trial left in its folder; null where it has not ended. */
  readonly outcomeOf: (trial: Trial<Config>) => TrialOutcome | null;
  /** Told of a point's trials before any of them begins, also of those of earlier runs. */
  readonly onPoint: (point: AskedPoint<Config>) => void;
  /** Told of a point whose values do not go together. */
  readonly onRefused: (number: number, reason: string) => void;
}

/** A point that was chosen, with its trials. */
export interface AskedPoint<Config> {
  readonly number: number;
  readonly point: Labels;
  readonly trials: readonly Trial<Config>[];
}

/** A point whose trials are not all done. */
interface OpenPoint<Config> extends AskedPoint<Config> {
  /** Trials that nobody has taken. */
  waiting: Trial<Config>[];
  /** Outcomes of those that have ended, by id. */
  readonly outcomes: Map<string, TrialOutcome | null>;
  failure: string | null;
}

/**
 * Trials of the points that Optuna chooses, as many as the spec says: those of earlier runs that were stopped come
 * first. A point is told once all its trials have ended.
 */
export async function searchSource<Config>(options: SearchSourceOptions<Config>): Promise<JobSource> {
  const source = new SearchSource(options);
  for (const { number, point, state } of options.known) {
    if (state === 'RUNNING') await source.open(number, point);
    else source.tellOf(number, point);
  }
  return source;
}

class SearchSource<Config> implements JobSource {
  private readonly options: SearchSourceOptions<Config>;
  private readonly points: OpenPoint<Config>[] = [];
  private asked: number;
  /** Trials that run, with everyone who waits for their end: a point may repeat an earlier one. */
  private readonly running = new Map<string, OpenPoint<Config>[]>();

  constructor(options: SearchSourceOptions<Config>) {
    this.options = options;
    this.asked = options.known.length;
  }

  async take(): Promise<QueuedJob | undefined> {
    for (;;) {
      const trial = this.nextWaiting();
      if (trial) return this.options.jobOf(trial);
      if (this.asked >= this.options.search.spec.trials) return undefined;
      // Before it is awaited: workers ask side by side.
      this.asked++;
      const { number, point } = await this.options.study.ask();
      await this.open(number, point);
    }
  }

  async judge(id: string, { step, values }: Validation): Promise<string | null> {
    const { prune, maximise, minimise } = this.options.search.spec;
    if (!prune || prune.kind === 'wilcoxon') return null;
    const [objective] = [...maximise, ...minimise];
    const metric = objective.replace(/^validation\//, '');
    const value = values[metric];
    // Of several seeds the first one decides for all.
    const open = this.running.get(id)?.find(({ trials }) => trials[0].id === id);
    if (!open || value === undefined) return null;
    const isPruned = await this.options.study.report(open.number, [[step, value]]);
    return isPruned ? `${prune.kind} at step ${step}, ${metric} ${value.toPrecision(4)}` : null;
  }

  async end(id: string, end: TrialEnd): Promise<void> {
    const open = this.running.get(id) ?? [];
    this.running.delete(id);
    // What was stopped goes on when the search does: its point stays open.
    if (end.state === 'interrupted') return;
    for (const point of open) {
      const trial = point.trials.find((each) => each.id === id)!;
      const outcome = this.options.outcomeOf(trial);
      point.outcomes.set(id, outcome);
      if (end.state === 'failed' || outcome === null) point.failure ??= end.reason ?? 'no result';
      await this.goOn(point);
    }
  }

  /** Makes a point's trials: those that have no result wait for their turn. */
  async open(number: number, point: Labels): Promise<void> {
    const made = this.tellOf(number, point);
    if (made === null) return;
    const open: OpenPoint<Config> = { number, point, trials: made, waiting: [], outcomes: new Map(), failure: null };
    this.points.push(open);
    await this.goOn(open);
  }

  /** Says which trials a point has; null where its values do not go together, which is then told. */
  tellOf(number: number, point: Labels): readonly Trial<Config>[] | null {
    const { search, onPoint, onRefused, study } = this.options;
    try {
      const trials = search.plan(number, point);
      onPoint({ number, point, trials });
      return trials;
    } catch (error) {
      if (!(error instanceof InputError)) throw error;
      onRefused(number, error.message);
      void study.tell(number, { state: 'fail', reason: error.message }, {}).catch(() => undefined);
      return null;
    }
  }

  /** What is next for a point: its trials' turn, or its end. */
  private async goOn(open: OpenPoint<Config>): Promise<void> {
    const { prune } = this.options.search.spec;
    for (const trial of open.trials) {
      if (open.outcomes.has(trial.id)) continue;
      const outcome = this.options.outcomeOf(trial);
      if (outcome) open.outcomes.set(trial.id, outcome);
    }
    const stopped = this.whyStopped(open) ?? (await this.worse(open));
    const lacking = open.trials.filter(({ id }) => !open.outcomes.has(id));
    const isRunning = lacking.some(({ id }) => this.running.get(id)?.includes(open));
    if (stopped !== null || lacking.length === 0) {
      open.waiting = [];
      if (!isRunning) await this.close(open, stopped);
      return;
    }
    const idle = lacking.filter(({ id }) => !this.running.get(id)?.includes(open));
    // Seed after seed where each may be the last one.
    open.waiting = prune ? idle.slice(0, isRunning ? 0 : 1) : idle;
  }

  /** Why a point's other trials are left out; null where they are not. */
  private whyStopped({ outcomes, failure }: OpenPoint<Config>): StudyEnd | null {
    if (failure !== null) return { state: 'fail', reason: failure };
    for (const outcome of outcomes.values())
      if (outcome && outcome.state !== 'finished') return { state: 'pruned', reason: describe(outcome) };
    return null;
  }

  /** Whether the scores of the seeds that have ended are worse than those of the best point, by the Wilcoxon pruner. */
  private async worse(open: OpenPoint<Config>): Promise<StudyEnd | null> {
    const { search, study } = this.options;
    if (search.spec.prune?.kind !== 'wilcoxon') return null;
    const scores = open.trials.flatMap(({ id }, seed) => {
      const outcome = open.outcomes.get(id);
      const regions = outcome?.state === 'finished' ? outcome.regions : [];
      return regions.map((value, i) => [seed * MOST_REGIONS + i, value] as const);
    });
    if (scores.length === 0) return null;
    const isPruned = await study.report(open.number, scores);
    const isLast = open.trials.every(({ id }) => open.outcomes.has(id));
    if (!isPruned || isLast) return null;
    return { state: 'pruned', reason: `${describePrune(search.spec.prune)} after ${open.outcomes.size} seeds` };
  }

  private async close(open: OpenPoint<Config>, stopped: StudyEnd | null): Promise<void> {
    this.points.splice(this.points.indexOf(open), 1);
    const notes = { trials: open.trials.map(({ id }) => id) };
    await this.options.study.tell(open.number, stopped ?? this.valuesOf(open), notes);
  }

  /** Means over the seeds. */
  private valuesOf({ trials, outcomes }: OpenPoint<Config>): StudyEnd {
    const { maximise, minimise } = this.options.search.spec;
    const values: number[] = [];
    for (const objective of [...maximise, ...minimise]) {
      const scores = trials.map(({ id }) => {
        const outcome = outcomes.get(id);
        return outcome?.state === 'finished' ? (outcome.values[objective] ?? null) : null;
      });
      const defined = scores.filter((score) => score !== null);
      if (defined.length < scores.length) return { state: 'fail', reason: `${objective} has no value` };
      values.push(defined.reduce((sum, score) => sum + score, 0) / defined.length);
    }
    return { state: 'complete', values };
  }

  /** The next trial that nobody runs; points that repeat a trial wait for it with the one that began it. */
  private nextWaiting(): Trial<Config> | undefined {
    for (const open of this.points) {
      for (let trial = open.waiting.shift(); trial; trial = open.waiting.shift()) {
        const others = this.running.get(trial.id);
        this.running.set(trial.id, [...(others ?? []), open]);
        if (!others) return trial;
      }
    }
    return undefined;
  }
}

/** Steps that Optuna counts for the regions of a seed. */
const MOST_REGIONS = 1_000_000;

const describe = ({ state, reason }: Exclude<TrialOutcome, { state: 'finished' }>): string => `${state}: ${reason}`;

const describePrune = ({ kind }: PruneSpec): string => kind;

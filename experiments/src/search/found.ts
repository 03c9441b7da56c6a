import { readJournal, type SearchSpec } from '@lacuna/sweep';
import type { LacunaSweep, LacunaTrial } from '../sweep/plan/plan.js';
import { layout, readResult, type TrialResult } from '../sweep/results/results.js';
import { objectiveValue } from './objectives.js';

/** A point of a search, and how it ended. */
export interface FoundPoint {
  /** "geometry #12". */
  readonly title: string;
  readonly trials: readonly LacunaTrial[];
  /** Of the trials that have one. */
  readonly results: readonly TrialResult[];
  /** Values of the fields that it has, by path. */
  readonly values: Readonly<Record<string, unknown>>;
  /** Means over the seeds; null where the point has no value. */
  readonly objectives: Readonly<Record<string, number | null>>;
  readonly state: 'finished' | 'pruned' | 'diverged' | 'failed' | 'open';
  readonly reason: string;
  /** Training steps of all its trials. */
  readonly steps: number;
}

/** What a search has found so far. */
export interface Found {
  readonly spec: SearchSpec;
  /** In the order in which they were chosen. */
  readonly points: readonly FoundPoint[];
  /** Those with a value of every objective, best first. */
  readonly ranked: readonly FoundPoint[];
}

/** What a search has found, as its folder tells; null for a sweep that is none. */
export function foundBy(sweep: LacunaSweep, folder: string): Found | null {
  const { search } = sweep;
  if (!search) return null;
  const failures = failuresIn(folder);
  const groups = new Map<string, LacunaTrial[]>();
  for (const trial of sweep.trials) groups.set(trial.group, [...(groups.get(trial.group) ?? []), trial]);
  const points = [...groups.values()].map((trials) => pointOf(trials, { folder, spec: search.spec, failures }));
  return { spec: search.spec, points, ranked: rank(points, search.spec) };
}

/** Names of the objectives, those to be maximised first. */
export const objectivesIn = ({ maximise, minimise }: SearchSpec): string[] => [...maximise, ...minimise];

/** Reasons of the trials whose last word is that they failed. */
function failuresIn(folder: string): ReadonlyMap<string, string> {
  const reasons = new Map<string, string>();
  for (const { trial, state, reason } of readJournal(folder)) {
    if (state === 'failed') reasons.set(trial, reason ?? '');
    else reasons.delete(trial);
  }
  return reasons;
}

interface PointOptions {
  readonly folder: string;
  readonly spec: SearchSpec;
  readonly failures: ReadonlyMap<string, string>;
}

function pointOf(trials: readonly LacunaTrial[], { folder, spec, failures }: PointOptions): FoundPoint {
  const results = trials.flatMap(({ id }) => readResult(layout.trial(folder, id)) ?? []);
  const ended = results.find(({ status }) => status !== 'finished');
  const failure = trials.map(({ id }) => failures.get(id)).find((reason) => reason !== undefined);
  const isWhole = results.length === trials.length && !ended;
  const objectives = objectivesIn(spec).map(
    (name) => [name, isWhole ? meanOf(results.map((result) => objectiveValue(result, name))) : null] as const,
  );
  return {
    title: trials[0].group,
    trials,
    results,
    values: trials[0].axes,
    objectives: Object.fromEntries(objectives),
    steps: results.reduce((sum, { steps }) => sum + steps, 0),
    ...stateOf({ ended, failure, isWhole }),
  };
}

function stateOf({
  ended,
  failure,
  isWhole,
}: {
  readonly ended: TrialResult | undefined;
  readonly failure: string | undefined;
  readonly isWhole: boolean;
}): Pick<FoundPoint, 'state' | 'reason'> {
  if (ended) return { state: ended.status, reason: ended.reason ?? '' };
  if (isWhole) return { state: 'finished', reason: '' };
  return failure === undefined ? { state: 'open', reason: '' } : { state: 'failed', reason: failure };
}

function meanOf(values: readonly (number | null)[]): number | null {
  const defined = values.filter((value) => value !== null);
  if (defined.length < values.length) return null;
  return defined.reduce((sum, value) => sum + value, 0) / defined.length;
}

/** By the objective; by several, those that fewer others are better than in all come first, then by the first one. */
function rank(points: readonly FoundPoint[], spec: SearchSpec): FoundPoint[] {
  const names = objectivesIn(spec);
  const whole = points.filter(({ objectives }) => names.every((name) => objectives[name] !== null));
  const costOf = ({ objectives }: FoundPoint) =>
    names.map((name) => (spec.maximise.includes(name) ? -objectives[name]! : objectives[name]!));
  const costs = new Map(whole.map((point) => [point, costOf(point)]));
  const betterOnes = new Map(
    whole.map((point) => [point, whole.filter((other) => dominates(costs.get(other)!, costs.get(point)!)).length]),
  );
  return whole.sort((a, b) => betterOnes.get(a)! - betterOnes.get(b)! || costs.get(a)![0] - costs.get(b)![0]);
}

/** Whether one point is nowhere worse than another, and somewhere better; all costs: the lower the better. */
function dominates(one: readonly number[], other: readonly number[]): boolean {
  return one.every((cost, i) => cost <= other[i]) && one.some((cost, i) => cost < other[i]);
}

/** How many points are shown with their images, curves and test scores. */
const SHOWN = 5;

/** The points that comparisons show: the best ones, and the spec's own where the search began with it. */
export function shownPoints({ spec, points, ranked }: Found): readonly FoundPoint[] {
  const best = ranked.slice(0, SHOWN);
  const methods = new Set(points.map(({ title }) => title.split(' #')[0])).size;
  const own = spec.start === 'spec' ? points.slice(0, methods).filter(({ state }) => state === 'finished') : [];
  return [...own.filter((point) => !best.includes(point)), ...best];
}

import { InputError, createRng, percentileOfSorted, type Rng } from '@lacuna/core';
import { kendallTau } from './kendall.js';

/** One method's scores on one case (an image, a seed). */
export interface ScoreRow {
  readonly method: string;
  readonly case: string;
  /** By metric; null or missing where there is none. */
  readonly values: Readonly<Record<string, number | null | undefined>>;
}

/** How two metrics order the methods. */
export interface MetricPair {
  readonly a: string;
  readonly b: string;
  /** Mean over cases of Kendall's tau-b of the methods' ranks, 1: same order, -1: opposite; null if no case has one. */
  readonly tau: number | null;
  /** 95 % interval of that mean, by resampling the cases; null below three cases. */
  readonly interval: readonly [number, number] | null;
  readonly cases: number;
  /** Pairs of methods that the two metrics order in opposite ways (on the mean over cases). */
  readonly conflicts: readonly { readonly preferredByA: string; readonly preferredByB: string }[];
  /**
   * Ranks of the methods by each metric, 1 the best, of the mean over the cases in which both have a value; ties share
   * the mean rank.
   */
  readonly ranks: readonly { readonly method: string; readonly a: number; readonly b: number }[];
  /** The case in which they agree least, with its tau. */
  readonly worst: { readonly case: string; readonly tau: number } | null;
}

/** What {@link disagreement} finds. */
export interface Disagreement {
  readonly metrics: readonly string[];
  readonly methods: readonly string[];
  /** Pairs of metrics, those that agree least first. */
  readonly pairs: readonly MetricPair[];
}

/**
 * Where metrics contradict each other over a table of methods and cases.
 *
 * In each case the methods are ranked by each metric; two metrics are compared by Kendall's tau-b of these ranks,
 * averaged over cases, with a percentile bootstrap over cases (seeded, 1000 draws).
 * @param options.better which way each metric is better; for `reference` give |value - reference's value| and `lower`.
 * @throws {InputError} with fewer than two methods or two metrics, or a metric without a direction.
 */
export function disagreement(
  rows: readonly ScoreRow[],
  { better, seed = 1 }: { better: Readonly<Record<string, 'higher' | 'lower'>>; seed?: number },
): Disagreement {
  const methods = [...new Set(rows.map((row) => row.method))];
  const cases = [...new Set(rows.map((row) => row.case))];
  const metrics = [...new Set(rows.flatMap((row) => Object.keys(row.values)))];
  if (methods.length < 2 || metrics.length < 2)
    throw new InputError({
      who: 'disagreement',
      got: `${methods.length} methods and ${metrics.length} metrics`,
      wanted: 'at least two of each',
    });
  for (const metric of metrics)
    if (!(metric in better))
      throw new InputError({
        who: 'disagreement',
        got: `metric ${metric} without a direction`,
        wanted: 'higher or lower for each metric',
      });
  const table = new Map<string, ScoreRow>(rows.map((row) => [JSON.stringify([row.method, row.case]), row]));
  /** The score, turned so that more is better. */
  const goodness = (method: string, name: string, metric: string): number | null => {
    const value = table.get(JSON.stringify([method, name]))?.values[metric];
    if (value === null || value === undefined || Number.isNaN(value)) return null;
    return better[metric] === 'higher' ? value : -value;
  };
  const pairs: MetricPair[] = [];
  for (let i = 0; i < metrics.length; i++) {
    for (let j = i + 1; j < metrics.length; j++)
      pairs.push(
        comparePair(metrics[i], metrics[j], {
          methods,
          cases,
          goodness,
          rng: createRng(seed).fork(`${metrics[i]}|${metrics[j]}`),
        }),
      );
  }
  pairs.sort((p, q) => (p.tau ?? 2) - (q.tau ?? 2));
  return { metrics, methods, pairs };
}

interface ScoredCases {
  readonly methods: readonly string[];
  readonly cases: readonly string[];
  readonly goodness: (method: string, name: string, metric: string) => number | null;
  readonly rng: Rng;
}

function comparePair(a: string, b: string, { methods, cases, goodness, rng }: ScoredCases): MetricPair {
  const taus: { case: string; tau: number }[] = [];
  const sums = new Map(methods.map((method) => [method, { a: 0, b: 0, n: 0 }]));
  for (const name of cases) {
    const scored = methods.flatMap((method) => {
      const p = goodness(method, name, a);
      const q = goodness(method, name, b);
      return p === null || q === null ? [] : [{ method, p, q }];
    });
    for (const { method, p, q } of scored) {
      const sum = sums.get(method)!;
      sum.a += p;
      sum.b += q;
      sum.n++;
    }
    const tau = kendallTau(
      scored.map((s) => s.p),
      scored.map((s) => s.q),
    );
    if (tau !== null) taus.push({ case: name, tau });
  }
  const mean = (values: number[]) => values.reduce((sum, v) => sum + v, 0) / values.length;
  const conflicts: { preferredByA: string; preferredByB: string }[] = [];
  for (let i = 0; i < methods.length; i++) {
    for (let j = 0; j < methods.length; j++) {
      const p = sums.get(methods[i])!;
      const q = sums.get(methods[j])!;
      if (p.n && q.n && p.a / p.n > q.a / q.n && p.b / p.n < q.b / q.n)
        conflicts.push({ preferredByA: methods[i], preferredByB: methods[j] });
    }
  }
  const scored = methods.filter((method) => sums.get(method)!.n > 0);
  const ranked = (side: 'a' | 'b') => meanRanks(scored.map((method) => sums.get(method)![side] / sums.get(method)!.n));
  const ranksA = ranked('a');
  const ranksB = ranked('b');
  return {
    a,
    b,
    cases: taus.length,
    conflicts,
    ranks: scored.map((method, k) => ({ method, a: ranksA[k], b: ranksB[k] })),
    tau: taus.length ? mean(taus.map((t) => t.tau)) : null,
    interval:
      taus.length >= 3
        ? bootstrap(
            taus.map((t) => t.tau),
            rng,
          )
        : null,
    worst: taus.reduce<{ case: string; tau: number } | null>(
      (worst, t) => (worst === null || t.tau < worst.tau ? t : worst),
      null,
    ),
  };
}

/** Ranks from the largest down, 1-based; equal values share the mean of their places. */
function meanRanks(values: readonly number[]): number[] {
  return values.map((v) => 1 + values.filter((w) => w > v).length + (values.filter((w) => w === v).length - 1) / 2);
}

function bootstrap(values: number[], rng: Rng): [number, number] {
  const means = Float64Array.from({ length: 1000 }, () => {
    let sum = 0;
    for (let k = 0; k < values.length; k++) sum += values[rng.integer(values.length)];
    return sum / values.length;
  }).sort();
  return [percentileOfSorted(means, 0.025), percentileOfSorted(means, 0.975)];
}

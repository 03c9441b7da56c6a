import { disagreement, type ScoreRow } from '@lacuna/iqa';
import type { TrialResult } from '../../sweep/results/results.js';
import { methodsInOrder, type ShownMetric } from '../from-results.js';
import type { DisagreementData } from '../types.js';

/**
 * Where the test scores of a sweep contradict each other. A case is one image under one seed; trials that diverged are
 * left out.
 * @returns null with fewer than two methods or metrics that have values.
 */
export function disagreementFromResults(
  results: readonly TrialResult[],
  options: { title: string; order: readonly string[]; metrics: readonly ShownMetric[] },
): DisagreementData | null {
  const finished = results.filter((result) => result.status === 'finished');
  const rows = finished.flatMap(({ method, seed, test }) => {
    // Results of older versions have the mean over images only.
    if (!test.cases) return [{ method, case: `seed ${seed}`, values: test.values }];
    return test.cases.map(({ name, values }, i, all): ScoreRow => ({
      // Two parts of one image are two cases.
      method,
      case: `${name}${all.findIndex((other) => other.name === name) < i ? ` (${i + 1})` : ''}, seed ${seed}`,
      values,
    }));
  });
  return disagreementFromRows(rows, { ...options, order: methodsInOrder(finished, options.order) });
}

/** The same from any table of methods, cases and metrics. */
export function disagreementFromRows(
  rows: readonly ScoreRow[],
  {
    title,
    order,
    metrics,
  }: { title: string; order: readonly string[]; metrics: readonly Pick<ShownMetric, 'metric' | 'name' | 'better'>[] },
): DisagreementData | null {
  const present = metrics.filter(({ metric }) => rows.some(({ values }) => typeof values[metric] === 'number'));
  const methods = order.filter((method) => rows.some((row) => row.method === method));
  if (present.length < 2 || methods.length < 2) return null;
  const nameOf = new Map(present.map(({ metric, name }) => [metric, name]));
  const table = rows.map((row) => ({
    ...row,
    values: Object.fromEntries(present.map(({ metric }) => [metric, row.values[metric]])),
  }));
  const { pairs } = disagreement(table, {
    better: Object.fromEntries(present.map(({ metric, better }) => [metric, better])),
  });
  return {
    title,
    methods: order,
    metrics: present.map(({ name }) => name),
    pairs: pairs.map((pair) => ({ ...pair, a: nameOf.get(pair.a)!, b: nameOf.get(pair.b)! })),
  };
}

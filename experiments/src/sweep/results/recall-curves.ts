import type { CurveData, MethodCurves } from '../../figures/types.js';
import { CURVE_SHARES } from '../../trial/scores/scores.js';
import type { Comparison } from './comparison.js';
import { leaderboardRows } from '../leaderboard/leaderboard-rows.js';

/**
 * Recall against the invented share on the test split, a line a method, and one for the HR image where the network is
 * known.
 * @returns null where no result has such a curve.
 */
export function recallsOf(comparison: Comparison): CurveData | null {
  const rows = leaderboardRows(comparison);
  const methods = rows.map(({ method, results, scored }): MethodCurves => ({
    method,
    seeds: scored.flatMap(({ test }, i) =>
      test.recallCurve === undefined
        ? []
        : [{ seed: results[i]?.seed ?? 0, points: test.recallCurve.map((recall, k) => [percent(k), recall] as const) }],
    ),
  }));
  if (methods.every(({ seeds }) => seeds.length === 0)) return null;
  return {
    title: comparison.title,
    x: 'invented, % of what is drawn',
    methods: rows.map(({ method }) => method),
    charts: [{ name: 'recall of the centreline', scale: 'linear', methods }],
  };
}

const percent = (index: number): number => Math.round(100 * CURVE_SHARES[index]);

import type { RankingData } from '../figures/index.js';
import { differenceTitle } from '../sweep/leaderboard/differences-text.js';
import type { Ranking } from './compare-sweeps.js';
import { describeTest } from './ranking-text.js';

/** Rankings as their figure shows them. */
export function shownRankings(rankings: readonly Ranking[]): RankingData {
  const [{ table, methods }] = rankings;
  const names = table.map(({ name }) => name).join('; ');
  return {
    title: `${methods.length} methods over ${table.length} data sets`,
    note: `mean ranks, 1 the best; bars join methods that are not told apart; ${names}`,
    charts: rankings.map((ranking) => ({
      name: differenceTitle(ranking.score),
      test: describeTest(ranking),
      methods: methods.map((method, i) => ({ method, rank: ranking.meanRanks[i] })),
      criticalDifference: ranking.criticalDifference,
      groups: ranking.groups,
    })),
  };
}

import type { LeaderboardRow } from '../leaderboard/leaderboard-rows.js';
import type { ShownScore } from './shown-scores.js';

/**
 * One line for each score in whose mean some regions count as perfect because neither image has a network there. The
 * value is right, and says nothing of a method: a mean over many such regions is flattered.
 */
export function emptyRegionLines(rows: readonly LeaderboardRow[], scores: readonly ShownScore[]): string[] {
  return scores.flatMap((score) => {
    const counts = rows.flatMap(({ method, scored }) => {
      const found = scored.map((one) => (score.level === 'own' ? one.testOwnLevel : one.test));
      const empty = found.reduce((sum, test) => sum + (test?.bothEmpty?.[score.metric] ?? 0), 0);
      const regions = found.reduce((sum, test) => sum + (test?.cases?.length ?? 0), 0);
      return empty === 0 ? [] : [`${method} ${empty} of ${regions}`];
    });
    const value = score.better === 'higher' ? 1 : 0;
    const what = `mean of ${score.name}: regions in which neither image has a network count ${value}`;
    return counts.length === 0 ? [] : [`${what}: ${counts.join(', ')}`];
  });
}

import type { Command } from 'commander';
import { foundBy } from '../search/found.js';
import { withFound } from '../search/found-text.js';
import { comparisonsOf } from '../sweep/results/comparisons.js';
import { leaderboardText } from '../sweep/leaderboard/leaderboard.js';
import type { SweepSelection } from '../sweep/plan/selection.js';
import { onSweep } from './options.js';
import { planResults, requireResults, sayMissing } from './sweep-results.js';

/** `lacuna leaderboard`: the table of what a sweep left on disk. */
export function register(program: Command): void {
  onSweep(program.command('leaderboard').description('print the leaderboard of a sweep'), leaderboardCommand);
}

function leaderboardCommand(selection: SweepSelection): void {
  const sweep = planResults(selection);
  const folder = requireResults(selection, sweep);
  console.log(withFound(foundBy(sweep, folder), leaderboardText(comparisonsOf(sweep, folder))));
  sayMissing(selection, sweep);
}
